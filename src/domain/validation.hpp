// SPDX-License-Identifier: Apache-2.0
#pragma once

// Validation (the runbook's RollbackValidator): what was observed becomes a list of checks, each
// passed, failed or inconclusive, and one verdict. Inconclusive is never success: it waits within
// the budget, then people are asked.

#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/alarm.hpp"
#include "domain/deployment.hpp"
#include "domain/policy.hpp"

namespace stepback {

enum class Verdict { passed, failed, inconclusive };
template <>
inline constexpr Names<Verdict, Verdict::inconclusive> names_of<Verdict>{"passed", "failed",
                                                                         "inconclusive"};

struct HealthSeen {
  std::string name;      // of the probe
  bool seen = true;      // false: the probe itself could not be carried out
  bool healthy = false;  // N of M attempts met every condition
  std::string detail;    // "200 3/3, p95 12ms" or why not, with numbers
  std::optional<int> status;

  bool operator==(const HealthSeen&) const = default;
};

// Read from what runs, and from the pointer that our publisher wrote.
struct VersionSeen {
  bool seen = false;
  Version version;  // what the running system says it is
  Digest digest;
  std::uint64_t operation = 0;  // the number under which the pointer was last written
  std::string detail;

  bool operator==(const VersionSeen&) const = default;
};

struct LogsSeen {
  std::string name;
  bool seen = true;
  int lines = 0;   // since the cutover
  int errors = 0;  // since the cutover
  int critical = 0;
  double usual_errors_per_minute = 0;  // before the failed version, as far as known
  std::optional<Instant> last_error_at;
  std::vector<std::string> samples;  // a few matching lines, cut short
  std::string detail;

  bool operator==(const LogsSeen&) const = default;
};

struct Observation {
  Instant at;
  std::vector<AlarmSeen> alarms;
  std::vector<HealthSeen> health;
  std::optional<VersionSeen> version;
  std::vector<LogsSeen> logs;
  bool alarms_only = false;         // a glance while settling
  std::vector<std::string> unseen;  // what could not be asked, and why

  bool operator==(const Observation&) const = default;
};

struct Check {
  std::string name;  // "alarm kiro-worker-production-errors", "health api", "version", "logs app"
  Verdict verdict = Verdict::inconclusive;
  std::string evidence;
  std::optional<Instant> not_before;  // it cannot be told earlier than this

  bool operator==(const Check&) const = default;
};

// The runbook's ValidationResult, with the checks it rests on.
struct Validation {
  Verdict verdict = Verdict::inconclusive;
  bool success = false;
  std::string reason;                      // present unless it succeeded
  std::vector<std::string> failed_alarms;  // name: reason
  std::string health_check_status;
  std::optional<bool> version_match;
  Instant timestamp;
  std::vector<Check> checks;
  std::optional<Instant> not_before;  // the latest of the checks' own

  bool operator==(const Validation&) const = default;
};

// A person's word that a check passes whatever it sees. What proves the version, and what could not
// be looked at, nobody can accept.
struct Acceptance {
  std::string check;  // its name
  std::string how;    // "accepted by alice until 11:30: known false"

  bool operator==(const Acceptance&) const = default;
};
bool may_be_accepted(const std::string& check);

// What the observation is held against.
struct Expectation {
  Version version;
  Digest digest;
  std::uint64_t operation = 0;  // 0: not asked for (nothing was switched)
  Instant cutover;
  std::vector<AlarmBaseline> baseline;  // the alarms frozen in the plan, as they were before
  std::vector<Acceptance> accepted;
};

// failed if any is; inconclusive if any cannot be told.
Verdict worst(const std::vector<Check>& checks);

Validation validate(const Observation& observation, const Expectation& expected,
                    const Policy& policy);

}  // namespace stepback
