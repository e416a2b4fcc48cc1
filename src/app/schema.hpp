// SPDX-License-Identifier: Apache-2.0
#pragma once

// Schema: the shape of the configuration file, as the JSON Schema that editors use too. Valijson
// decides whether a file has that shape; what is said about it is ours, with the place in the file,
// what is allowed there and what may have been meant. Called by the configuration.

#include <string_view>

#include "app/findings.hpp"
#include "app/yaml.hpp"

namespace stepback {

std::string_view config_schema();  // draft-07, as it is compiled in

void check_schema(const YamlDocument& document, Findings& findings);

}  // namespace stepback
