// SPDX-License-Identifier: Apache-2.0
#include "engine/estimate.hpp"

#include <algorithm>

namespace stepback {
namespace {

constexpr std::size_t rollbacks_looked_at = 20;

Duration part(std::vector<Duration>& values, std::size_t tenths) {
  if (values.empty()) return Duration(0);
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, values.size() * tenths / 10)];
}

}  // namespace

Result<Estimates> estimate(Ledger& ledger, const Environment& environment) {
  const auto past =
      TRY(ledger.rollbacks({.environment = environment, .limit = rollbacks_looked_at}));
  Estimates estimates;
  std::vector<Duration> validations;
  std::array<std::vector<Duration>, names_of<StepKind>.size()> took;
  for (const auto& rollback : past) {
    const Lane* lane = lane_of(rollback, environment);
    if (lane == nullptr || rollback.outcome != Outcome::succeeded) continue;
    for (const auto& step : lane->steps) {
      if (step.state != StepState::done || !step.started_at || !step.ended_at) continue;
      took[static_cast<std::size_t>(std::to_underlying(step.kind))].push_back(*step.ended_at -
                                                                              *step.started_at);
    }
    if (lane->cutover_at && rollback.ended_at) {
      const auto after = *rollback.ended_at - *lane->cutover_at - rollback.policy.settle;
      validations.push_back(std::max(Duration(0), after));
    }
  }
  for (std::size_t kind = 0; kind < took.size(); ++kind) {
    if (took[kind].empty()) continue;
    estimates.steps.push_back(
        {static_cast<StepKind>(kind), part(took[kind], 5), part(took[kind], 9)});
  }
  estimates.validation_usual = part(validations, 5);
  estimates.validation_slow = part(validations, 9);
  return estimates;
}

}  // namespace stepback
