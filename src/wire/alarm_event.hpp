// SPDX-License-Identifier: Apache-2.0
#pragma once

// A change of an alarm's state, as EventBridge would carry it: the counterpart of signals/read.hpp.
// What watches alarms on one machine makes an AlarmChange of what it sees; from then on it goes the
// way of a CloudWatch event. Pure; usable from any thread.

#include <optional>
#include <string>
#include <vector>

#include "domain/alarm.hpp"
#include "domain/signal.hpp"

namespace stepback {

struct AlarmChange {
  std::string name;
  Environment environment;
  AlarmState from = AlarmState::insufficient_data;
  AlarmState to = AlarmState::ok;
  Instant at;      // with the name and `to`, the identity of the fact
  Instant before;  // since when it had been in the state it leaves
  std::string reason;
  std::string reason_before;
  Duration period{60'000};
  int evaluated = 1;               // N
  int to_alarm = 1;                // M
  std::vector<AlarmPoint> points;  // those the state was told from, oldest first

  bool operator==(const AlarmChange&) const = default;
};

struct EventPlace {
  std::string account = "local";
  std::string region = "local";
};

// When the first of the points that breach was taken; none: the change is not to ALARM.
std::optional<Instant> first_breach(const AlarmChange& change);

// "CloudWatch Alarm State Change" as JSON. The same change gives the same bytes, with the same id:
// whoever carries it twice tells nothing new.
std::string to_alarm_event(const AlarmChange& change, const EventPlace& place = {});

// What reading that event gives.
Signal to_signal(const AlarmChange& change, const EventPlace& place = {});

}  // namespace stepback
