// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "fuzz/report_property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stepback;
  check_report({reinterpret_cast<const char*>(data), size}, Format::cfn_lint, GateKind::cfn);
  return 0;
}
