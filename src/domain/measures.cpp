// SPDX-License-Identifier: Apache-2.0
#include "domain/measures.hpp"

#include <algorithm>
#include <map>

namespace stepback {
namespace {

constexpr std::size_t day_length = 10;  // of "2026-01-27"

std::string day_of(Instant at) { return to_rfc3339(at).substr(0, day_length); }

struct Samples {
  std::vector<Duration> restore, detect, decide, act, verify;
  std::vector<double> budget;
};

bool is_within(const MeasuresFacts& facts, Instant at) {
  return at >= facts.from && at < facts.until;
}

double share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

// The one that so many of a hundred are not greater than.
template <class T>
T at_percent(const std::vector<T>& sorted, std::size_t percent) {
  const auto rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

// When the failure was first to be seen.
std::optional<Instant> first_sign(const MeasuresFacts& facts, const Rollback& rollback) {
  std::optional<Instant> earliest;
  for (const auto& trigger : facts.triggers) {
    if (trigger.rollback != rollback.id) continue;
    if (trigger.disposition != Disposition::opened) continue;
    const auto at = trigger.signal.first_breach.value_or(trigger.signal.at);
    if (at != Instant{} && at <= rollback.accepted_at)
      earliest = std::min(earliest.value_or(at), at);
  }
  return earliest;
}

std::optional<Instant> live_since(const MeasuresFacts& facts, const Rollback& rollback) {
  const auto found =
      std::ranges::find(facts.deployments, rollback.rejected.deployment, &Deployment::id);
  return found == facts.deployments.end() ? std::nullopt : found->cutover_at;
}

bool has_failed(const Deployment& deployment) {
  return deployment.status == DeploymentStatus::failed ||
         deployment.status == DeploymentStatus::rolled_back;
}

void add_parts(Samples& samples, const MeasuresFacts& facts, const Rollback& rollback) {
  const auto sign = first_sign(facts, rollback);
  const auto live = live_since(facts, rollback);
  if (sign && live && *live <= *sign) samples.detect.push_back(*sign - *live);
  if (sign) samples.decide.push_back(rollback.accepted_at - *sign);
  samples.restore.push_back(*rollback.ended_at - sign.value_or(rollback.accepted_at));
  const Lane* lane = lane_of(rollback, rollback.environment);
  if (lane == nullptr || !lane->cutover_at) return;
  samples.act.push_back(*lane->cutover_at - rollback.accepted_at);
  samples.verify.push_back(*rollback.ended_at - *lane->cutover_at);
}

void count_outcome(Measures& measures, Outcome outcome) {
  switch (outcome) {
    case Outcome::succeeded: ++measures.succeeded; break;
    case Outcome::escalated: ++measures.escalated; break;
    case Outcome::handed_over: ++measures.handed_over; break;
    case Outcome::cancelled: ++measures.cancelled; break;
  }
}

void add_rollback(Measures& measures, Samples& samples, const MeasuresFacts& facts,
                  const Rollback& rollback) {
  const auto sign = first_sign(facts, rollback);
  const auto took = *rollback.ended_at - rollback.accepted_at;
  ++measures.restores;
  count_outcome(measures, *rollback.outcome);
  if (rollback.origin == Origin::automatic) ++measures.automatic;
  measures.points.push_back({rollback.id, rollback.environment, rollback.accepted_at,
                             *rollback.ended_at - sign.value_or(rollback.accepted_at),
                             rollback.origin, *rollback.outcome});
  if (rollback.policy.budget.count() > 0) {
    samples.budget.push_back(static_cast<double>(took.count()) /
                             static_cast<double>(rollback.policy.budget.count()));
  }
  if (rollback.outcome != Outcome::succeeded) return;
  if (took <= rollback.policy.budget) ++measures.within_budget;
  add_parts(samples, facts, rollback);
}

std::map<std::string, DayMeasure> days_of(const MeasuresFacts& facts) {
  std::map<std::string, DayMeasure> all;
  for (auto at = facts.from; at < facts.until; at = at + days(1)) all[day_of(at)].day = day_of(at);
  if (facts.from < facts.until) {
    const auto last = day_of(facts.until - Duration(1));
    all[last].day = last;
  }
  return all;
}

}  // namespace

Spread spread_of(std::vector<Duration> durations) {
  if (durations.empty()) return {};
  std::ranges::sort(durations);
  return {durations.size(), at_percent(durations, 50), at_percent(durations, 90)};
}

Measures measure(const MeasuresFacts& facts) {
  Measures measures;
  Samples samples;
  auto by_day = days_of(facts);
  std::size_t ended = 0;
  for (const auto& each : facts.deployments) {
    if (each.kind != DeploymentKind::deploy || !is_within(facts, each.started_at)) continue;
    const bool failed = has_failed(each);
    ++measures.deployments;
    ended += each.status == DeploymentStatus::in_progress ? 0 : 1;
    measures.failed += failed ? 1 : 0;
    auto& day = by_day[day_of(each.started_at)];
    ++day.deployments;
    day.failed += failed ? 1 : 0;
  }
  for (const auto& each : facts.rollbacks) {
    if (each.origin == Origin::drill || is_active(each)) continue;
    if (!is_within(facts, each.accepted_at)) continue;
    add_rollback(measures, samples, facts, each);
    ++by_day[day_of(each.accepted_at)].restores;
  }
  if (ended > 0) measures.change_failure_rate = share(measures.failed, ended);
  if (measures.restores > 0)
    measures.automatic_share = share(measures.automatic, measures.restores);
  if (facts.from < facts.until) {
    measures.per_day = static_cast<double>(measures.deployments) /
                       (static_cast<double>((facts.until - facts.from).count()) /
                        static_cast<double>(Duration(days(1)).count()));
  }
  measures.time_to_restore = spread_of(std::move(samples.restore));
  measures.detect = spread_of(std::move(samples.detect));
  measures.decide = spread_of(std::move(samples.decide));
  measures.act = spread_of(std::move(samples.act));
  measures.verify = spread_of(std::move(samples.verify));
  std::ranges::sort(samples.budget);
  if (!samples.budget.empty()) {
    measures.budget_usual = at_percent(samples.budget, 50);
    measures.budget_slow = at_percent(samples.budget, 90);
  }
  for (auto& [name, day] : by_day) measures.days.push_back(std::move(day));
  std::ranges::sort(measures.points, {}, &RestorePoint::at);
  return measures;
}

}  // namespace stepback
