// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ensure.hpp"
#include "base/xml.hpp"

namespace {

using namespace stepback;

// Everything that the elements say, in their order.
std::string told(const Xml& root) {
  std::string all(root.name());
  root.walk([&](const Xml& element, std::size_t depth) {
    ENSURE(depth <= XmlLimits{}.depth);
    all += std::to_string(depth) + std::string(element.name()) + std::string(element.text()) +
           std::string(element.attribute_or("name", ""));
  });
  return all;
}

}  // namespace

// What parses after its end was cut off has lost nothing but what stands behind the document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = Xml::parse(bytes);
  if (!whole) return 0;
  const auto all = told(*whole);
  for (std::size_t i = 1; i <= 8; ++i) {
    const auto part = Xml::parse(bytes.substr(0, size * i / 9));
    if (part) ENSURE(told(*part) == all);
  }
  return 0;
}
