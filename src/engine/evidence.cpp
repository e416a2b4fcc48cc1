// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/query.hpp"

namespace stepback {
namespace {

constexpr Duration before_it = hours(2);
constexpr Duration pattern_within = days(30);
constexpr std::size_t history_shown = 10;
constexpr std::size_t records_read = 200;

bool tells_of(const Rollback& rollback, const Deployment& deployment) {
  if (deployment.rollback == rollback.id) return true;
  return std::ranges::any_of(rollback.lanes, [&](const Lane& lane) {
    return lane.deployment == deployment.id ||
           (lane.target && lane.target->release.deployment == deployment.id);
  });
}

}  // namespace

Result<Evidence> Query::evidence(const RollbackId& id) {
  Evidence evidence{.view = TRY(rollback(id))};
  const Rollback& rollback = evidence.view.rollback;
  evidence.collected_at = clock_.now();
  evidence.from = rollback.accepted_at - before_it;
  evidence.until = rollback.ended_at.value_or(evidence.collected_at);
  const auto deployments = TRY(ledger_.deployments({.limit = records_read}));
  for (const auto& each : deployments) {
    if (tells_of(rollback, each)) {
      evidence.deployments.insert(evidence.deployments.begin(), each);
    } else if (each.environment != rollback.environment &&
               same_commit(each.version, rollback.rejected.version)) {
      evidence.elsewhere.push_back(each);
    }
    if (each.environment == rollback.environment && evidence.history.size() < history_shown)
      evidence.history.push_back(each);
  }
  evidence.rollbacks = TRY(
      ledger_.rollbacks({.since = rollback.accepted_at - pattern_within, .limit = records_read}));
  std::erase_if(evidence.rollbacks, [&](const Rollback& each) { return each.id == id; });
  evidence.events = TRY(ledger_.recent_triggers(rollback.environment, records_read));
  std::erase_if(evidence.events, [&](const TriggerRecord& each) {
    return each.received_at < evidence.from || each.received_at > evidence.until;
  });
  std::ranges::reverse(evidence.events);
  auto policy = settings_.policy;
  policy.look_back = evidence.collected_at - evidence.from;
  evidence.now = performer_.look_around(rollback.environment, evidence.from, policy);
  return evidence;
}

}  // namespace stepback
