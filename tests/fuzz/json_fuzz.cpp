// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ensure.hpp"
#include "base/json.hpp"

// What was read is written, and read again the same; and no list or object is read by half.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stepback;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto value = json::parse(bytes);
  if (!value) return 0;
  const auto written = json::write(*value);
  const auto again = json::parse(written, {.bytes = written.size()});
  ENSURE(again && json::write(*again) == written);
  ENSURE(json::parse(json::write_pretty(*value), {.bytes = std::size_t{64} << 20}).has_value());
  if (!value->is_object() && !value->is_array()) return 0;
  for (std::size_t i = 1; i <= 8; ++i) {
    const auto part = json::parse(bytes.substr(0, size * i / 9));
    if (part) ENSURE(json::write(*part) == written);
  }
  return 0;
}
