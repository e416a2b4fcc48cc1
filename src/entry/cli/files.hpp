// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files that people name on the command line: read whole up to a limit, written whole. One thread.

#include <string>

#include "base/result.hpp"

namespace stepback::cli {

inline constexpr std::size_t largest_file = std::size_t{8} * 1024 * 1024;

Result<std::string> read_file(const std::string& path, std::size_t limit = largest_file);

// Beside it first and then in its place, so that nobody reads half of it.
Result<> write_file(const std::string& path, const std::string& bytes);

}  // namespace stepback::cli
