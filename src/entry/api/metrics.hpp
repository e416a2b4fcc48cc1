// SPDX-License-Identifier: Apache-2.0
#pragma once

// Metrics in Prometheus' text form, from the records themselves: what a restart loses is none of
// it.

#include <string>

#include "engine/engine.hpp"
#include "entry/api/ingest.hpp"

namespace stepback {

Result<std::string> metrics_text(Engine& engine, const Ingest& ingest, const Runner& runner);

}  // namespace stepback
