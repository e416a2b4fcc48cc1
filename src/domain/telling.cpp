// SPDX-License-Identifier: Apache-2.0
#include "domain/telling.hpp"

#include <fmt/core.h>

#include <utility>

namespace stepback {
namespace {

std::string validation_status(const Lane& lane) {
  if (!lane.validation) return "pending";
  switch (lane.validation->verdict) {
    case Verdict::passed: return "success";
    case Verdict::failed: return "failed";
    case Verdict::inconclusive: return "pending";
  }
  std::unreachable();
}

std::pair<NoticeKind, Severity> told_of(const Rollback& rollback) {
  if (!rollback.outcome) return {NoticeKind::rollback_started, Severity::warning};
  switch (*rollback.outcome) {
    case Outcome::succeeded: return {NoticeKind::rollback_completed, Severity::info};
    case Outcome::escalated: return {NoticeKind::rollback_escalated, Severity::critical};
    case Outcome::handed_over: return {NoticeKind::rollback_failed, Severity::warning};
    case Outcome::cancelled: return {NoticeKind::rollback_cancelled, Severity::info};
  }
  std::unreachable();
}

}  // namespace

Notice notice_about(const Rollback& rollback, const Telling& telling, Instant now) {
  const auto& environment = telling.environment;
  Notice notice{
      .key = rollback.id.text + "/" + environment.name + "/" + std::string(name_of(telling.kind)),
      .kind = telling.kind,
      .severity = telling.severity,
      .environment = environment,
      .rollback = rollback.id,
      .current_version = rollback.rejected.version,
      .deployment = rollback.rejected.deployment,
      .at = now,
      .requested_by = rollback.requested_by,
      .validation_status = "pending",
      .level = std::string(name_of(rollback.level)),
      .origin = std::string(name_of(rollback.origin)),
      .reason = rollback.reason,
      .deadline = rollback.deadline_at,
      .incident = rollback.incident};
  if (const Lane* lane = lane_of(rollback, environment)) {
    notice.validation_status = validation_status(*lane);
    if (lane->target) notice.target_version = lane->target->release.version;
    if (!lane->from.version.empty()) notice.current_version = lane->from.version;
    if (!lane->deployment.empty()) notice.deployment = lane->deployment;
    if (lane->validation) notice.failed_alarms = lane->validation->failed_alarms;
    if (lane->phase == Phase::done && lane->end == LaneEnd::failed) notice.failed_step = lane->why;
    notice.held = telling.held;
  }
  notice.next_command = "stepback explain " + rollback.id.text;
  return notice;
}

bool ended_well(const Lane& lane) {
  return lane.end == LaneEnd::passed || lane.end == LaneEnd::verified;
}

void add_end(Notice& notice, const Rollback& rollback, Instant now) {
  notice.took = now - rollback.accepted_at;
  for (const auto& lane : rollback.lanes) {
    if (lane.end == LaneEnd::passed)
      notice.environments_rolled_back.push_back(lane.environment.name);
    if (!ended_well(lane)) notice.environments_failed.push_back(lane.environment.name);
  }
}

Notice tell_again(const Rollback& rollback, bool held, Instant now) {
  const auto [kind, severity] = told_of(rollback);
  auto notice = notice_about(
      rollback,
      {.kind = kind, .severity = severity, .environment = rollback.environment, .held = held}, now);
  notice.key += fmt::format("/again/{}", now.ms);
  notice.again = true;
  if (rollback.ended_at) add_end(notice, rollback, *rollback.ended_at);
  if (rollback.outcome == Outcome::succeeded) notice.validation_status = "success";
  if (rollback.outcome == Outcome::escalated) notice.reason = rollback.reason + "; " + rollback.why;
  if (rollback.outcome == Outcome::cancelled) notice.reason = rollback.why;
  return notice;
}

}  // namespace stepback
