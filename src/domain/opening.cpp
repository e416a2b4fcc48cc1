// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ensure.hpp"
#include "domain/deciding.hpp"
#include "domain/deploying.hpp"

namespace stepback {

void hold_rejected(const Deciding& d) {
  const Rollback& rollback = d.rollback();
  if (rollback.origin == Origin::drill) return;
  add_hold(d.change_head(d.lane().environment),
           {.version = rollback.rejected.version,
            .digest = rollback.rejected.digest,
            .until = d.policy().hold_until_released ? HoldUntil::released : HoldUntil::fixed,
            .reason = rollback.reason,
            .by = rollback.requested_by,
            .since = d.now,
            .rollback = rollback.id});
}

Decision open(World world, const Opening& opening, Instant now, const Policy& policy,
              const FreshIds& ids) {
  Decision decision{.next = std::move(world), .look_at = now};
  Rollback& rollback = decision.next.rollback.value;
  rollback = Rollback{.id = ids.rollback(now), .level = opening.level, .origin = opening.origin};
  rollback.environment = opening.environment;
  rollback.rejected = opening.rejected;
  rollback.reason = opening.reason;
  rollback.trigger_key = opening.trigger_key;
  rollback.attribution = opening.attribution;
  rollback.findings = opening.findings;
  rollback.evidence = opening.evidence;
  rollback.requested_by = opening.requested_by;
  rollback.wish = opening.wish;
  rollback.accepted_at = now;
  rollback.deadline_at = now + policy.budget;
  rollback.policy = policy;
  if (opening.level == Level::full) {
    for (std::size_t i = decision.next.environments.size(); i-- > 0;) {
      rollback.lanes.push_back(unclaimed_lane(decision.next.environments[i], now, policy));
    }
  } else {
    rollback.lanes.push_back({.environment = opening.environment});
  }
  const auto primary = std::ranges::find(rollback.lanes, opening.environment, &Lane::environment);
  ENSURE(primary != rollback.lanes.end());
  primary->acts = true;
  primary->deployment = opening.deployment;
  primary->from = opening.rejected;
  primary->phase = Phase::planning;
  primary->pending = Effect{.kind = EffectKind::find_target};
  primary->wake_at = now;
  primary->deadline_at = rollback.deadline_at;

  const Deciding d{decision, static_cast<std::size_t>(primary - rollback.lanes.begin()), now, ids};
  Head& head = d.change_head(opening.environment);
  ENSURE(!head.slot);
  head.slot = rollback.id;
  head.asked.reset();  // whatever was asked for, this is the answer
  if (opening.level == Level::full) d.change_service().slot = rollback.id;
  if (opening.origin == Origin::automatic) {
    std::erase_if(head.automatic, [&](Instant begun) { return now - begun > policy.brake_window; });
    head.automatic.push_back(now);
  }
  hold_rejected(d);
  for (auto& kept : decision.next.deployments) {
    if (kept.value.id != opening.deployment) continue;
    // Automation takes a deployment back once; whatever becomes of that, then people decide.
    if (opening.origin == Origin::automatic) kept.value.rollback = rollback.id;
    if (kept.value.status == DeploymentStatus::in_progress) {
      // Its own deployer can no longer declare it succeeded.
      kept.value.status = DeploymentStatus::failed;
      kept.value.failure = opening.reason;
      kept.value.ended_at = now;
      decision.notices.push_back(deployment_ended(kept.value, now));
    }
    kept.changed = true;
  }
  d.note(opening.environment, "rollback.opened", opening.reason,
         {{"level", std::string(name_of(opening.level))},
          {"rejected", opening.rejected.version.text}});
  d.tell(NoticeKind::rollback_started, Severity::warning, opening.environment).next_command =
      "stepback watch " + rollback.id.text;
  return decision;
}

}  // namespace stepback
