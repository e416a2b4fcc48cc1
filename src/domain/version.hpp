// SPDX-License-Identifier: Apache-2.0
#pragma once

// Version: what is deployed. A value.

#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace stepback {

// What is deployed: normally a commit. Letters, digits, dots, dashes and underscores, at most 128,
// beginning with a letter or digit, without "..": safe in a path and an argument.
struct Version {
  std::string text;

  auto operator<=>(const Version&) const = default;
  bool empty() const { return text.empty(); }
};
Result<Version> parse_version(std::string_view text);

// The same, or one is the beginning, of seven digits at least, of the other, which is a commit's
// whole name: dates and counters that happen to begin alike are not shortened commits.
bool same_commit(const Version& a, const Version& b);

}  // namespace stepback
