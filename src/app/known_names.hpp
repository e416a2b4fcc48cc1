// SPDX-License-Identifier: Apache-2.0
#pragma once

// Known names: what the configuration and the records on this machine call things, for completing
// what is being typed. It asks nobody else, and what cannot be read it does not know.

#include <string>

#include "app/config.hpp"
#include "entry/cli/cli.hpp"

namespace stepback {

cli::KnownNames known_names(const std::string& configuration, const Variables& variables);

}  // namespace stepback
