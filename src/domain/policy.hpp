// SPDX-License-Identifier: Apache-2.0
#pragma once

// Policy: every limit, pause and deadline of a rollback, named once, with its default and unit.
// A rollback keeps the policy it began with, whatever the configuration says later. A new field
// needs a default that an old record can live with, and a line in wire/codec.

#include "base/time.hpp"

namespace stepback {

struct Policy {
  bool automatic = true;          // false: shadow; says what it would have done, touches nothing
  bool full_after_stage = true;   // the ladder goes stage, full, people; or stage, people
  Duration budget = minutes(15);  // from the trigger to validated; then people
  Duration hand_over_reserve = seconds(10);  // kept back from the budget for telling people

  Duration settle = seconds(60);        // after the switch, before a verdict may pass
  Duration look_every = seconds(1);     // between two looks while settling or inconclusive
  Duration quiet = seconds(60);         // the log's clean tail
  Duration look_back = minutes(5);      // how far a log report goes
  Duration alarm_grace = seconds(120);  // past an alarm's earliest OK before it counts as failed

  int attempts = 3;                   // tries of one step under one plan
  Duration retry_pause = seconds(2);  // doubles with each attempt
  Duration poll_every = seconds(1);   // looks at a step that is under way
  Duration stop_limit = seconds(30);  // one try of each kind of step
  Duration infrastructure_limit = minutes(4);
  Duration application_limit = seconds(60);
  Duration claim_limit = minutes(5);    // a full rollback's wait for an environment's slot
  Duration lease_margin = seconds(15);  // a lease outlives its step by this

  Duration bake = minutes(60);
  Duration max_event_age = minutes(20);
  Duration deploy_limit = minutes(30);  // a deployment in progress without a sign of life
  int brake_count = 2;                  // automatic rollbacks per environment and window
  Duration brake_window = hours(1);
  bool act_when_unlikely = false;  // roll back although attribution says it is not ours
  bool act_when_unknown = true;
  bool refuse_one_way = false;       // a deployment that closes the way back must be confirmed
  bool hold_until_released = false;  // else a hold lifts itself when another version succeeds

  int keep_good = 5;  // the newest good deployments never expire
  Duration keep = days(90);

  bool operator==(const Policy&) const = default;
};

}  // namespace stepback
