// SPDX-License-Identifier: Apache-2.0
#pragma once

// Spelling: what somebody may have meant by a word that is not known. Only ever said, never acted
// on. Pure; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stepback {

// Letters inserted, left out, replaced, or two neighbours swapped.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, two edits away at most and never all of a short word; the first of
// equals.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace stepback
