// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plan: the steps of a lane, in order, with what each usually takes, and when it will be over. The
// same plan is printed by a dry run and carried out by a rollback.

#include <optional>
#include <string>
#include <vector>

#include "domain/policy.hpp"
#include "domain/rollback.hpp"

namespace stepback {

// What steps usually took in this environment: the middle one, and the one that nine in ten beat.
struct Estimate {
  StepKind kind = StepKind::stop;
  Duration usual{};
  Duration slow{};

  bool operator==(const Estimate&) const = default;
};
struct Estimates {
  std::vector<Estimate> steps;
  Duration validation_usual{};  // after the settle time; 0: no history
  Duration validation_slow{};

  bool operator==(const Estimates&) const = default;
};

// The steps that bring a lane from what runs to `target`. A step that is not needed is there as
// skipped, with the reason, so that nothing is left out silently.
std::vector<Step> lay_steps(const Deployment* failing, const Candidate& target, const Wish& wish,
                            const Estimates& estimates, const Policy& policy);

struct Prediction {
  Instant usual;
  Instant slow;  // nine in ten are over by then

  bool operator==(const Prediction&) const = default;
};
// From what is still to be done in this lane.
Prediction predict_end(const Lane& lane, const Policy& policy, Instant now);

// Of a rollback of one environment that began at the beginning of time.
Prediction predict_rollback(const std::optional<Deployment>& current, const Candidate& target,
                            const Estimates& estimates, const Policy& policy);

// What the steps still to be done need at least: their tries' limits are not counted, only what
// they usually take. Used to stop early rather than half-way at the deadline.
Duration needed_for(const Step& step);

// One line that names everything the plan would do; hashed into the plan's identity, so that an
// applied plan is the one that was shown.
std::string plan_text(const Rollback& rollback);

}  // namespace stepback
