// SPDX-License-Identifier: Apache-2.0
#pragma once

// What people see of a run of the pipeline: each stage with its end, what it touched, and what to
// do next. Pure functions; any thread.

#include "domain/run.hpp"
#include "entry/cli/session.hpp"
#include "entry/cli/table.hpp"

namespace stepback::cli {

Table run_table(const Run& run);
Screen run_screen(const Run& run, Instant now);
// In every form that may be asked for.
Answer answer_of(const Run& run, Instant now);
// A command that is worth a thought now; empty when there is none.
std::string next_for(const Run& run);

}  // namespace stepback::cli
