// SPDX-License-Identifier: Apache-2.0
#pragma once

// Settings: what the engine knows of the service it serves, from the configuration. Plain values,
// fixed for the life of the process.

#include <optional>
#include <string>
#include <vector>

#include "domain/alarm.hpp"
#include "domain/environment.hpp"
#include "domain/gate.hpp"
#include "domain/policy.hpp"
#include "domain/run.hpp"
#include "domain/subscription.hpp"

namespace stepback {

struct Settings {
  std::string service;
  Environments environments;  // in promotion order
  Environments guarded;       // people type the name of one of these to roll it back
  Environments seconded;      // a second person agrees before people roll one of these back
  AlarmRules alarms;
  Policy policy;
  GateRules gates;
  std::vector<StagePlan> stages;     // of the pipeline on this machine, in order
  std::vector<Subscription> people;  // the channels that reach them
  std::size_t contacts = 0;
  bool keeps_figures = false;               // a channel for metrics is among the others
  std::string prefix;                       // of alarms' names
  std::string owner;                        // whose configuration it is
  std::optional<Instant> reviewed;          // when somebody last looked through it
  std::vector<std::string> unread_secrets;  // references that lead nowhere
  std::string account;  // signals from elsewhere are rejected; empty: not looked at
  std::string region;
  std::string holder;             // this process, as leases and records name it
  std::size_t lanes_at_once = 4;  // effects of one rollback performed side by side
  // Things far away that one lane asks about side by side; 1: one after the other.
  std::size_t looks_at_once = 1;
  Duration orphan_after = seconds(30);  // how long a dead deployer's record may stand
};

}  // namespace stepback
