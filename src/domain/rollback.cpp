// SPDX-License-Identifier: Apache-2.0
#include "domain/rollback.hpp"

#include <algorithm>

namespace stepback {

bool changes_the_world(EffectKind kind) {
  return kind != EffectKind::find_target && kind != EffectKind::observe;
}

bool is_active(const Rollback& rollback) { return !rollback.outcome.has_value(); }

Instant wake_of(const Rollback& rollback) {
  if (!is_active(rollback)) return never;
  Instant earliest = never;
  bool waits_for_nothing = true;
  for (const auto& lane : rollback.lanes) {
    if (lane.phase == Phase::done) continue;
    waits_for_nothing = false;
    earliest = std::min(earliest, lane.wake_at);
  }
  return waits_for_nothing ? rollback.accepted_at : earliest;
}

bool is_due(Instant wake_at, Instant now) {
  return wake_at <= now || (wake_at != never && wake_at - now > minutes(15));
}

const Lane* lane_of(const Rollback& rollback, const Environment& environment) {
  const auto found = std::ranges::find(rollback.lanes, environment, &Lane::environment);
  return found == rollback.lanes.end() ? nullptr : &*found;
}

std::string idempotency_key(const Rollback& rollback, const Lane& lane, const Effect& effect) {
  return rollback.id.text + "/" + std::string(name_of(rollback.level)) + "/" +
         lane.environment.name + "/" + std::string(name_of(effect.kind)) + "/" +
         std::to_string(effect.operation);
}

}  // namespace stepback
