// SPDX-License-Identifier: Apache-2.0
#include "domain/alarm.hpp"

#include <algorithm>
#include <string>
#include <vector>

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

// Whether it could be an alarm of some environment: most events of a storm are of none.
bool may_match(std::string_view name, const AlarmRule& rule) {
  const std::string_view pattern = rule.pattern;
  return name.starts_with(pattern.substr(0, std::min(pattern.find(slot), pattern.find('*'))));
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || is_capital(c) || (c >= '0' && c <= '9'); }

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = is_capital(c) ? static_cast<char>(c + ('a' - 'A')) : c;
  return small;
}

// As in "deploy-test" and in "DeployTest", and not as in "latest".
bool is_whole_word(std::string_view text, std::size_t begin, std::size_t end) {
  const bool begins = begin == 0 || !is_word(text[begin - 1]) || is_capital(text[begin]);
  const bool ends = end == text.size() || !is_word(text[end]) || is_capital(text[end]);
  return begins && ends;
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

std::optional<AlarmMatch> match_alarm_in(const Environment& stated, std::string_view name,
                                         const Environments& environments,
                                         const AlarmRules& rules) {
  if (!contains(environments, stated)) return std::nullopt;
  if (auto match = match_alarm(name, {stated}, rules)) return match;
  return AlarmMatch{stated, {.trigger = true, .validate = true}};
}

std::optional<AlarmMatch> match_alarm(std::string_view name, const Environments& environments,
                                      const AlarmRules& rules) {
  std::vector<const AlarmRule*> possible;
  for (const auto& each : rules) {
    if (may_match(name, each)) possible.push_back(&each);
  }
  if (possible.empty()) return std::nullopt;
  const Environment* best = nullptr;
  const AlarmRule* rule = nullptr;
  for (const auto& environment : environments) {
    if (best != nullptr && environment.name.size() <= best->name.size()) continue;
    const auto found = std::ranges::find_if(possible, [&](const AlarmRule* candidate) {
      return matches(name, candidate->pattern, environment.name);
    });
    if (found == possible.end()) continue;
    best = &environment;
    rule = *found;
  }
  if (best == nullptr) return std::nullopt;
  return AlarmMatch{*best, rule->roles};
}

std::optional<Environment> environment_in(std::string_view name, const Environments& environments) {
  const std::string lowered = in_small_letters(name);
  const Environment* best = nullptr;
  std::size_t best_end = 0;
  for (const auto& environment : environments) {
    const std::string& token = environment.name;
    for (auto at = lowered.find(token); at != std::string::npos; at = lowered.find(token, at + 1)) {
      const auto end = at + token.size();
      if (!is_whole_word(name, at, end) || end < best_end) continue;
      if (best != nullptr && end == best_end && token.size() <= best->name.size()) continue;
      best = &environment;
      best_end = end;
    }
  }
  if (best == nullptr) return std::nullopt;
  return *best;
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
