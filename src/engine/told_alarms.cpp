// SPDX-License-Identifier: Apache-2.0
#include "engine/told_alarms.hpp"

#include <algorithm>

namespace stepback {

Result<std::vector<AlarmSeen>> ToldAlarms::list(const Environment& environment) {
  auto alarms = TRY(asked_.list(environment));
  const auto head = TRY(store_.head(environment));
  for (const auto& alert : head.alerts) {
    if (std::ranges::find(alarms, alert.name, &AlarmSeen::name) != alarms.end()) continue;
    const auto match =
        match_alarm_in(environment, alert.name, settings_.environments, settings_.alarms);
    if (!match) continue;
    AlarmSeen seen{.name = alert.name, .roles = match->roles, .state = alert.state};
    seen.since = alert.since;
    seen.reason = alert.reason;
    alarms.push_back(std::move(seen));
  }
  return alarms;
}

}  // namespace stepback
