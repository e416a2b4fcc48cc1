// SPDX-License-Identifier: Apache-2.0
#pragma once

// Lists of checks for people: the ten boxes after a rollback, the list of fifteen before one, what
// a verdict rests on, what is questionable about the configuration. Pure; any thread.

#include <span>

#include "domain/checklist.hpp"
#include "domain/checkup.hpp"
#include "entry/cli/text.hpp"

namespace stepback::cli {

// The runbook's ten boxes. What a program cannot know stays open, and says so.
Screen checklist_screen(std::span<const Ticked> boxes);
// Every point and line that a verdict rests on; "!" marks a point that breaches.
Screen points_screen(const Observation& seen);
// The runbook's list of fifteen: what is wrong, or all of it; and how many are which.
Screen examined_screen(std::span<const Examined> all, bool whole);
Screen lint_screen(std::span<const Lint> found);

}  // namespace stepback::cli
