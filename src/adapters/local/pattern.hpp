// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fills {environment}, {version} and the like into configured paths, addresses and arguments. What
// is filled in has been parsed before; it is put in once and never looked at again, so that a value
// can't smuggle in another name in braces.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "domain/deployment.hpp"
#include "domain/environment.hpp"

namespace stepback::local {

using Filling = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string fill_in(std::string_view pattern, Filling filling);
std::vector<std::string> fill_in(const std::vector<std::string>& patterns, Filling filling);

// The last look before a name becomes part of a path: the types say that they were parsed, and a
// forgotten parse must not become a way out of the directory.
Result<> must_be_plain(const Environment& environment);
Result<> must_be_plain(const Version& version);

// Text from outside for one line of ours: control characters are escaped, the rest is cut.
std::string one_line(std::string_view text, std::size_t longest = 300);

}  // namespace stepback::local
