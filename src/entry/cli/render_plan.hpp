// SPDX-License-Identifier: Apache-2.0
#pragma once

// A plan as people see it before they say yes: what would be done, how long it takes, what it
// costs, how to undo it. Pure; any thread.

#include "engine/query.hpp"
#include "entry/cli/text.hpp"

namespace stepback::cli {

// What a step is for, in a few words.
std::string purpose_of(const Step& step, const Lane& lane);

Screen plan_screen(const PlanView& view);
// The lanes with nowhere to go, each with the versions that were refused, and why.
Screen no_target_screen(const Rollback& rollback);

}  // namespace stepback::cli
