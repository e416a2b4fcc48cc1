// SPDX-License-Identifier: Apache-2.0
#pragma once

// Undo: what brings back what the newest rollback of an environment went back from. It is a
// deployment like any other, with its checks, its baseline and its own way back. Pure.

#include <span>

#include "domain/deploying.hpp"
#include "domain/rollback.hpp"

namespace stepback {

struct Undo {
  RollbackId rollback;
  Release release;     // that is brought back
  std::string reason;  // for which it had been taken away
};

// not_found: nothing was rolled back here. conflict: a rollback is under way, or something else has
// run since. denied: infrastructure went back too, which is its pipeline's to bring forward again.
// Rehearsals don't count. `rollbacks` newest first.
Result<Undo> undo_of(const Head& head, std::span<const Rollback> rollbacks);

// With what its first deployment said of it: what closed the way back then closes it again.
DeployRequest request_to_undo(const Undo& undo, const Deployment& first, const std::string& by);

}  // namespace stepback
