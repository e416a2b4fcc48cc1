// SPDX-License-Identifier: Apache-2.0
#include "app/looking.hpp"

#include <algorithm>
#include <iterator>

namespace stepback {

Result<std::vector<LogLine>> LogReadersTogether::read_lines(const LogQuery& query) {
  auto lines = TRY(files_.read_lines(query));
  if (groups_ == nullptr) return lines;
  auto more = TRY(groups_->read_lines(query));
  std::ranges::move(more, std::back_inserter(lines));
  std::ranges::stable_sort(lines, {}, &LogLine::at);
  if (lines.size() > query.limit)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(query.limit));
  return lines;
}

AlarmHistoriesTogether::AlarmHistoriesTogether(AlarmHistory& probes, const Config& config,
                                               const Elsewhere& elsewhere)
    : probes_(probes) {
  for (const auto& each : config.environments) {
    if (each.cloudwatch && each.cloudwatch->alarms)
      places_[each.environment] = elsewhere.alarm_history;
  }
}

Result<std::vector<AlarmTurn>> AlarmHistoriesTogether::turns(const Environment& environment,
                                                             Instant since, Instant until) {
  auto all = TRY(probes_.turns(environment, since, until));
  const auto found = places_.find(environment);
  if (found == places_.end()) return all;
  auto more = TRY(found->second->turns(environment, since, until));
  std::ranges::move(more, std::back_inserter(all));
  std::ranges::stable_sort(all, {}, &AlarmTurn::at);
  return all;
}

std::vector<WireSeen> WiringByEnvironment::look_at_wiring(const Environment& environment) {
  if (elsewhere_ != nullptr) return elsewhere_->look_at_wiring(environment);
  return {};
}

}  // namespace stepback
