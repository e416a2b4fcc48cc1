// SPDX-License-Identifier: Apache-2.0
#pragma once

// What scripts see of what people inspect: drift, artifacts, log lines, delivery pipelines. Beside
// documents.hpp, under the same rules. Pure; any thread.

#include "base/json.hpp"
#include "engine/inspection.hpp"

namespace stepback::cli {

json::Value drift_document(const Environment& environment, const Drift& drift);
json::Value artifact_document(const Environment& environment, const ArtifactView& view);
json::Value log_line_document(const Environment& environment, const LogLine& line);
json::Value pipeline_document(const Environment& environment, const PipelineSeen& seen);

}  // namespace stepback::cli
