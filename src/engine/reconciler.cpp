// SPDX-License-Identifier: Apache-2.0
#include "engine/reconciler.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "domain/deploying.hpp"
#include "domain/running.hpp"

namespace stepback {
namespace {

// What another process changed meanwhile is looked at again next time.
Result<> unless_conflict(Result<> done) {
  if (!done && done.error().code == Code::conflict) return {};
  return done;
}

bool red_before(const Deployment& deployment, const std::string& alarm) {
  return std::ranges::any_of(deployment.baseline, [&](const AlarmBaseline& before) {
    return before.name == alarm && before.state == AlarmState::alarm;
  });
}

}  // namespace

Result<> Reconciler::turn() {
  for (const auto& deployment : TRY(ledger_.unfinished())) {
    auto looked = deployment.status == DeploymentStatus::in_progress ? look_at_running(deployment)
                                                                     : look_at_baking(deployment);
    if (!looked && log_ != nullptr) {
      log_->warning("could not look at a deployment",
                    {{"deployment", deployment.id.text}, {"why", looked.error().message}});
    }
  }
  if (auto looked = unless_conflict(look_at_run()); !looked && log_ != nullptr)
    log_->warning("could not look at the pipeline's run", {{"why", looked.error().message}});
  for (const auto& environment : settings_.environments) {
    auto raised = raise_failure(environment);
    if (!raised && log_ != nullptr) {
      log_->warning("could not look at an environment",
                    {{"environment", environment.name}, {"why", raised.error().message}});
    }
  }
  return {};
}

// Ends the record of a run whose process is dead, or that has not been heard of for too long. What
// it deployed has a record of its own.
Result<> Reconciler::look_at_run() {
  auto service = TRY(store_.head({}));
  if (!service.run || service.run->state != RunState::running) return {};
  const Run run = *service.run;
  const auto why =
      why_abandoned(run, settings_.stages, liveness_.is_dead(run.holder), clock_.now());
  if (!why) return {};
  auto change = TRY(abandon_run(std::move(service), run.id, *why, clock_.now()));
  Commit commit{.journal = std::move(change.journal), .notices = std::move(change.notices)};
  commit.heads.push_back(std::move(change.service));
  return store_.commit(commit);
}

// A deployment that failed when something of it was live calls for a rollback; whoever failed it
// may have died before saying so.
Result<> Reconciler::raise_failure(const Environment& environment) {
  const auto head = TRY(store_.head(environment));
  if (!head.current || head.slot || head.waiting) return {};
  const auto deployment = TRY(store_.deployment(*head.current));
  if (deployment.status != DeploymentStatus::failed || !has_touched(deployment)) return {};
  TRY(intake_.take(failure_signal(deployment, "reconciler")));
  return {};
}

// The same signals that events would bring, under the same keys. True when one alarm is red.
Result<bool> Reconciler::raise_alarms(const Deployment& deployment) {
  bool red = false;
  for (const auto& alarm : TRY(alarms_.list(deployment.environment))) {
    if (!alarm.roles.trigger || alarm.roles.while_deploying || alarm.state != AlarmState::alarm)
      continue;
    if (red_before(deployment, alarm.name)) continue;
    red = true;
    if (alarm.since < deployment.started_at) continue;
    Signal signal{
        .name = alarm.name, .state = alarm.state, .at = alarm.since, .reason = alarm.reason};
    signal.source = "reconciler";
    // As whoever told of it would have said it: the name tells, or it has to be said.
    if (!match_alarm(alarm.name, settings_.environments, settings_.alarms))
      signal.environment = deployment.environment;
    signal.account = settings_.account;
    signal.region = settings_.region;
    TRY(intake_.take(signal));
  }
  return red;
}

Result<> Reconciler::look_at_baking(const Deployment& deployment) {
  const bool red = TRY(raise_alarms(deployment));
  if (red || clock_.now() < bakes_until(deployment)) return {};
  const auto head = TRY(store_.head(deployment.environment));
  const auto now_stored = TRY(store_.deployment(deployment.id));
  auto change = finish_baking(head, now_stored, clock_.now());
  if (!change) return unless_conflict(fail(change.error()));
  return unless_conflict(commit_change(store_, *change));
}

Result<> Reconciler::look_at_running(const Deployment& deployment) {
  TRY(raise_alarms(deployment));
  const auto now = clock_.now();
  const bool dead = !deployment.holder.empty() && liveness_.is_dead(deployment.holder);
  if (now >= deployment.deadline_at) {
    return unless_conflict(close_orphan(
        deployment,
        fmt::format("no end within {}", to_short(deployment.deadline_at - deployment.started_at))));
  }
  if (dead && now - deployment.started_at >= settings_.orphan_after) {
    return unless_conflict(
        close_orphan(deployment, "its deployer, " + deployment.holder + ", died"));
  }
  return {};
}

// The record says in progress and nobody is at it. What is live decides what must follow.
Result<> Reconciler::close_orphan(const Deployment& orphan, const std::string& why) {
  auto head = TRY(store_.head(orphan.environment));
  auto deployment = TRY(store_.deployment(orphan.id));
  const auto pointer = artifacts_.pointer(orphan.environment);
  if (!pointer)
    return fail(pointer.error().during("looking what is live in " + orphan.environment.name));
  const bool live = pointer->version == deployment.version && !deployment.version.empty();
  if (live && !deployment.cutover_at) deployment.cutover_at = deployment.started_at;
  if (live) head.live = Release{deployment.id, deployment.version, deployment.digest};
  auto change = TRY(fail_deployment(std::move(head), std::move(deployment), why, clock_.now()));
  Notice notice{.key = orphan.id.text + "/orphan",
                .kind = NoticeKind::orphan_closed,
                .severity = Severity::warning};
  notice.environment = orphan.environment;
  notice.current_version = orphan.version;
  notice.deployment = orphan.id;
  notice.at = clock_.now();
  notice.requested_by = "automation";
  notice.validation_status = "pending";
  notice.reason = why;
  notice.next_command = "stepback status " + orphan.environment.name;
  change.notices.push_back(std::move(notice));
  TRY(commit_change(store_, change));
  return raise_failure(orphan.environment);
}

Result<std::uint64_t> Reconciler::expire() {
  return ledger_.expire(clock_.now() - settings_.policy.keep, settings_.policy.keep_good);
}

}  // namespace stepback
