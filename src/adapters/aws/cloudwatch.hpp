// SPDX-License-Identifier: Apache-2.0
#pragma once

// CloudWatchAlarms: the port Alarms over CloudWatch, metric and composite alarms alike. Which are
// looked for comes from the patterns of the alarm rules; whose they are is decided by match_alarm,
// so that "prod" never gets what is "prod-eu"'s. An answer that can't be read, or has more pages
// than can be believed, is an error: a list that lacks an alarm would look like good health.
//
// Used by the engine's observers and the command line; any thread. Reads only, so a crash leaves
// nothing behind.

#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/service.hpp"
#include "ports/inspection.hpp"
#include "ports/observation.hpp"

namespace stepback::aws {

struct CloudWatchAlarmsConfig {
  Environments environments;  // all there are, not only those that are asked about
  AlarmRules rules;           // default_alarm_rules(prefix)
  // How long after a period's end its value counts at the latest, as a rule.
  Duration publishing_delay = seconds(60);
};

using stepback::AlarmTurn;

class CloudWatchAlarms final : public Alarms, public AlarmHistory {
 public:
  static constexpr Dialect dialect{.id = "monitoring",
                                   .signing = "",
                                   .target = "GraniteServiceVersion20100801",
                                   .version = "1.0"};

  CloudWatchAlarms(Service& service, CloudWatchAlarmsConfig config, const Clock& clock)
      : service_(service), config_(std::move(config)), clock_(clock) {}

  // Sorted by name. An alarm whose actions are off is in it, with enabled == false. While an alarm
  // is red, its points are given only if they reach up to now: older ones say nothing about the
  // periods since, which the domain then counts as breaching.
  Result<std::vector<AlarmSeen>> list(const Environment& environment) override;

  // not_found: there is none of that name.
  Result<AlarmState> state(const std::string& name);

  // Its changes of state from then on, oldest first.
  Result<std::vector<AlarmTurn>> history(const std::string& name, Instant since);
  Result<std::vector<AlarmTurn>> turns(const Environment& environment, Instant since,
                                       Instant until) override;

 private:
  Result<std::vector<AlarmSeen>> described(json::Object parameters);

  Service& service_;
  CloudWatchAlarmsConfig config_;
  const Clock& clock_;
};

// What has to be asked for to see every alarm of the environment that the rules name: "" asks for
// all there are. No prefix begins with another.
std::vector<std::string> alarm_prefixes(const AlarmRules& rules, const Environment& environment);

}  // namespace stepback::aws
