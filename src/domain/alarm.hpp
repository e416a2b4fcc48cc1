// SPDX-License-Identifier: Apache-2.0
#pragma once

// Alarms as the domain sees them: their state, what each is for (its roles), which environment a
// name belongs to, and when one can be OK again at the earliest. A "probe alarm" on one machine
// and a CloudWatch alarm look the same here.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "base/time.hpp"
#include "domain/environment.hpp"

namespace stepback {

enum class AlarmState { ok, alarm, insufficient_data };
template <>
inline constexpr Names<AlarmState, AlarmState::insufficient_data> names_of<AlarmState>{
    "OK", "ALARM", "INSUFFICIENT_DATA"};

// An alarm at the moment a deployment began: red before means not this deployment's doing.
struct AlarmBaseline {
  std::string name;
  AlarmState state = AlarmState::ok;

  bool operator==(const AlarmBaseline&) const = default;
};

// What an alarm may do. trigger: start a rollback. validate: judge one. brake: stop automatic
// rollbacks. notify: only tell. while_deploying: triggers only while a deployment is in progress.
// provider: in ALARM it says that what we all stand on is in trouble, which no deployment did.
struct AlarmRoles {
  bool trigger = false;
  bool validate = false;
  bool brake = false;
  bool notify = false;
  bool while_deploying = false;
  bool provider = false;

  bool operator==(const AlarmRoles&) const = default;
};

// Names are patterns with {environment} and one "*" at the end at most; the first that matches
// decides. The environment is matched as a whole token, the longest name first, so that
// "kiro-worker-prod-eu-errors" belongs to prod-eu and never to prod.
struct AlarmRule {
  std::string pattern;
  AlarmRoles roles;

  bool operator==(const AlarmRule&) const = default;
};
using AlarmRules = std::vector<AlarmRule>;

// The runbook's alarms: -rollbacks brakes, -failures notifies, -duration triggers while deploying,
// everything else of the pipeline and the worker triggers and validates.
AlarmRules default_alarm_rules(std::string_view prefix);

struct AlarmMatch {
  Environment environment;
  AlarmRoles roles;

  bool operator==(const AlarmMatch&) const = default;
};
std::optional<AlarmMatch> match_alarm(std::string_view name, const Environments& environments,
                                      const AlarmRules& rules);
// Whoever told of it said which environment it is about: rules apply to that one only, and where
// none does the alert triggers and validates, because it was sent here for that. None: not ours.
std::optional<AlarmMatch> match_alarm_in(const Environment& stated, std::string_view name,
                                         const Environments& environments, const AlarmRules& rules);
// The environment whose name is a whole token of a pipeline's, stage's or project's name; of
// several the one that stands last and, there, the longest.
std::optional<Environment> environment_in(std::string_view name, const Environments& environments);

enum class MissingData { missing, breaching, not_breaching, ignore };
template <>
inline constexpr Names<MissingData, MissingData::ignore> names_of<MissingData>{
    "missing", "breaching", "notBreaching", "ignore"};

// One period's value, judged against the threshold. `from` is when its window opened.
struct AlarmPoint {
  Instant from;
  bool breaching = false;

  bool operator==(const AlarmPoint&) const = default;
};

// An alarm as just seen.
struct AlarmSeen {
  std::string name;
  AlarmRoles roles;
  AlarmState state = AlarmState::ok;
  Instant since;
  std::string reason;
  bool exists = true;  // false: it was in the plan and is gone
  bool enabled = true;
  Duration period{60'000};
  int evaluated = 1;  // N: how many periods are looked at
  int to_alarm = 1;   // M: how many of them must breach
  MissingData missing = MissingData::missing;
  Duration publishing_delay{};
  std::vector<AlarmPoint> points;  // oldest first, as far as known

  bool operator==(const AlarmSeen&) const = default;
};

// The earliest moment at which this alarm can be OK after a change that took effect at `cutover`:
// a lower bound. Points not yet known count as clean, the period that straddles the cutover among
// them; where no points are known, all before the cutover count as breaching.
Instant earliest_ok(const AlarmSeen& alarm, Instant cutover);

}  // namespace stepback
