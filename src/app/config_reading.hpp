// SPDX-License-Identifier: Apache-2.0
#pragma once

// Turns a document of the right shape into a Config, with the defaults filled in, and checks what
// one setting or its neighbours can tell by themselves. What takes the whole of it is in
// config_checks. Called by parse_config.

#include "app/config.hpp"
#include "app/section.hpp"

namespace stepback {

// In config_stages.cpp: the stages of the pipeline, each checked by itself.
std::vector<StagePlan> read_stages(const Section& root);

Config read_config(const Section::File& file);

// Of one key, or of a list; what is no reference the schema has refused.
std::optional<SecretReference> read_reference(const Section& section, std::string_view key);
std::vector<SecretReference> read_references(const Section& section, std::string_view key);

}  // namespace stepback
