// SPDX-License-Identifier: Apache-2.0
#pragma once

// Explanation: what is wrong at one place of a document, in words, from the part of the schema that
// speaks about that place. It does not decide whether something is wrong. Called by the schema
// check.

#include <string>
#include <vector>

#include "app/findings.hpp"
#include "app/yaml.hpp"
#include "base/json.hpp"

namespace stepback {

// {"environments", "0"} as "/environments/0".
std::string path_of(const std::vector<std::string>& tokens);

// Adds what it finds wrong with the value at that place, not with what is in it. False if nothing.
bool explain(const json::Value& schema, const YamlDocument& document,
             const std::vector<std::string>& tokens, Findings& findings);

}  // namespace stepback
