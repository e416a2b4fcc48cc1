// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "jmespath/jmespath.hpp"

namespace {

using namespace stepback;

const json::Value& document() {
  static const json::Value value = [] {
    auto read = json::parse(R"({"a": {"b": [1, -2.5, null, true, "x", "é"], "c": {"d": []}},
      "items": [{"name": "one", "size": 3, "tags": ["p", "q"]}, {"name": "two", "size": 1}],
      "text": "a\u0000b", "none": null, "deep": [[[[1]], [2]], []]})");
    ENSURE(read.has_value());
    return *std::move(read);
  }();
  return value;
}

}  // namespace

// A question is answered or refused; the same question to the same document has one answer, which
// is a document itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto question = jmespath::Expression::parse(text);
  if (!question) {
    ENSURE(question.error().position <= size);
    return 0;
  }
  const auto answer = question->search(document());
  const auto again = question->search(document());
  ENSURE(answer.has_value() == again.has_value());
  if (!answer) return 0;
  const auto written = json::write(*answer);
  ENSURE(json::write(*again) == written);
  return 0;
}
