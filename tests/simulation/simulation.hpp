// SPDX-License-Identifier: Apache-2.0
#pragma once

// One seed is one run: the real engine in the pretend world, with crashes, lost and late requests,
// lapsed leases, duplicated and reordered events, clock jumps, people who interfere. After every
// step the checkers look; at the end everything must have come to rest. The same seed gives the
// same run, step for step.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "ports/ledger.hpp"
#include "ports/store.hpp"

namespace stepback {
namespace simulation {

// A mechanism that is taken away, to show that the checkers can fail.
enum class Mutant {
  none,
  no_fence,               // the pointer accepts any number
  no_barrier,             // nothing is stamped before infrastructure is touched
  no_compare_and_set,     // commits pass whatever was read
  no_hold,                // the rejected version is not kept out
  no_bad_verdict,         // a target that failed validation is not remembered
  intent_not_durable,     // effects leave before their intent is stored
  skip_stamp,             // "it looks right" counts as done
  early_acknowledgement,  // events are acknowledged before they are stored
  no_outbox,              // notices are told beside the commit, not with it
  no_deadline,            // the budget is longer than the policy says
  no_sweep,               // a rollback that is not woken is forgotten
  no_slot,                // intake does not see who owns an environment
  no_incident,            // escalation opens none
  blind_success,          // probes and alarms see nothing wrong
  no_brake,               // automatic rollbacks have no budget
  no_settling,            // a verdict may pass at once
  no_forgetting,          // what was read once is remembered beyond the turn
};
}  // namespace simulation

template <>
inline constexpr Names<simulation::Mutant, simulation::Mutant::no_forgetting>
    names_of<simulation::Mutant>{"none",
                                 "no_fence",
                                 "no_barrier",
                                 "no_compare_and_set",
                                 "no_hold",
                                 "no_bad_verdict",
                                 "intent_not_durable",
                                 "skip_stamp",
                                 "early_acknowledgement",
                                 "no_outbox",
                                 "no_deadline",
                                 "no_sweep",
                                 "no_slot",
                                 "no_incident",
                                 "blind_success",
                                 "no_brake",
                                 "no_settling",
                                 "no_forgetting"};

namespace simulation {

// Another store that is given every commit of the run as it passes. In the end it must hold the
// same records, and its audit must find nothing.
struct Mirror {
  Store* store = nullptr;
  Ledger* ledger = nullptr;
};

struct Options {
  std::uint64_t seed = 1;
  Mutant mutant = Mutant::none;
  bool trace = false;  // print every step
  // Whether processes remember within a turn what they read, as the function does; none: a quarter
  // of the seeds do.
  std::optional<bool> remembers = std::nullopt;
  std::optional<Mirror> mirror = std::nullopt;
};

struct Report {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::uint64_t trace_hash = 0;  // of everything that happened, in order
  int steps = 0;
  int crashes = 0;
  int takeovers = 0;
  int rollbacks = 0;
  int succeeded = 0;
  int escalated = 0;
  int handed_over = 0;
  std::map<std::string, int> faults;  // fired, by point
};

Report run(const Options& options);

}  // namespace simulation
}  // namespace stepback
