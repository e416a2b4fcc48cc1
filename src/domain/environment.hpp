// SPDX-License-Identifier: Apache-2.0
#pragma once

// Environment: where versions run (test, staging, production). Which ones exist, and their
// promotion order, comes from the configuration; here is only the name and its grammar.

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace stepback {

struct Environment {
  std::string name;

  auto operator<=>(const Environment&) const = default;
};

// A small letter, then up to 31 small letters, digits and dashes.
Result<Environment> parse_environment(std::string_view text);

// In promotion order: the last one is where users are.
using Environments = std::vector<Environment>;
bool contains(const Environments& environments, const Environment& environment);

}  // namespace stepback
