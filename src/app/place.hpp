// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the configuration is found: --config, STEPBACK_CONFIG, ./stepback.yaml and upwards to the
// repository's root, the user's and the system's folder, in this order; last, a demo's that runs.

#include <string>

#include "app/config.hpp"

namespace stepback {

Result<std::string> configuration_path(const std::string& asked_for, const Variables& variables);

// Where the user's demo is, if one runs.
std::string demo_folder(const Variables& variables);

// Writes a commented configuration for one machine, in shadow mode. conflict: there is one.
Result<std::string> write_first_configuration(const std::string& path);

}  // namespace stepback
