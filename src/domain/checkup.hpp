// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checkup: the runbook's list of fifteen, one verdict each: well, a finding with the command that
// mends it, or not looked at and why. And what is questionable about a configuration that is valid.
// Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/diagnosis.hpp"
#include "domain/drift.hpp"
#include "domain/wiring.hpp"

namespace stepback {

enum class Item {
  function_logs,
  rule,
  previous_record,
  artifacts,
  permissions,
  alarm_configuration,
  drift,
  network,
  dead_letters,
  pipeline_changes,
  secrets,
  locks,
  anomalies,
  sources,
  retention,
};
template <>
inline constexpr Names<Item, Item::retention> names_of<Item>{
    "function-logs", "rule",  "previous-record", "artifacts",    "permissions",
    "alarms",        "drift", "network",         "dead-letters", "pipeline-changes",
    "secrets",       "locks", "anomalies",       "git",          "retention"};

enum class Seen { well, finding, not_looked_at };
template <>
inline constexpr Names<Seen, Seen::not_looked_at> names_of<Seen>{"pass", "finding",
                                                                 "not looked at"};

struct Examined {
  Item item = Item::rule;
  Seen seen = Seen::well;
  std::string evidence;
  std::string remedy;  // a command of ours; of findings only
};

// How long what lies where versions are kept stays.
struct KeptFor {
  bool looked = false;
  bool keeps_deleted = false;
  std::optional<Duration> kept;  // none: nothing takes it away
  std::string detail;
};

struct CheckupFacts {
  DiagnosisFacts diagnosis;
  std::vector<WireSeen> wires;
  std::vector<Drift> drift;             // of records and world
  std::vector<std::string> complaints;  // of our own journal in the last hour, newest last
  KeptFor retention;
  std::vector<std::string> unread_secrets;  // references that lead nowhere
  std::optional<bool> sources_known;        // none: nobody said where the sources are
};

std::vector<Examined> examine(const CheckupFacts& facts, const Policy& policy, Instant now);

// What is looked at for one of them, what it would mean, and what mends it: some lines for people.
std::vector<std::string> explain(Item item);

// --- a valid configuration that nobody would want
// -------------------------------------------------

struct LintFacts {
  AlarmRules rules;
  Environments environments;
  std::string prefix;
  std::size_t contacts = 0;
  std::string owner;
  std::optional<Instant> reviewed;
  Duration keep{};  // how long records are kept
  std::vector<std::pair<Environment, KeptFor>> retention;
};

struct Lint {
  std::string name;  // "contacts", "alarm loop", "review"
  Verdict verdict = Verdict::failed;
  std::string evidence;
};

inline constexpr Duration reviewed_every = days(90);

// Only what is wrong.
std::vector<Lint> lint(const LintFacts& facts, Instant now);

}  // namespace stepback
