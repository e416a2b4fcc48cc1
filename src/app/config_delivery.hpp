// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sections of an environment that say how it is delivered to: its application, infrastructure
// and pipeline. A part of the configuration's reader.

#include "app/config.hpp"
#include "app/section.hpp"

namespace stepback {

ApplicationConfig read_application(const Section& section, const Policy& policy);
// None: kind none, nothing of it is ever reverted, or stopped.
std::optional<InfrastructureConfig> read_infrastructure(const Section& section,
                                                        const Policy& policy);
std::optional<PipelineConfig> read_pipeline(const Section& section, const Policy& policy);

}  // namespace stepback
