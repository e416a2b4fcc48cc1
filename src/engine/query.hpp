// SPDX-License-Identifier: Apache-2.0
#pragma once

// Query: what the entries may ask. It reads and changes nothing; a plan is made by the same
// functions that carry one out, and thrown away.

#include <optional>
#include <string>
#include <vector>

#include "domain/diagnosis.hpp"
#include "domain/measures.hpp"
#include "domain/override.hpp"
#include "domain/trigger.hpp"
#include "engine/performer.hpp"
#include "engine/transaction.hpp"

namespace stepback {

struct EnvironmentView {
  Head head;
  bool is_protected = false;  // people type its name
  std::optional<Deployment> current;
  std::optional<Rollback> rollback;              // the one that owns it, or that left it to people
  std::optional<std::vector<AlarmSeen>> alarms;  // none: could not be read
  Choice choice;                                 // what it would go back to
  Estimates estimates;
  Duration predicted{};  // of a stage rollback, from trigger to validated
};

struct PlanView {
  Rollback rollback;      // as it would stand after planning; never stored
  std::string hash;       // of what it would do; 12 characters
  Prediction prediction;  // of the lane where it begins
  std::string confirm;    // the name that a person must type first; empty: none
};

struct RollbackView {
  Rollback rollback;
  std::vector<StoredEntry> journal;  // of it and of the stage rollbacks it took over
  std::vector<TriggerRecord> triggers;
};

// The runbook's checks of an environment, against its record.
struct VerifyView {
  Validation validation;
  std::string pipeline;  // what is deploying, or that nothing is
  std::optional<Deployment> record;
  std::vector<Check> checks;  // validation's and those of pipeline and record
  Verdict verdict = Verdict::inconclusive;
  Observation observation;  // what all of that rests on
};

// What is known of a rollback and of what was around it, for finding out why it had to be.
struct Evidence {
  RollbackView view;
  Instant from;  // the window: from two hours before it was asked for
  Instant until;
  Instant collected_at;
  std::vector<Deployment> deployments;  // that it tells of, oldest first
  std::vector<Deployment> history;      // of its environment, newest first
  std::vector<Deployment> elsewhere;    // of the rejected version, in other environments
  std::vector<Rollback> rollbacks;      // others of the last thirty days, everywhere, newest first
  std::vector<TriggerRecord> events;    // that arrived in the window, oldest first
  Observation now;                      // and logs since the window began
};

class Query {
 public:
  Query(Store& store, Ledger& ledger, Performer& performer, Delivery delivery, Alarms& alarms,
        const Settings& settings, const Clock& clock)
      : store_(store),
        ledger_(ledger),
        performer_(performer),
        delivery_(delivery),
        alarms_(alarms),
        settings_(settings),
        clock_(clock) {}

  Result<EnvironmentView> environment(const Environment& environment);
  Result<Choice> targets(const Environment& environment, const Wish& wish);
  Result<PlanView> plan(const ManualRequest& request);
  Result<RollbackView> rollback(const RollbackId& id);
  Result<VerifyView> verify(const Environment& environment);
  // Reads every byte of what it would go back to.
  Result<Readiness> readiness(const Environment& environment);
  // All of it but what the records do not tell: servers, channels, contacts.
  Result<DiagnosisFacts> diagnosis(const Environment& environment);
  Result<std::vector<AlarmSeen>> alarms(const Environment& environment) {
    return alarms_.list(environment);
  }
  Result<Evidence> evidence(const RollbackId& id);
  // Of one environment, or of all.
  Result<Measures> measures(const std::optional<Environment>& environment, Instant from,
                            Instant until);
  Ledger& ledger() { return ledger_; }
  Store& store() { return store_; }

 private:
  Result<> plan_lanes(Transaction& transaction);
  Result<ReadinessFacts> look_for_readiness(const Environment& environment);
  void look_thoroughly(const Environment& environment, Candidate& target);

  Store& store_;
  Ledger& ledger_;
  Performer& performer_;
  Delivery delivery_;
  Alarms& alarms_;
  const Settings& settings_;
  const Clock& clock_;
};

}  // namespace stepback
