// SPDX-License-Identifier: Apache-2.0
#pragma once

// What people see of what they inspect: differences between records and the world, artifacts as
// they lie, log lines, the delivery pipeline. Pure; any thread.

#include <span>

#include "engine/inspection.hpp"
#include "entry/cli/table.hpp"

namespace stepback::cli {

// What differs, each with the command that mends it, and how much is as it should be; or all of it.
Screen drift_screen(const Environment& environment, std::span<const Drift> found, bool whole);

Table artifacts_table(std::span<const ArtifactView> views, Instant now);
Screen artifact_screen(const Environment& environment, const ArtifactView& view, Instant now);
// "present", "deleted 3d ago", "expired", "never there"
std::string artifact_word(const ArtifactView& view, Instant now);
// A rule is about to take away what could be gone back to; empty: none is.
std::string door_closes(const ArtifactView& view, Instant now);

Line log_line(const LogLine& line);
Screen pipeline_screen(const Environment& environment, const PipelineSeen& seen, Instant now);

}  // namespace stepback::cli
