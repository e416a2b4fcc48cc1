// SPDX-License-Identifier: Apache-2.0
#pragma once

// What only the whole configuration can tell: environments that share what must be apart, alarms
// that belong to nobody, waits that do not fit into the budget. Called by parse_config.

#include "app/config.hpp"
#include "app/findings.hpp"

namespace stepback {

void check_config(const Config& config, Findings& findings);

// "/environments/2/health", or "/defaults/health" where the environment has none of its own.
std::string section_path(const YamlDocument& document, std::size_t environment,
                         std::string_view section);

}  // namespace stepback
