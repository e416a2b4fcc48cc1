// SPDX-License-Identifier: Apache-2.0
#pragma once

// Signal: something that was seen and may call for a rollback. Readers in wire make one from what
// tools send; the reconciler makes the same ones from what it looks up, so that an event and the
// look-up that replaces a lost event meet in one content key.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "base/time.hpp"
#include "domain/alarm.hpp"
#include "domain/deployment.hpp"

namespace stepback {

enum class SignalKind {
  alarm,               // an alarm changed its state
  deployment_failed,   // a deployment said so itself, or its checks did
  deployment_timeout,  // no sign of life past the deadline
  stage_failed,        // a pipeline, a stage or action of it, or a build failed
  gate_failed,         // a report of tests, coverage or a scan failed its gate
};
template <>
inline constexpr Names<SignalKind, SignalKind::gate_failed> names_of<SignalKind>{
    "alarm", "deployment_failed", "deployment_timeout", "stage_failed", "gate_failed"};

struct Signal {
  SignalKind kind = SignalKind::alarm;
  std::string name;  // of the alarm; of the failed check; "pipeline/stage/action"; of the gate
  AlarmState state = AlarmState::alarm;  // a gate's: insufficient_data when it was unreadable
  Instant at;  // when the state changed: with the name, the identity of the fact
  std::string reason;
  std::string source;   // who told: eventbridge, reconciler, deploy
  std::string account;  // where it claims to come from; empty when it says nothing
  std::string region;
  std::optional<Environment> environment;  // only where the name does not tell
  std::optional<DeploymentId> deployment;  // only where the source knows
  std::optional<Instant> first_breach;     // the first data point that breached, where known
  Version version;                         // of what failed, where the source knows
  std::string occurrence;                  // which run of it: an execution, a build; empty: none
  std::vector<std::string> findings;       // what a gate counted, by their ids
  bool told = false;  // an alarm's: whoever told of it cannot be asked how it is now

  bool operator==(const Signal&) const = default;
};

// The identity of the fact, not of the message: the same state change in two messages, or found by
// looking, has one key.
std::string content_key(const Signal& signal);

// Says that a version failed, rather than that something is red.
bool is_about_a_version(const Signal& signal);

// The signal of a deployment that failed or timed out.
Signal failure_signal(const Deployment& deployment, std::string source);
// The signal of a verdict that is not green.
Signal gate_signal(const GateRecord& gate, const Environment& environment);

// What became of a signal.
enum class Disposition {
  opened,
  joined,
  ignored,
  stale,
  notified,
  held,
  shadowed,
  waiting,
  blocked,  // nothing of it runs: the version is kept out
  rejected
};
template <>
inline constexpr Names<Disposition, Disposition::rejected> names_of<Disposition>{
    "opened", "joined",   "ignored", "stale",   "notified",
    "held",   "shadowed", "waiting", "blocked", "rejected"};

struct TriggerRecord {
  std::string key;
  Signal signal;
  Instant received_at;
  Disposition disposition = Disposition::ignored;
  std::string why;
  std::optional<Environment> environment;
  std::optional<RollbackId> rollback;  // opened, joined, or waiting for
  std::string attribution;             // likely, unlikely, unknown, or empty where not asked

  bool operator==(const TriggerRecord&) const = default;
};

}  // namespace stepback
