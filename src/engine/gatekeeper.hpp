// SPDX-License-Identifier: Apache-2.0
#pragma once

// Gatekeeper: makes a gate's verdict durable, and has it followed. Every verdict goes into the
// environment's journal and stays with the version; one that is not green is a signal and goes
// through intake like any other: what runs goes back, what was never deployed is kept out. Called
// by the commands of a pipeline and by the pipeline on this machine; usable from any thread.

#include "domain/gate.hpp"
#include "engine/intake.hpp"

namespace stepback {

class Gatekeeper {
 public:
  Gatekeeper(Store& store, Intake& intake, const Clock& clock)
      : store_(store), intake_(intake), clock_(clock) {}

  struct Order {
    Environment environment;
    Version version;  // what was looked at; empty: what is deployed there now
    GateVerdict verdict;
    std::string digest;  // SHA-256 of what was read: the same report again is the same fact
    std::string by;
  };
  struct Answer {
    Version version;
    std::optional<TriggerRecord> trigger;  // what became of a verdict that is not green
  };
  // invalid: no version was named and none is deployed. Success means that it is durable.
  Result<Answer> record(const Order& order);

 private:
  Result<Version> deployed_in(const Environment& environment);
  Result<> keep(const Environment& environment, const GateRecord& gate, const std::string& by);

  Store& store_;
  Intake& intake_;
  const Clock& clock_;
};

}  // namespace stepback
