// SPDX-License-Identifier: Apache-2.0
#pragma once

// Readiness: whether an environment could be rolled back right now, to what, how fast, and when
// that was last shown to work. Pure: the engine looks at everything that a rollback would need and
// hands over what it saw. What could not be looked at is never ready.

#include <optional>
#include <string>
#include <vector>

#include "domain/plan.hpp"
#include "domain/signal.hpp"
#include "domain/validation.hpp"

namespace stepback {

struct ReadinessFacts {
  Head head;
  std::optional<Deployment> current;
  Choice choice;  // with every byte of the chosen one's artifacts looked at
  Estimates estimates;
  std::string no_pointer;             // why the live pointer could not be read; empty: it was
  std::string no_pipeline;            // likewise, whether something deploys
  Observation seen;                   // of what runs now
  std::vector<Rollback> rollbacks;    // of this environment, the recent ones, newest first
  std::vector<TriggerRecord> events;  // about it, likewise
};

struct Readiness {
  std::optional<Release> live;  // what would be gone back from
  bool is_busy = false;         // something rolls back or deploys, which passes
  bool is_judged = false;       // good: it is no longer watched for alarms of its own
  std::vector<Check> checks;
  Verdict verdict = Verdict::inconclusive;  // of the checks but those that are `unproven`
  std::optional<Instant> proven_at;         // a rollback was last seen to work
  std::vector<std::string> unproven;        // checks that pass only after something has happened
  std::optional<Candidate> target;
  Duration usual{};  // from the trigger to validated, without what people take
  Duration slow{};   // nine in ten are over by then
};

// Longer ago than this, nobody knows any more that it works.
inline constexpr Duration proof_lasts = days(31);

// Why nothing may be rehearsed there now; empty: it may.
std::string why_not_rehearsed(const Readiness& readiness, bool is_protected);
// Of a drill's two rollbacks the one that stands for a real one: the way back names its target.
bool is_rehearsal(const Rollback& rollback);

Readiness judge_readiness(const ReadinessFacts& facts, const Policy& policy, Instant now);

}  // namespace stepback
