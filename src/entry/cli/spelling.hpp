// SPDX-License-Identifier: Apache-2.0
#pragma once

// Spelling: what somebody may have meant. Never acted on, only said.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stepback::cli {

// Inserted, removed, replaced and swapped letters.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, at most two edits away and never all of a short word; the first of
// equals.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

// The one of `known` that begins with `text` when there is exactly one, or that equals it.
std::optional<std::string> completed(std::string_view text, const std::vector<std::string>& known);

}  // namespace stepback::cli
