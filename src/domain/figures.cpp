// SPDX-License-Identifier: Apache-2.0
#include "domain/figures.hpp"

#include <fmt/core.h>

namespace stepback {

Result<std::vector<Figure>> figures(const FiguresFacts& facts) {
  if (facts.period <= Duration(0) || facts.until <= facts.from)
    return fail(Code::invalid, "there is no time between the two");
  const auto span = facts.until - facts.from;
  const auto periods = static_cast<std::size_t>((span + facts.period - Duration(1)) / facts.period);
  if (periods > most_figures) {
    return fail(Code::invalid,
                fmt::format("{} has {} periods of {}, and at most {} are shown", to_short(span),
                            periods, to_short(facts.period), most_figures));
  }
  std::vector<Figure> all(periods);
  for (std::size_t i = 0; i < periods; ++i)
    all[i].from = facts.from + facts.period * static_cast<std::int64_t>(i);
  const auto at = [&](Instant when) -> Figure* {
    if (when < facts.from || when >= facts.until) return nullptr;
    return &all[static_cast<std::size_t>((when - facts.from) / facts.period)];
  };
  for (const auto& rollback : facts.rollbacks) {
    if (rollback.origin == Origin::drill || !rollback.ended_at) continue;
    if (rollback.outcome == Outcome::cancelled) continue;  // it changed nothing
    if (auto* figure = at(*rollback.ended_at)) ++figure->rollback_count;
  }
  std::vector<Duration> sums(periods);
  for (const auto& deployment : facts.deployments) {
    if (deployment.kind != DeploymentKind::deploy || !deployment.ended_at) continue;
    auto* figure = at(*deployment.ended_at);
    if (figure == nullptr) continue;
    ++figure->deployments;
    sums[static_cast<std::size_t>(figure - all.data())] +=
        *deployment.ended_at - deployment.started_at;
  }
  for (std::size_t i = 0; i < periods; ++i) {
    if (all[i].deployments > 0)
      all[i].duration = sums[i] / static_cast<std::int64_t>(all[i].deployments);
  }
  return all;
}

std::vector<Duration> lead_times(const std::vector<Deployment>& deployments,
                                 const std::vector<Committed>& commits) {
  std::vector<Duration> times;
  for (const auto& commit : commits) {
    std::optional<Instant> live;
    for (const auto& each : deployments) {
      const bool counts = each.kind == DeploymentKind::deploy && each.cutover_at &&
                          each.status != DeploymentStatus::failed &&
                          same_commit(each.version, commit.version);
      if (counts && (!live || *each.cutover_at < *live)) live = each.cutover_at;
    }
    if (live && *live >= commit.at) times.push_back(*live - commit.at);
  }
  return times;
}

}  // namespace stepback
