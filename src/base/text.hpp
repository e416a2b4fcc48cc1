// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text: fills {environment}, {version} and the like into configured patterns, and makes foreign
// text fit for a line of ours. What is filled in has been parsed before; it is put in once and
// never looked at again, so that a value can't smuggle in another name in braces. Pure; any thread.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stepback {

using Filling = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string fill_in(std::string_view pattern, Filling filling);
std::vector<std::string> fill_in(const std::vector<std::string>& patterns, Filling filling);

// Control characters are escaped. What is longer is cut where a character ends, and "..." stands
// for the rest; so it is up to six bytes longer than `longest`.
std::string one_line(std::string_view text, std::size_t longest = 300);

}  // namespace stepback
