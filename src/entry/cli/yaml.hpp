// SPDX-License-Identifier: Apache-2.0
#pragma once

// YAML for `-o yaml`: the same document as `-o json`. Every text that could be read as anything
// else is in quotes, so YAML 1.1 and 1.2 readers agree on it. Any thread.

#include <string>

#include "base/json.hpp"

namespace stepback::cli {

std::string to_yaml(const json::Value& value);  // ends with a newline

}  // namespace stepback::cli
