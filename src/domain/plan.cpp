// SPDX-License-Identifier: Apache-2.0
#include "domain/plan.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback {
namespace {

Step step_of(StepKind kind, const Estimates& estimates, Duration fallback) {
  Step step{.kind = kind, .expected = fallback, .expected_slow = fallback * 2};
  for (const auto& estimate : estimates.steps) {
    if (estimate.kind != kind) continue;
    step.expected = estimate.usual;
    step.expected_slow = estimate.slow;
  }
  return step;
}

Step skipped(Step step, std::string why) {
  step.state = StepState::skipped;
  step.detail = std::move(why);
  step.expected = step.expected_slow = {};
  return step;
}

// Why infrastructure stays as it is, or empty when it is to be reverted. "Nobody said" is not "no".
std::string why_infrastructure_stays(const Deployment* failing, const Candidate& target,
                                     const Wish& wish) {
  if (!wish.infrastructure) return "left out by request";
  if (failing == nullptr) return "nothing is known to have changed it";
  if (failing->infrastructure_changed == false) {
    return "unchanged since " + target.release.version.text;
  }
  if (!failing->infrastructure_changed &&
      (failing->infrastructure_version.empty() ||
       failing->infrastructure_version == target.infrastructure_version)) {
    return "nobody recorded a change of it";
  }
  return {};
}

}  // namespace

std::vector<Step> lay_steps(const Deployment* failing, const Candidate& target, const Wish& wish,
                            const Estimates& estimates, const Policy& policy) {
  std::vector<Step> steps;
  steps.reserve(4);
  steps.push_back(step_of(StepKind::stop, estimates, policy.poll_every));
  auto barrier = step_of(StepKind::barrier, estimates, policy.poll_every);
  auto infrastructure =
      step_of(StepKind::infrastructure, estimates, policy.infrastructure_limit / 2);
  auto application = step_of(StepKind::application, estimates, policy.application_limit / 4);
  if (auto why = why_infrastructure_stays(failing, target, wish); !why.empty()) {
    steps.push_back(skipped(std::move(barrier), "infrastructure stays"));
    steps.push_back(skipped(std::move(infrastructure), std::move(why)));
  } else {
    steps.push_back(std::move(barrier));
    steps.push_back(std::move(infrastructure));
  }
  steps.push_back(wish.application ? std::move(application)
                                   : skipped(std::move(application), "left out by request"));
  return steps;
}

Prediction predict_rollback(const std::optional<Deployment>& current, const Candidate& target,
                            const Estimates& estimates, const Policy& policy) {
  Lane lane;
  lane.steps = lay_steps(current ? &*current : nullptr, target, {}, estimates, policy);
  lane.validation_usual = estimates.validation_usual;
  lane.validation_slow = estimates.validation_slow;
  return predict_end(lane, policy, Instant{});
}

Duration needed_for(const Step& step) { return step.expected; }

Prediction predict_end(const Lane& lane, const Policy& policy, Instant now) {
  Prediction end{now, now};
  for (const auto& step : lane.steps) {
    if (step.state == StepState::done || step.state == StepState::skipped) continue;
    const auto spent = step.started_at ? now - *step.started_at : Duration(0);
    end.usual = end.usual + std::max(Duration(0), step.expected - spent);
    end.slow = end.slow + std::max(Duration(0), step.expected_slow - spent);
  }
  const auto settled =
      lane.cutover_at ? *lane.cutover_at + policy.settle : end.usual + policy.settle;
  const auto settled_slow = lane.cutover_at ? settled : end.slow + policy.settle;
  end.usual = std::max(now, settled) + lane.validation_usual;
  end.slow = std::max(now, settled_slow) + lane.validation_slow;
  return end;
}

std::string plan_text(const Rollback& rollback) {
  std::string text = fmt::format("{} {} {}\n", name_of(rollback.level), rollback.environment.name,
                                 rollback.rejected.digest.hex);
  for (const auto& lane : rollback.lanes) {
    text += fmt::format("lane {} {} {} -> {} {} {}\n", lane.environment.name,
                        lane.acts ? "acts" : "verifies", lane.from.version.text,
                        lane.target ? lane.target->release.version.text : "-",
                        lane.target ? lane.target->release.digest.hex : "-", lane.deployment.text);
    for (const auto& step : lane.steps) {
      text += fmt::format("  {} {}\n", name_of(step.kind),
                          step.state == StepState::skipped ? "skipped" : "done");
    }
  }
  return text;
}

}  // namespace stepback
