// SPDX-License-Identifier: Apache-2.0
#include "domain/undo.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback {
namespace {

bool has_switched(const Lane& lane) { return lane.acts && lane.target && lane.cutover_at; }

bool took_infrastructure_back(const Lane& lane) {
  return std::ranges::any_of(lane.steps, [](const Step& step) {
    return step.kind == StepKind::infrastructure && step.attempt > 0;
  });
}

}  // namespace

Result<Undo> undo_of(const Head& head, std::span<const Rollback> rollbacks) {
  const auto& name = head.environment.name;
  if (head.slot) return fail(Code::conflict, name + " is held by " + head.slot->text);
  for (const auto& rollback : rollbacks) {
    const Lane* lane = lane_of(rollback, head.environment);
    if (rollback.origin == Origin::drill || lane == nullptr || !has_switched(*lane)) continue;
    if (!head.live || head.live->version != lane->target->release.version) {
      return fail(Code::conflict,
                  fmt::format("{} went {} back to {}, and something else runs there now",
                              rollback.id.text, name, lane->target->release.version.text));
    }
    if (took_infrastructure_back(*lane)) {
      return fail(Code::denied,
                  fmt::format("{} took infrastructure back too: deploy {} anew by its pipeline",
                              rollback.id.text, lane->from.version.text));
    }
    return Undo{rollback.id, lane->from, rollback.reason};
  }
  return fail(Code::not_found, "nothing was rolled back in " + name);
}

DeployRequest request_to_undo(const Undo& undo, const Deployment& first, const std::string& by) {
  return {.environment = first.environment,
          .version = undo.release.version,
          .digest = undo.release.digest,
          .started_by = by,
          .infrastructure_changed = first.infrastructure_changed,
          .infrastructure_version = first.infrastructure_version,
          .one_way = first.one_way,
          .one_way_confirmed = true,  // it ran here before
          .undoes = undo.rollback};
}

}  // namespace stepback
