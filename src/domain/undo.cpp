// SPDX-License-Identifier: Apache-2.0
#include "domain/undo.hpp"

#include <fmt/core.h>

namespace stepback {
namespace {

bool has_switched(const Lane& lane) { return lane.acts && lane.target && lane.cutover_at; }

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
    return Undo{rollback.id, lane->from, rollback.reason};
  }
  return fail(Code::not_found, "nothing was rolled back in " + name);
}

}  // namespace stepback
