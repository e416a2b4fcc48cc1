// SPDX-License-Identifier: Apache-2.0
#include "domain/alarm.hpp"

#include <algorithm>

namespace stepback {
namespace {

constexpr std::string_view slot = "{environment}";

bool ends_token(std::string_view rest) { return rest.empty() || rest[0] == '-'; }

// Matches without building the expanded pattern: this runs for every event of a storm.
bool matches(std::string_view name, std::string_view pattern, std::string_view environment) {
  const auto at = pattern.find(slot);
  if (at != std::string_view::npos) {
    if (!name.starts_with(pattern.substr(0, at))) return false;
    name.remove_prefix(at);
    if (!name.starts_with(environment)) return false;
    name.remove_prefix(environment.size());
    if (!ends_token(name)) return false;
    pattern.remove_prefix(at + slot.size());
  }
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

std::int64_t window_of(Instant at, Duration period) { return at.ms / period.count(); }

}  // namespace

AlarmRules default_alarm_rules(std::string_view prefix) {
  const std::string pipeline = std::string(prefix) + "-pipeline-{environment}-";
  const std::string worker = std::string(prefix) + "-worker-{environment}-";
  return {{pipeline + "rollbacks", {.brake = true, .notify = true}},
          {pipeline + "failures", {.validate = true, .notify = true}},
          {pipeline + "duration", {.trigger = true, .while_deploying = true}},
          {pipeline + "*", {.trigger = true, .validate = true}},
          {worker + "*", {.trigger = true, .validate = true}}};
}

std::optional<AlarmMatch> match_alarm(std::string_view name, const Environments& environments,
                                      const AlarmRules& rules) {
  const Environment* best = nullptr;
  const AlarmRule* rule = nullptr;
  for (const auto& environment : environments) {
    if (best != nullptr && environment.name.size() <= best->name.size()) continue;
    const auto found = std::ranges::find_if(rules, [&](const AlarmRule& candidate) {
      return matches(name, candidate.pattern, environment.name);
    });
    if (found == rules.end()) continue;
    best = &environment;
    rule = &*found;
  }
  if (best == nullptr) return std::nullopt;
  return AlarmMatch{*best, rule->roles};
}

Instant earliest_ok(const AlarmSeen& alarm, Instant cutover) {
  const auto period = std::max(alarm.period, Duration(1));
  const auto evaluated = std::max(alarm.evaluated, 1);
  const auto to_alarm = std::clamp(alarm.to_alarm, 1, evaluated);
  // Breaching flags of the windows before the one that holds the cutover, newest last.
  const auto straddling = window_of(cutover, period);
  const auto breaching_before = [&](std::int64_t window) {
    if (alarm.points.empty()) return true;
    return std::ranges::any_of(alarm.points, [&](const AlarmPoint& point) {
      return point.breaching && window_of(point.from, period) == window;
    });
  };
  for (std::int64_t last = straddling;; ++last) {
    int breaching = 0;
    for (std::int64_t window = last - evaluated + 1; window < straddling; ++window) {
      if (breaching_before(window)) ++breaching;
    }
    if (breaching < to_alarm) {
      return Instant{(last + 1) * period.count()} + alarm.publishing_delay;
    }
  }
}

}  // namespace stepback
