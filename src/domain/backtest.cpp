// SPDX-License-Identifier: Apache-2.0
#include "domain/backtest.hpp"

#include <algorithm>
#include <map>

namespace stepback {
namespace {

// A record without what happened to it later.
Deployment as_it_stood(Deployment it, Instant then) {
  const auto later = [&](const std::optional<Instant>& when) { return when && *when > then; };
  if (later(it.cutover_at)) it.cutover_at.reset();
  if (later(it.good_at)) it.good_at.reset();
  if (!it.ended_at || later(it.ended_at)) {
    it.status = DeploymentStatus::in_progress;
    it.ended_at.reset();
    it.failure.clear();
  } else if (it.status == DeploymentStatus::rolled_back) {
    it.status = it.failure.empty() ? DeploymentStatus::succeeded : DeploymentStatus::failed;
  }
  it.rollback.reset();
  it.rollback_time.reset();
  return it;
}

// A rollback's own record is written when it ends, and begins when it was asked for.
Instant stands_from(const Deployment& it) {
  return it.kind == DeploymentKind::deploy ? it.started_at : it.ended_at.value_or(it.started_at);
}

class Replay {
 public:
  Replay(BacktestRecords records, const BacktestRules& rules)
      : records_(std::move(records)), rules_(rules) {
    std::ranges::stable_sort(records_.deployments, {}, stands_from);
    std::ranges::stable_sort(records_.events, {}, &TriggerRecord::received_at);
    rules_.policy.automatic = true;
  }

  Backtest run() {
    Backtest result;
    for (const auto& event : records_.events) result.lines.push_back(judge_again(event));
    for (const auto& deployment : records_.deployments) {
      if (ended_badly(deployment) && !opened_.contains(deployment.id))
        result.never.push_back(deployment);
    }
    return result;
  }

 private:
  const Deployment* newest(const Environment& environment, Instant then) const {
    const Deployment* found = nullptr;
    for (const auto& each : records_.deployments) {
      if (each.environment == environment && stands_from(each) <= then) found = &each;
    }
    return found;
  }

  const Rollback* rollback(const RollbackId& id) const {
    const auto found = std::ranges::find(records_.rollbacks, id, &Rollback::id);
    return found == records_.rollbacks.end() ? nullptr : &*found;
  }

  // Somebody had to take it back, or it failed after something of it ran. Rehearsals don't count.
  bool ended_badly(const Deployment& it) const {
    if (it.kind != DeploymentKind::deploy || !has_touched(it)) return false;
    const Rollback* by = it.rollback ? rollback(*it.rollback) : nullptr;
    if (by != nullptr && by->origin == Origin::drill) return false;
    return it.status == DeploymentStatus::rolled_back || it.status == DeploymentStatus::failed;
  }

  Hindsight hindsight_of(const Deployment& it, Instant then) const {
    if (ended_badly(it)) {
      return it.rollback_time && *it.rollback_time < then ? Hindsight::late : Hindsight::right;
    }
    return it.good_at ? Hindsight::wrong : Hindsight::untold;
  }

  SignalContext context_of(const AlarmMatch& match, Instant then) {
    SignalContext context;
    context.head.environment = match.environment;
    context.head.automatic = automatic_[match.environment];
    context.roles = match.roles;
    const Deployment* current = newest(match.environment, then);
    if (current == nullptr) return context;
    context.current = as_it_stood(*current, then);
    context.head.current = current->id;
    context.head.live = context.current->cutover_at
                            ? Release{current->id, current->version, current->digest}
                            : current->predecessor;
    if (current->predecessor) {
      const auto before = std::ranges::find(records_.deployments, current->predecessor->deployment,
                                            &Deployment::id);
      if (before != records_.deployments.end()) context.before = as_it_stood(*before, then);
    }
    return context;
  }

  BacktestLine judge_again(const TriggerRecord& event) {
    BacktestLine line{.recorded = event, .why = "no environment and no rule of ours has this name"};
    const auto match = match_signal(event.signal, rules_.environments, rules_.alarms);
    if (!match) return line;
    const auto then = event.received_at;
    const auto context = context_of(*match, then);
    auto judgement = judge(event.signal, context, then, rules_.policy);
    line.now = judgement.disposition;
    line.why = std::move(judgement.why);
    if (!judgement.opening) return line;
    const auto& about = judgement.opening->deployment;
    if (!opened_.emplace(about, then).second) {
      line.now = Disposition::joined;
      line.why = "a rollback of " + about.text + " would be under way or over";
      return line;
    }
    automatic_[match->environment].push_back(then);
    line.about = about;
    line.hindsight = hindsight_of(*newest(match->environment, then), then);
    return line;
  }

  BacktestRecords records_;
  BacktestRules rules_;
  std::map<DeploymentId, Instant> opened_;
  std::map<Environment, std::vector<Instant>> automatic_;
};

}  // namespace

std::size_t Backtest::count(Hindsight hindsight) const {
  return static_cast<std::size_t>(std::ranges::count(lines, hindsight, &BacktestLine::hindsight));
}

std::size_t Backtest::changed() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      lines, [](const BacktestLine& line) { return line.now != line.recorded.disposition; }));
}

Backtest backtest(BacktestRecords records, const BacktestRules& rules) {
  return Replay(std::move(records), rules).run();
}

}  // namespace stepback
