// SPDX-License-Identifier: Apache-2.0
#pragma once

// Records for people: the history, one record in full, and why a rollback did what it did. Pure;
// any thread.

#include <span>
#include <vector>

#include "engine/query.hpp"
#include "entry/cli/table.hpp"

namespace stepback::cli {

// Deployments newest first, each with what became of it; escalated and cancelled rollbacks among
// them, for those leave no deployment behind.
Table history_table(std::span<const Deployment> deployments, std::span<const Rollback> rollbacks,
                    Instant now, std::size_t limit);

Screen deployment_screen(const Deployment& deployment, Instant now);
Screen rollback_screen(const Rollback& rollback, Instant now);

// Trigger, attribution, target, each decision in its order, checks, outcome.
Screen explain_screen(const RollbackView& view, bool verbose);

}  // namespace stepback::cli
