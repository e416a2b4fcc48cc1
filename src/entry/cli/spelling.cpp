// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/spelling.hpp"

#include <algorithm>

namespace stepback::cli {

std::optional<std::string> completed(std::string_view text, const std::vector<std::string>& known) {
  if (std::ranges::find(known, text) != known.end()) return std::string(text);
  std::optional<std::string> only;
  for (const auto& candidate : known) {
    if (!candidate.starts_with(text)) continue;
    if (only && *only != candidate) return std::nullopt;
    only = candidate;
  }
  return only;
}

}  // namespace stepback::cli
