// SPDX-License-Identifier: Apache-2.0
#include "domain/validation.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "domain/checks.hpp"

namespace stepback {
namespace {

using checks::failed;
using checks::inconclusive;
using checks::passed;

// What a person accepted passes, and shows what would have been said.
Check accepted_or(Check check, const Expectation& expected) {
  if (check.verdict == Verdict::passed || !may_be_accepted(check.name)) return check;
  const auto word = std::ranges::find(expected.accepted, check.name, &Acceptance::check);
  if (word == expected.accepted.end()) return check;
  return passed(std::move(check.name), fmt::format("{}; it was {}: {}", word->how,
                                                   name_of(check.verdict), check.evidence));
}

// --- alarms -------------------------------------------------------------------------------------

// What the data points say whose whole window lies after the cutover.
struct PointsAfter {
  int clean = 0;
  int breaching = 0;
};

PointsAfter points_after(const AlarmSeen& alarm, Instant cutover) {
  PointsAfter after;
  for (const auto& point : alarm.points) {
    if (point.from < cutover) continue;
    ++(point.breaching ? after.breaching : after.clean);
  }
  return after;
}

bool was_red_before(const AlarmSeen& alarm, const Expectation& expected) {
  return std::ranges::any_of(expected.baseline, [&](const AlarmBaseline& before) {
    return before.name == alarm.name && before.state == AlarmState::alarm;
  });
}

bool was_without_data(const AlarmSeen& alarm, const Expectation& expected) {
  return std::ranges::any_of(expected.baseline, [&](const AlarmBaseline& before) {
    return before.name == alarm.name && before.state == AlarmState::insufficient_data;
  });
}

Check judge_red(std::string name, const AlarmSeen& alarm, const Expectation& expected,
                const Policy& policy, Instant now) {
  const auto after = points_after(alarm, expected.cutover);
  const auto since = to_rfc3339_seconds(alarm.since);
  if (after.breaching >= alarm.to_alarm) {
    return failed(std::move(name),
                  fmt::format("in ALARM since {}, {} points after the switch breach: {}", since,
                              after.breaching, alarm.reason));
  }
  // The newest point that can hold anything from before the switch is the one that straddles it.
  const auto last_old_point = expected.cutover + alarm.period + alarm.publishing_delay;
  if (alarm.since > last_old_point && alarm.points.empty()) {
    return failed(std::move(name),
                  fmt::format("went into ALARM after the switch, at {}: {}", since, alarm.reason));
  }
  const auto earliest = earliest_ok(alarm, expected.cutover);
  if (after.breaching == 0 && after.clean > alarm.evaluated - alarm.to_alarm) {
    return passed(
        std::move(name),
        fmt::format("{} points after the switch are clean; its state follows", after.clean));
  }
  const auto patience = std::max(policy.alarm_grace, alarm.period * 2);
  if (now > earliest + patience && after.clean == 0) {
    return failed(std::move(name),
                  fmt::format("still in ALARM since {}, it could have cleared at {}: {}", since,
                              to_rfc3339_seconds(earliest), alarm.reason));
  }
  return inconclusive(
      std::move(name),
      fmt::format("in ALARM since {}; cannot clear before {}", since, to_rfc3339_seconds(earliest)),
      earliest);
}

Check judge_alarm(const AlarmSeen& alarm, const Expectation& expected, const Policy& policy,
                  Instant now, bool otherwise_positive) {
  auto name = "alarm " + alarm.name;
  if (!alarm.exists) return inconclusive(std::move(name), "it is in the plan and has vanished");
  if (!alarm.enabled) return inconclusive(std::move(name), "its actions are disabled");
  switch (alarm.state) {
    case AlarmState::ok: return passed(std::move(name), "OK");
    case AlarmState::insufficient_data:
      if (was_without_data(alarm, expected)) {
        return passed(std::move(name), "INSUFFICIENT_DATA, as before the deployment");
      }
      if (otherwise_positive) {
        return passed(std::move(name), "INSUFFICIENT_DATA; health and version are positive");
      }
      return inconclusive(std::move(name), "INSUFFICIENT_DATA, and nothing else is positive");
    case AlarmState::alarm:
      if (was_red_before(alarm, expected)) {
        return passed(std::move(name),
                      "was in ALARM before the deployment; neither vetoes nor counts");
      }
      return judge_red(std::move(name), alarm, expected, policy, now);
  }
  std::unreachable();
}

// --- the others ---------------------------------------------------------------------------------

Check judge_health(const HealthSeen& health) {
  auto name = "health " + health.name;
  if (!health.seen) return inconclusive(std::move(name), "could not be asked: " + health.detail);
  return health.healthy ? passed(std::move(name), health.detail)
                        : failed(std::move(name), health.detail);
}

Check judge_version(const std::optional<VersionSeen>& seen, const Expectation& expected) {
  if (!seen || !seen->seen) {
    return inconclusive("version",
                        seen ? "could not be read: " + seen->detail : "nobody was asked");
  }
  const bool by_digest = !seen->digest.empty() && !expected.digest.empty();
  const bool same = by_digest ? seen->digest == expected.digest : seen->version == expected.version;
  if (!same) {
    return failed("version",
                  fmt::format("deployed={}, target={}",
                              seen->version.empty() ? seen->digest.hex : seen->version.text,
                              expected.version.text));
  }
  if (expected.operation != 0 && seen->operation != expected.operation) {
    return failed("version",
                  fmt::format("the pointer was last written under number {}, not under ours, {}",
                              seen->operation, expected.operation));
  }
  return passed("version",
                fmt::format("{} runs{}", expected.version.text, by_digest ? ", by digest" : ""));
}

Check judge_logs(const LogsSeen& logs, const Expectation& expected, const Policy& policy,
                 Instant now) {
  auto name = "logs " + logs.name;
  if (!logs.seen) return inconclusive(std::move(name), "could not be read: " + logs.detail);
  const auto sample = logs.samples.empty() ? std::string() : ": " + logs.samples.front();
  if (logs.critical > 0) {
    return failed(std::move(name),
                  fmt::format("{} critical since the switch{}", logs.critical, sample));
  }
  const auto minutes_since =
      std::max(1.0, static_cast<double>((now - expected.cutover).count()) / 60'000);
  const auto usual = logs.usual_errors_per_minute * minutes_since;
  if (logs.errors == 0 || static_cast<double>(logs.errors) <= usual) {
    const auto clean_from = expected.cutover + policy.quiet;
    if (now < clean_from)
      return inconclusive(std::move(name), "too early for a quiet minute", clean_from);
    return passed(std::move(name), fmt::format("{} errors since the switch, usual would be {:.1f}",
                                               logs.errors, usual));
  }
  const auto quiet_at = logs.last_error_at.value_or(now) + policy.quiet;
  if (quiet_at <= now) {
    return passed(std::move(name),
                  fmt::format("{} errors while starting, none since {}", logs.errors,
                              to_rfc3339_seconds(quiet_at - policy.quiet)));
  }
  // Errors while the old version warms up are forgiven; errors that go on after that are not.
  if (logs.last_error_at && *logs.last_error_at > expected.cutover + policy.settle + policy.quiet) {
    return failed(std::move(name),
                  fmt::format("{} errors since the switch, the last at {}{}", logs.errors,
                              to_rfc3339_seconds(*logs.last_error_at), sample));
  }
  return inconclusive(std::move(name),
                      fmt::format("{} errors since the switch{}", logs.errors, sample), quiet_at);
}

void add_alarms(Validation& result, const Observation& observation, const Expectation& expected,
                const Policy& policy, bool otherwise_positive) {
  for (const auto& alarm : observation.alarms) {
    if (!alarm.roles.validate) continue;
    auto check = accepted_or(
        judge_alarm(alarm, expected, policy, observation.at, otherwise_positive), expected);
    if (check.verdict == Verdict::failed) result.failed_alarms.push_back(alarm.name);
    result.checks.push_back(std::move(check));
  }
  for (const auto& planned : expected.baseline) {
    const bool seen = std::ranges::find(observation.alarms, planned.name, &AlarmSeen::name) !=
                      observation.alarms.end();
    if (!seen) {
      result.checks.push_back(accepted_or(
          inconclusive("alarm " + planned.name, "it is in the plan and has vanished"), expected));
    }
  }
}

std::string health_status(const Observation& observation) {
  std::string text;
  for (const auto& health : observation.health) {
    if (!text.empty()) text += ", ";
    text += health.name + " " + health.detail;
  }
  return text;
}

void conclude(Validation& result, bool positive, bool glance) {
  const auto has = [&](Verdict verdict) {
    return std::ranges::find(result.checks, verdict, &Check::verdict) != result.checks.end();
  };
  if (has(Verdict::failed)) {
    result.verdict = Verdict::failed;
  } else if (glance || !positive || has(Verdict::inconclusive)) {
    result.verdict = Verdict::inconclusive;
  } else {
    result.verdict = Verdict::passed;
  }
  result.success = result.verdict == Verdict::passed;
  for (const auto& check : result.checks) {
    if (check.not_before && (!result.not_before || *result.not_before < *check.not_before)) {
      result.not_before = check.not_before;
    }
    if (result.success || check.verdict != result.verdict) continue;
    if (!result.reason.empty()) result.reason += "; ";
    result.reason += check.name + ": " + check.evidence;
  }
  if (!result.success && result.reason.empty()) {
    result.reason = glance ? "still settling" : "nothing was seen that proves it";
  }
}

}  // namespace

bool may_be_accepted(const std::string& check) {
  return check.starts_with("alarm ") || check.starts_with("health ") || check.starts_with("logs ");
}

Verdict worst(const std::vector<Check>& checks) {
  Verdict verdict = Verdict::passed;
  for (const auto& check : checks) {
    if (check.verdict == Verdict::failed) return Verdict::failed;
    if (check.verdict == Verdict::inconclusive) verdict = Verdict::inconclusive;
  }
  return verdict;
}

Validation validate(const Observation& observation, const Expectation& expected,
                    const Policy& policy) {
  Validation result;
  result.timestamp = observation.at;
  std::vector<Check> others;
  bool positive = false;
  if (!observation.alarms_only) {
    for (const auto& health : observation.health)
      others.push_back(accepted_or(judge_health(health), expected));
    const bool healthy = std::ranges::all_of(
        others, [](const Check& check) { return check.verdict == Verdict::passed; });
    others.push_back(judge_version(observation.version, expected));
    const bool right_version = others.back().verdict == Verdict::passed;
    result.version_match = others.back().verdict == Verdict::inconclusive
                               ? std::optional<bool>()
                               : std::optional<bool>(right_version);
    positive = healthy && right_version;
    for (const auto& logs : observation.logs)
      others.push_back(accepted_or(judge_logs(logs, expected, policy, observation.at), expected));
    for (const auto& unseen : observation.unseen) others.push_back(inconclusive("sight", unseen));
    result.health_check_status = health_status(observation);
  }
  add_alarms(result, observation, expected, policy, positive && !observation.health.empty());
  std::ranges::move(others, std::back_inserter(result.checks));
  conclude(result, positive, observation.alarms_only);
  return result;
}

}  // namespace stepback
