// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ensure.hpp"
#include "base/json.hpp"

namespace {

using namespace stepback;

// The library reads a fraction to the last digit but one: written and read again it may differ.
bool has_fraction(const json::Value& whole) {
  std::vector<const json::Value*> left{&whole};
  while (!left.empty()) {
    const auto* const value = left.back();
    left.pop_back();
    if (value->is_double()) return true;
    if (value->is_array()) {
      for (const auto& each : value->get_array()) left.push_back(&each);
    } else if (value->is_object()) {
      for (const auto& each : value->get_object()) left.push_back(&each.value());
    }
  }
  return false;
}

}  // namespace

// What was read is written, and read again the same; and no list or object is read by half.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto value = json::parse(bytes);
  if (!value) return 0;
  constexpr json::Limits wide{.bytes = std::size_t{64} << 20};
  const auto written = json::write(*value);
  const auto again = json::parse(written, wide);
  ENSURE(again.has_value());
  ENSURE(has_fraction(*value) || json::write(*again) == written);
  ENSURE(json::parse(json::write_pretty(*value), wide).has_value());
  if (!value->is_object() && !value->is_array()) return 0;
  for (std::size_t i = 1; i <= 8; ++i) {
    const auto part = json::parse(bytes.substr(0, size * i / 9));
    if (part) ENSURE(json::write(*part) == written);
  }
  return 0;
}
