// SPDX-License-Identifier: Apache-2.0
#include "documents/progress.hpp"

#include <algorithm>

#include "domain/plan.hpp"

namespace stepback {
namespace {

json::Value text(std::string_view from) { return json::Value(from); }

void put_time(json::Object& object, std::string_view name, const std::optional<Instant>& at) {
  if (at && *at != Instant{} && *at != never) object[name] = text(to_rfc3339(*at));
}

void put_text(json::Object& object, std::string_view name, std::string_view value) {
  if (!value.empty()) object[name] = text(value);
}

json::Value step_document(const Step& step) {
  json::Object object;
  object["name"] = text(name_of(step.kind));
  object["state"] = text(name_of(step.state));
  object["attempt"] = step.attempt;
  object["expected_ms"] = step.expected.count();
  object["expectedSlow_ms"] = step.expected_slow.count();
  put_time(object, "startedAt", step.started_at);
  put_time(object, "finishedAt", step.ended_at);
  return object;
}

json::Value lane_document(const Lane& lane, const Policy& policy, Instant now) {
  json::Array steps;
  for (const auto& step : lane.steps) steps.push_back(step_document(step));
  json::Object object;
  object["environment"] = text(lane.environment.name);
  object["phase"] = text(name_of(lane.phase));
  object["from"] = text(lane.from.version.text);
  object["steps"] = std::move(steps);
  if (lane.target) object["target"] = text(lane.target->release.version.text);
  if (lane.end) object["end"] = text(name_of(*lane.end));
  put_text(object, "why", lane.why);
  put_time(object, "cutoverAt", lane.cutover_at);
  if (lane.validation) object["verdict"] = text(name_of(lane.validation->verdict));
  if (lane.phase == Phase::done) return object;
  put_time(object, "waitsUntil", lane.wake_at);
  const auto prediction = predict_end(lane, policy, now);
  put_time(object, "predictedAt", prediction.usual);
  put_time(object, "predictedSlowAt", prediction.slow);
  return object;
}

}  // namespace

json::Value progress_document(const Rollback& rollback, Instant now) {
  json::Array lanes;
  Prediction last{};
  for (const auto& lane : rollback.lanes) {
    lanes.push_back(lane_document(lane, rollback.policy, now));
    if (lane.phase == Phase::done) continue;
    const auto prediction = predict_end(lane, rollback.policy, now);
    last = {std::max(last.usual, prediction.usual), std::max(last.slow, prediction.slow)};
  }
  json::Object object;
  object["schema"] = "stepback/v1/progress";
  object["id"] = text(rollback.id.text);
  object["environment"] = text(rollback.environment.name);
  object["level"] = text(name_of(rollback.level));
  object["origin"] = text(name_of(rollback.origin));
  object["state"] = text(rollback.outcome ? name_of(*rollback.outcome) : "active");
  object["version"] = text(rollback.rejected.version.text);
  object["startedAt"] = text(to_rfc3339(rollback.accepted_at));
  object["deadlineAt"] = text(to_rfc3339(rollback.deadline_at));
  object["lanes"] = std::move(lanes);
  object["revision"] = rollback.revision;
  put_text(object, "reason", rollback.reason);
  put_text(object, "operator", rollback.requested_by);
  put_time(object, "finishedAt", rollback.ended_at);
  put_text(object, "why", rollback.why);
  put_text(object, "incident", rollback.incident);
  put_time(object, "predictedAt", last.usual);
  put_time(object, "predictedSlowAt", last.slow);
  object["asOf"] = text(to_rfc3339(now));
  return object;
}

}  // namespace stepback
