// SPDX-License-Identifier: Apache-2.0
#pragma once

// Notice: something to be told to people or dashboards. It is complete in itself, so that whoever
// carries it looks nothing up, and it leaves through the outbox: telling never delays recovering.
// JournalEntry: one event of an environment's history, written in the same commit as the change it
// tells of, and never changed afterwards.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/names.hpp"
#include "domain/rollback.hpp"

namespace stepback {

enum class NoticeKind {
  rollback_started,
  rollback_completed,
  rollback_validation_failed,
  rollback_failed,     // the level failed; a wider one follows
  rollback_escalated,  // people must act: an incident is opened
  rollback_cancelled,
  budget_at_risk,  // may miss the budget: page now, while it acts
  release_held,
  trigger_notified,  // seen and told, nothing touched
  brake_engaged,
  orphan_closed,
  approval_wanted,
  door_closes,  // a deployment that cannot be gone back over without losing data
  emergency_declared,
  readiness_lost,    // it could be rolled back, and could not any more
  drill_due,         // nobody has seen a rollback work there for too long
  run_ended,         // a passage through the pipeline did not reach its end
  deployment_ended,  // for metrics; people who want it ask for it by name
  handed_back,       // automation has the environment again: whoever was woken for it may sleep
  channel_test,      // nothing happened: somebody looks whether a channel reaches them
};
template <>
inline constexpr Names<NoticeKind, NoticeKind::channel_test> names_of<NoticeKind>{
    "rollback_started", "rollback_completed", "rollback_validation_failed",
    "rollback_failed",  "rollback_escalated", "rollback_cancelled",
    "budget_at_risk",   "release_held",       "trigger_notified",
    "brake_engaged",    "orphan_closed",      "approval_wanted",
    "door_closes",      "emergency_declared", "readiness_lost",
    "drill_due",        "run_ended",          "deployment_ended",
    "handed_back",      "channel_test"};
enum class Severity { info, warning, critical };
template <>
inline constexpr Names<Severity, Severity::critical> names_of<Severity>{"info", "warning",
                                                                        "critical"};

struct Notice {
  std::string key;  // unique: told once per key and channel
  NoticeKind kind = NoticeKind::rollback_started;
  Severity severity = Severity::info;
  Environment environment;
  std::optional<RollbackId> rollback;
  Version current_version;
  Version target_version;
  DeploymentId deployment;
  Instant at;
  std::string requested_by;
  std::string validation_status;  // success, failed, pending: as computed
  std::string level;
  std::string origin;
  std::string reason;
  std::optional<Instant> deadline;
  std::optional<Duration> took;
  bool held = false;
  bool again = false;  // it was told before, and somebody asked for it once more
  std::string incident;
  std::string failed_step;
  std::vector<std::string> failed_alarms;
  std::vector<std::string> environments_rolled_back;
  std::vector<std::string> environments_failed;
  std::string next_command;

  bool operator==(const Notice&) const = default;
};

struct JournalEntry {
  Environment environment;  // whose history it belongs to
  Instant at;
  std::string kind;   // "rollback.opened", "step.intended", ...
  std::string actor;  // automation, a person, a process
  std::optional<RollbackId> rollback;
  std::optional<DeploymentId> deployment;
  std::string text;  // for people: the decision and its reason
  std::vector<std::pair<std::string, std::string>> facts;

  bool operator==(const JournalEntry&) const = default;
};

}  // namespace stepback
