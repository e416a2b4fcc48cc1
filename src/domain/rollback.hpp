// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rollback: what one is. A saga from a trigger to an outcome, in lanes (one for each environment)
// that stand in a phase and have, at most, one pending effect. What must be done is part of this
// state and is committed before it is done, so that starting and recovering are one path. How it
// moves is in advance.hpp, and nowhere else.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/deployment.hpp"
#include "domain/policy.hpp"
#include "domain/target.hpp"
#include "domain/validation.hpp"
#include "domain/wish.hpp"

namespace stepback {

enum class Origin { automatic, manual, drill };
template <>
inline constexpr Names<Origin, Origin::drill> names_of<Origin>{"automatic", "manual", "drill"};
enum class Outcome { succeeded, escalated, handed_over, cancelled };
template <>
inline constexpr Names<Outcome, Outcome::cancelled> names_of<Outcome>{"succeeded", "escalated",
                                                                      "handed_over", "cancelled"};

// Where a lane stands.
//   claiming    waits for the environment's slot (full level only)
//   planning    a target is to be chosen
//   performing  the steps are done, in order
//   settling    the switch is made; alarms are watched, nothing may pass yet
//   judging     everything is observed until a verdict falls
//   done        ended; see LaneEnd
enum class Phase { claiming, planning, performing, settling, judging, done };
template <>
inline constexpr Names<Phase, Phase::done> names_of<Phase>{"claiming", "planning", "performing",
                                                           "settling", "judging",  "done"};

enum class LaneEnd { passed, verified, failed, no_target, cancelled, handed_over };
template <>
inline constexpr Names<LaneEnd, LaneEnd::handed_over> names_of<LaneEnd>{
    "passed", "verified", "failed", "no_target", "cancelled", "handed_over"};

enum class StepKind { stop, barrier, infrastructure, application };
template <>
inline constexpr Names<StepKind, StepKind::application> names_of<StepKind>{
    "stop", "barrier", "infrastructure", "application"};
enum class StepState { waiting, under_way, done, skipped, failed };
template <>
inline constexpr Names<StepState, StepState::failed> names_of<StepState>{
    "waiting", "under_way", "done", "skipped", "failed"};

struct Step {
  StepKind kind = StepKind::stop;
  StepState state = StepState::waiting;
  int attempt = 0;
  std::uint64_t operation = 0;  // the number of its newest intent
  Duration expected{};          // usual time, from this environment's history
  Duration expected_slow{};     // nine in ten are faster
  std::optional<Instant> started_at;
  std::optional<Instant> ended_at;
  std::string detail;

  bool operator==(const Step&) const = default;
};

enum class EffectKind { find_target, observe, stop, barrier, infrastructure, application };
template <>
inline constexpr Names<EffectKind, EffectKind::application> names_of<EffectKind>{
    "find_target", "observe", "stop", "barrier", "infrastructure", "application"};

bool changes_the_world(EffectKind kind);  // false for find_target and observe

// What is to be done now. look_first: an earlier try may or may not have happened, so it is looked
// for before anything is issued again.
struct Effect {
  EffectKind kind = EffectKind::find_target;
  bool look_first = false;
  std::uint64_t operation = 0;  // 0 for what changes nothing
  int attempt = 0;

  bool operator==(const Effect&) const = default;
};

struct Lane {
  Environment environment;
  bool acts = true;         // false: does not run the rejected version; verified, left alone
  DeploymentId deployment;  // the failing one here
  Release from;
  std::optional<Candidate> target;
  std::vector<Refusal> refused;
  std::vector<Digest> excluded;       // targets whose artifacts turned out not to be what they were
  std::vector<AlarmBaseline> alarms;  // frozen with the plan
  Phase phase = Phase::planning;
  std::vector<Step> steps;
  std::optional<Effect> pending;
  Instant wake_at;      // when it is due again
  Instant deadline_at;  // of the phase; the rollback's own is the hard one
  std::optional<Instant> cutover_at;
  std::uint64_t operation = 0;  // under which the target must be seen to run
  Duration validation_usual{};  // after the settle time, from this environment's history
  Duration validation_slow{};
  std::optional<Validation> validation;
  std::optional<LaneEnd> end;
  std::string why;

  bool operator==(const Lane&) const = default;
};

// The right to take turns, on one record. The epoch grows with every claim; whoever commits with an
// older one is refused. Times only decide when another may try, never what is right.
struct Lease {
  std::string holder;  // empty: free
  std::uint64_t epoch = 0;
  Instant expires_at;

  bool operator==(const Lease&) const = default;
};

struct Rollback {
  RollbackId id;
  Level level = Level::stage;
  Origin origin = Origin::automatic;
  Environment environment;  // where it began
  Release rejected;         // what must go
  std::string reason;
  std::string trigger_key;            // empty for a manual one
  std::string attribution;            // likely, unlikely, unknown; empty for a manual one
  std::vector<std::string> findings;  // what a gate found in the rejected version
  std::vector<std::string> evidence;
  std::string requested_by;  // "automation" or a person
  Wish wish;
  Instant accepted_at;
  Instant deadline_at;
  std::vector<Lane> lanes;
  Lease lease;
  Policy policy;
  std::vector<RollbackId> took_over;  // the stage rollbacks that handed over to this one
  std::optional<RollbackId> handed_to;
  std::optional<Outcome> outcome;
  std::optional<Instant> ended_at;
  std::string incident;  // set exactly when it is escalated
  std::string why;       // of the outcome
  bool warned_of_budget = false;
  std::uint64_t journaled = 0;  // entries so far; the next one's number

  std::uint64_t revision = 0;  // as read; the store counts. 0: never stored

  bool operator==(const Rollback&) const = default;
};

bool is_active(const Rollback& rollback);
Instant wake_of(const Rollback& rollback);  // the earliest lane's; never when none waits
// A wake-up further ahead than any that is ever set means that the clock was put back: due at once.
bool is_due(Instant wake_at, Instant now);
const Lane* lane_of(const Rollback& rollback, const Environment& environment);

// Names the deed, for targets that can take a key: rollback/level/environment/step/operation. A
// crash repeats it. A new try has a new one, and so has the same step of a later plan: numbers are
// given out once, tries are counted anew.
std::string idempotency_key(const Rollback& rollback, const Lane& lane, const Effect& effect);

}  // namespace stepback
