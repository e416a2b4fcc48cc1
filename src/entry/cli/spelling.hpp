// SPDX-License-Identifier: Apache-2.0
#pragma once

// Spelling on the command line: a name may be cut short where that leaves no doubt. What somebody
// may have meant by a word that is not known is in base/spelling. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/spelling.hpp"

namespace stepback::cli {

// The one of `known` that begins with `text` when there is exactly one, or that equals it.
std::optional<std::string> completed(std::string_view text, const std::vector<std::string>& known);

}  // namespace stepback::cli
