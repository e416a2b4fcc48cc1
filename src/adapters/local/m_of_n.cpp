// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/m_of_n.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback::local {
namespace {

constexpr int more_periods = 2;  // looked at when samples are missing

struct Window {
  std::vector<const Sample*> real;  // not missing, oldest first
  int breaching = 0;
};

// The most recent N real samples of the range.
Window window_of(const MOfN& rule, const std::vector<Sample>& samples, Instant now) {
  const std::int64_t last = period_number(now, rule.period);
  Window window;
  for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample) {
    const std::int64_t age = last - period_number(sample->at, rule.period);
    if (age < 0 || age >= rule.evaluated + more_periods) continue;
    if (sample->kind == SampleKind::missing) continue;
    if (std::ssize(window.real) == rule.evaluated) break;
    window.real.insert(window.real.begin(), &*sample);
    if (sample->kind == SampleKind::breaching) ++window.breaching;
  }
  return window;
}

// With `missing`, an alarm does not wait for samples that don't come: what was seen M periods ago
// breached, and nothing clean has been seen since.
bool is_red_since_long(const MOfN& rule, const Window& window, Instant now) {
  const auto oldest = std::ranges::find_if(
      window.real, [](const Sample* sample) { return sample->kind == SampleKind::breaching; });
  if (oldest == window.real.end()) return false;
  const bool clean_since = std::any_of(oldest, window.real.end(), [](const Sample* sample) {
    return sample->kind == SampleKind::clean;
  });
  const std::int64_t age =
      period_number(now, rule.period) - period_number((*oldest)->at, rule.period) + 1;
  return !clean_since && age >= rule.to_alarm;
}

AlarmState state_of(const MOfN& rule, const Window& window, AlarmState current, Instant now) {
  const auto from = [](bool red) { return red ? AlarmState::alarm : AlarmState::ok; };
  const int known = static_cast<int>(window.real.size());
  const int filled = rule.evaluated - known;
  if (window.breaching >= rule.to_alarm) return AlarmState::alarm;
  if (filled == 0) return AlarmState::ok;
  switch (rule.missing) {
    case MissingData::breaching: return from(window.breaching + filled >= rule.to_alarm);
    case MissingData::not_breaching: return AlarmState::ok;
    case MissingData::ignore: {
      const bool clean_anyhow = window.breaching + filled < rule.to_alarm;
      return clean_anyhow ? AlarmState::ok : current;
    }
    case MissingData::missing:
      if (known == 0) return AlarmState::insufficient_data;
      return from(is_red_since_long(rule, window, now));
  }
  std::unreachable();
}

std::string reason_for(const MOfN& rule, const Window& window, AlarmState state) {
  if (window.real.empty()) {
    return fmt::format("no point in the last {} periods", rule.evaluated + more_periods);
  }
  const Sample* shown = window.real.back();
  for (const Sample* sample : window.real) {
    if (state == AlarmState::alarm && sample->kind == SampleKind::breaching) shown = sample;
  }
  return fmt::format("{} of the last {} points breach, {} of {} make an alarm; {}: {}",
                     window.breaching, window.real.size(), rule.to_alarm, rule.evaluated,
                     to_rfc3339_seconds(shown->at), shown->said);
}

}  // namespace

std::int64_t period_number(Instant at, Duration period) {
  return at.ms / std::max<std::int64_t>(period.count(), 1);
}

Duration evaluation_range(const MOfN& rule) {
  return rule.period * (rule.evaluated + more_periods);
}

Told tell(const MOfN& given, const std::vector<Sample>& samples, AlarmState current, Instant now) {
  MOfN rule = given;
  rule.evaluated = std::max(rule.evaluated, 1);
  rule.to_alarm = std::clamp(rule.to_alarm, 1, rule.evaluated);
  const Window window = window_of(rule, samples, now);
  Told told;
  told.state = state_of(rule, window, current, now);
  told.reason = reason_for(rule, window, told.state);
  for (const Sample* sample : window.real) {
    told.points.push_back({sample->at, sample->kind == SampleKind::breaching});
  }
  return told;
}

}  // namespace stepback::local
