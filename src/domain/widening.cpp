// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <ranges>

#include "base/ensure.hpp"
#include "domain/deciding.hpp"

namespace stepback {
namespace {

// What the full rollback takes over in the environment that hands over: its slot, and the knowledge
// that the rejected version was what had to go.
void adopt(Rollback& full, const Lane& from, const Environment& environment, Instant now) {
  const auto lane = std::ranges::find(full.lanes, environment, &Lane::environment);
  ENSURE(lane != full.lanes.end());
  Lane adopted{.environment = environment};
  adopted.acts = true;
  adopted.deployment = from.deployment;
  adopted.from = from.from;
  adopted.excluded = from.excluded;
  adopted.phase = Phase::planning;
  adopted.pending = Effect{.kind = EffectKind::find_target};
  adopted.wake_at = now;
  adopted.deadline_at = full.deadline_at;
  *lane = std::move(adopted);
}

Rollback full_after(const Deciding& d, const Rollback& stage) {
  Rollback full{.id = d.ids.rollback(d.now), .level = Level::full, .origin = stage.origin};
  full.environment = stage.environment;
  full.rejected = stage.rejected;
  full.reason = stage.reason;
  full.trigger_key = stage.trigger_key;
  full.attribution = stage.attribution;
  full.findings = stage.findings;
  full.evidence = stage.evidence;
  full.requested_by = stage.requested_by;
  full.accepted_at = stage.accepted_at;  // one budget for the whole ladder
  full.deadline_at = stage.deadline_at;
  full.policy = stage.policy;
  full.warned_of_budget = stage.warned_of_budget;
  for (const auto& environment : std::views::reverse(d.decision.next.environments)) {
    full.lanes.push_back(unclaimed_lane(environment, d.now, full.policy));
  }
  return full;
}

}  // namespace

Lane unclaimed_lane(const Environment& environment, Instant now, const Policy& policy) {
  Lane lane{.environment = environment};
  lane.acts = false;
  lane.phase = Phase::claiming;
  lane.wake_at = now;
  lane.deadline_at = now + policy.claim_limit;
  return lane;
}

void hand_over(const Deciding& d, const std::string& why) {
  World& world = d.decision.next;
  Rollback& stage = d.rollback();
  const Lane& lane = d.lane();
  if (!world.full) {
    world.full = Kept<Rollback>{full_after(d, stage), true};
    d.change_service().slot = world.full->value.id;
  }
  Rollback& full = world.full->value;
  world.full->changed = true;
  adopt(full, lane, lane.environment, d.now);
  full.took_over.push_back(stage.id);
  stage.handed_to = full.id;
  ENSURE(d.head(lane.environment).slot == stage.id);
  d.change_head(lane.environment).slot = full.id;
  d.note(lane.environment, "level.raised",
         fmt::format("the stage rollback cannot succeed: {}; full rollback {} takes over", why,
                     full.id.text),
         {{"full", full.id.text}});
  Notice& notice = d.tell(NoticeKind::rollback_failed, Severity::warning, lane.environment);
  notice.reason = why;
  notice.next_command = "stepback watch " + full.id.text;
  Notice& begun = d.tell(NoticeKind::rollback_started, Severity::warning, lane.environment);
  begun.key = full.id.text + "/" + lane.environment.name + "/rollback_started";
  begun.rollback = full.id;
  begun.level = name_of(Level::full);
  begun.next_command = "stepback watch " + full.id.text;
}

}  // namespace stepback
