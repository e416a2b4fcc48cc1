// SPDX-License-Identifier: Apache-2.0
#pragma once

// The rules of the gates, from their section of the configuration. Called by config_reading.

#include "app/section.hpp"
#include "domain/gate.hpp"

namespace stepback {

GateRules read_gates(const Section& section);

}  // namespace stepback
