// SPDX-License-Identifier: Apache-2.0
#include "engine/performer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "base/ensure.hpp"
#include "base/pool.hpp"
#include "engine/estimate.hpp"

namespace stepback {
namespace {

constexpr std::size_t history_depth = 50;     // deployments looked at for candidates
constexpr std::size_t artifacts_checked = 8;  // of the newest different releases

Event failed(const Error& error) {
  if (error.code == Code::timeout) return StepUnknown{error.message};
  if (error.code == Code::conflict) return StepRefused{error.message};
  return StepFailed{error};
}

// What the pointer tells of a write under `operation`.
Event told_by_pointer(const Result<Pointer>& pointer, std::uint64_t operation,
                      bool must_be_settled) {
  if (!pointer) return StepUnknown{pointer.error().message};
  if (pointer->operation > operation) {
    return StepRefused{
        fmt::format("the pointer carries number {}, ours was {}", pointer->operation, operation)};
  }
  if (pointer->operation < operation)
    return StepNotDone{fmt::format("the pointer still carries number {}", pointer->operation)};
  if (must_be_settled && !pointer->settled)
    return StepNotDone{"switched, but what follows the switch was not seen to end"};
  return StepDone{fmt::format("found done under number {}", operation)};
}

// What scans counted against a version, then or since.
std::vector<std::string> findings_of(const Deployment& deployment, const Head& head) {
  std::vector<std::string> findings;
  for (const auto* gates : {&deployment.gates, &head.gates}) {
    for (const auto& gate : *gates) {
      if (same_commit(gate.version, deployment.version))
        findings.insert(findings.end(), gate.findings.begin(), gate.findings.end());
    }
  }
  return findings;
}

Candidate candidate_of(const Deployment& deployment) {
  Candidate candidate{.release = {deployment.id, deployment.version, deployment.digest},
                      .status = deployment.status,
                      .good_at = deployment.good_at,
                      .started_at = deployment.started_at};
  candidate.infrastructure_version = deployment.infrastructure_version;
  candidate.one_way = deployment.one_way;
  return candidate;
}

template <class T>
void keep(Result<std::vector<T>> seen, std::vector<T>& into, std::string_view what,
          Observation& observation) {
  if (seen) {
    into = *std::move(seen);
  } else {
    observation.unseen.push_back(fmt::format("{}: {}", what, seen.error().message));
  }
}

}  // namespace

std::vector<Performer::Outcome> Performer::perform(const Rollback& rollback,
                                                   const std::vector<std::size_t>& lanes) {
  std::vector<std::optional<Event>> events(lanes.size());
  const auto at_once = std::max<std::size_t>(settings_.lanes_at_once, 1);
  for (std::size_t begin = 0; begin < lanes.size(); begin += at_once) {
    const auto end = std::min(lanes.size(), begin + at_once);
    std::vector<std::jthread> others;  // joined at the end of the round
    for (std::size_t i = begin + 1; i < end; ++i) {
      others.emplace_back([&, i] { events[i] = perform_one(rollback, rollback.lanes[lanes[i]]); });
    }
    events[begin] = perform_one(rollback, rollback.lanes[lanes[begin]]);
  }
  std::vector<Outcome> outcomes;
  outcomes.reserve(lanes.size());
  for (std::size_t i = 0; i < lanes.size(); ++i)
    outcomes.push_back({lanes[i], *std::move(events[i])});
  return outcomes;
}

Event Performer::perform_one(const Rollback& rollback, const Lane& lane) {
  switch (lane.pending->kind) {
    case EffectKind::find_target: {
      auto found = find_targets(lane.environment);
      if (!found) return LookFailed{found.error()};
      return *std::move(found);
    }
    case EffectKind::observe: return Observed{observe(rollback, lane)};
    case EffectKind::stop: return stop(rollback, lane);
    case EffectKind::barrier: return stamp(lane);
    case EffectKind::infrastructure: return revert_infrastructure(rollback, lane);
    case EffectKind::application: return switch_application(rollback, lane);
  }
  std::unreachable();
}

Result<> Performer::do_all(const Deeds& deeds) const {
  const auto at_once = std::max<std::size_t>(settings_.looks_at_once, 1);
  for (std::size_t begin = 0; begin < deeds.size(); begin += at_once) {
    const auto end = std::min(deeds.size(), begin + at_once);
    std::vector<Result<>> done(end - begin);
    {
      std::vector<std::jthread> others;  // joined at the end of the round
      for (std::size_t i = begin + 1; i < end; ++i)
        others.push_back(
            start_thread("look", [&, i](std::stop_token) { done[i - begin] = deeds[i](); }));
      done[0] = deeds[begin]();
    }
    for (auto& each : done) TRY(std::move(each));
  }
  return {};
}

Result<TargetsFound> Performer::find_targets(const Environment& environment) {
  TargetsFound found;
  const auto head = TRY(store_.head(environment));
  if (head.current) found.current = TRY(store_.deployment(*head.current));
  const auto candidates = [&]() -> Result<> {
    found.candidates = TRY(find_candidates(head));
    return {};
  };
  const auto alarms = [&]() -> Result<> {
    const auto seen = sight_.alarms.list(environment);
    if (!seen) return {};
    for (const auto& alarm : *seen) {
      if (alarm.roles.validate) found.alarms.push_back({alarm.name, alarm.state});
    }
    return {};
  };
  const auto estimates = [&]() -> Result<> {
    found.estimates = TRY(estimate(ledger_, environment));
    return {};
  };
  TRY(do_all({candidates, alarms, estimates}));
  return found;
}

Result<std::vector<Candidate>> Performer::find_candidates(const Head& head) {
  const Environment& environment = head.environment;
  const auto history =
      TRY(ledger_.deployments({.environment = environment, .limit = history_depth}));
  std::vector<Candidate> candidates;
  std::vector<std::size_t> to_check;  // of the candidates
  std::vector<Digest> checked;
  for (const auto& deployment : history) {
    const bool seen = std::ranges::find(checked, deployment.digest) != checked.end();
    if (seen && !deployment.digest.empty()) continue;  // the same artifact, deployed before
    candidates.push_back(candidate_of(deployment));
    candidates.back().findings = findings_of(deployment, head);
    const bool eligible = deployment.status == DeploymentStatus::succeeded;
    if (!eligible || checked.size() == artifacts_checked) continue;
    checked.push_back(deployment.digest);
    to_check.push_back(candidates.size() - 1);
  }
  Deeds checks;
  for (const auto index : to_check)
    checks.emplace_back([&, index] { return check_artifact(environment, candidates[index]); });
  TRY(do_all(checks));
  return candidates;
}

// Not being able to look is no reason to pass over the newest good one: ask again.
Result<> Performer::check_artifact(const Environment& environment, Candidate& candidate) {
  const auto& release = candidate.release;
  auto report = delivery_.artifacts.check(environment, release.version, release.digest, false);
  if (!report && is_retriable(report.error().code)) return fail(report.error());
  candidate.artifacts = report ? report->state : ArtifactState::unreadable;
  candidate.artifact_detail = report ? report->detail : report.error().message;
  candidate.files = report ? report->files : 0;
  return {};
}

Observation Performer::observe(const Rollback& rollback, const Lane& lane) {
  if (lane.phase == Phase::settling) {
    Observation glance{.at = clock_.now(), .alarms_only = true};
    keep(sight_.alarms.list(lane.environment), glance.alarms, "alarms", glance);
    return glance;
  }
  return look_around(lane.environment, lane.cutover_at.value_or(clock_.now()), rollback.policy);
}

Observation Performer::look_around(const Environment& environment, Instant since,
                                   const Policy& policy) {
  Observation observation;
  Result<std::vector<HealthSeen>> health;
  Result<std::vector<LogsSeen>> logs;
  Result<VersionSeen> version;
  // What fails is part of the observation.
  const auto looked = do_all({[&]() -> Result<> {
                                health = sight_.health.probe(environment);
                                return {};
                              },
                              [&]() -> Result<> {
                                logs = sight_.logs.look(environment, since, policy.look_back);
                                return {};
                              },
                              [&]() -> Result<> {
                                version = sight_.live_version.read(environment);
                                return {};
                              }});
  ENSURE(looked.has_value());
  keep(std::move(health), observation.health, "health", observation);
  keep(std::move(logs), observation.logs, "logs", observation);
  observation.version =
      version ? *std::move(version) : VersionSeen{.detail = version.error().message};
  // Alarms last and the time before them, so that nothing is judged by an older look.
  observation.at = clock_.now();
  keep(sight_.alarms.list(environment), observation.alarms, "alarms", observation);
  return observation;
}

Event Performer::stop(const Rollback& rollback, const Lane& lane) {
  auto stopped = delivery_.pipeline.stop(lane.environment, rollback.reason);
  if (stopped) return StepDone{*std::move(stopped)};
  if (stopped.error().code == Code::unavailable) return StepUnderWay{stopped.error().message};
  return failed(stopped.error());
}

Event Performer::stamp(const Lane& lane) {
  const auto operation = lane.pending->operation;
  if (lane.pending->look_first) {
    return told_by_pointer(delivery_.artifacts.pointer(lane.environment), operation, false);
  }
  auto stamped = delivery_.artifacts.stamp(lane.environment, operation);
  if (stamped)
    return StepDone{fmt::format("no older switch can land any more: number {}", operation)};
  return failed(stamped.error());
}

Event Performer::switch_application(const Rollback& rollback, const Lane& lane) {
  const Effect& effect = *lane.pending;
  if (effect.look_first) {
    const auto pointer = delivery_.artifacts.pointer(lane.environment);
    const bool goes_on = pointer && pointer->is_followed(effect.operation) && !pointer->settled;
    if (!goes_on) return told_by_pointer(pointer, effect.operation, true);
  }
  const Release& target = lane.target->release;
  auto switched = delivery_.artifacts.switch_to({.environment = lane.environment,
                                                 .version = target.version,
                                                 .digest = target.digest,
                                                 .operation = effect.operation,
                                                 .key = idempotency_key(rollback, lane, effect),
                                                 .limit = rollback.policy.application_limit});
  if (switched) return StepDone{*std::move(switched)};
  return failed(switched.error());
}

Event Performer::revert_infrastructure(const Rollback& rollback, const Lane& lane) {
  const Effect& effect = *lane.pending;
  const InfrastructureChange change{.environment = lane.environment,
                                    .infrastructure_version = infrastructure_of(*lane.target),
                                    .version = lane.target->release.version,
                                    .operation = effect.operation,
                                    .key = idempotency_key(rollback, lane, effect),
                                    .limit = rollback.policy.infrastructure_limit};
  auto report = effect.look_first ? delivery_.infrastructure.look(change)
                                  : delivery_.infrastructure.revert(change);
  if (!report) return failed(report.error());
  switch (report->progress) {
    case Progress::done: return StepDone{report->detail};
    case Progress::under_way: return StepUnderWay{report->detail};
    case Progress::not_started: return StepNotDone{report->detail};
  }
  std::unreachable();
}

}  // namespace stepback
