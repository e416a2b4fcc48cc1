// SPDX-License-Identifier: Apache-2.0
#include "documents/drills.hpp"

#include <algorithm>

namespace stepback {
namespace {

json::Value text(std::string_view from) { return json::Value(from); }

json::Array steps_of(const Rollback& rollback) {
  json::Array steps;
  for (const auto& lane : rollback.lanes) {
    for (const auto& step : lane.steps) {
      if (!step.started_at || !step.ended_at) continue;
      steps.push_back(json::Object{{"name", text(name_of(step.kind))},
                                   {"milliseconds", (*step.ended_at - *step.started_at).count()}});
    }
  }
  return steps;
}

json::Value drill_of(const Rollback& rollback, Duration budget, Instant now) {
  const auto took = rollback.ended_at.value_or(now) - rollback.accepted_at;
  json::Object object;
  object["environment"] = text(rollback.environment.name);
  object["rollbackId"] = text(rollback.id.text);
  object["at"] = text(to_rfc3339(rollback.accepted_at));
  object["state"] = text(rollback.outcome ? name_of(*rollback.outcome) : "active");
  object["milliseconds"] = took.count();
  object["within"] = took <= budget;
  object["steps"] = steps_of(rollback);
  object["version"] = text(rollback.rejected.version.text);
  const Lane* lane = lane_of(rollback, rollback.environment);
  if (lane != nullptr && lane->target) object["target"] = text(lane->target->release.version.text);
  if (!rollback.why.empty()) object["why"] = text(rollback.why);
  return object;
}

bool is_success(const Rollback& rollback) {
  return is_rehearsal(rollback) && rollback.outcome == Outcome::succeeded && rollback.ended_at;
}

json::Value summary_of(const Rehearsed& rehearsed, Instant now) {
  json::Object object;
  object["environment"] = text(rehearsed.environment.name);
  object["mayBeRehearsed"] = rehearsed.why_not.empty();
  if (!rehearsed.why_not.empty()) object["why"] = text(rehearsed.why_not);
  const auto last = std::ranges::find_if(rehearsed.rollbacks, is_success);
  const bool was = last != rehearsed.rollbacks.end();
  object["overdue"] = !was || now - *last->ended_at > proof_lasts;
  if (!was) return object;
  object["lastAt"] = text(to_rfc3339(*last->ended_at));
  object["dueAt"] = text(to_rfc3339(*last->ended_at + proof_lasts));
  return object;
}

}  // namespace

json::Value drills_document(const std::vector<Rehearsed>& all, Duration budget, Instant now) {
  json::Array environments;
  std::vector<const Rollback*> drills;
  for (const auto& each : all) {
    environments.push_back(summary_of(each, now));
    for (const auto& rollback : each.rollbacks) {
      if (is_rehearsal(rollback)) drills.push_back(&rollback);
    }
  }
  std::ranges::stable_sort(drills, std::ranges::greater(), &Rollback::accepted_at);
  json::Array items;
  for (const auto* each : drills) items.push_back(drill_of(*each, budget, now));
  json::Object document;
  document["schema"] = "stepback/v1/drills";
  document["environments"] = std::move(environments);
  document["items"] = std::move(items);
  document["budget_ms"] = budget.count();
  document["asOf"] = text(to_rfc3339(now));
  return document;
}

}  // namespace stepback
