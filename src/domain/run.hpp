// SPDX-License-Identifier: Apache-2.0
#pragma once

// Run: one passage of a version through the stages of the pipeline on this machine. It is part of
// the service's head, so that there is at most one, and whoever asks, approves or stops sees what
// the runner sees. Pure: what a stage's end means is decided here, and carried out by engine/runs.

#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/names.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/deployment.hpp"

namespace stepback {

struct RunTag {
  static constexpr std::string_view prefix = "run";
  static constexpr std::string_view noun = "run";
};
using RunId = Id<RunTag>;

enum class StageKind { command, tests, coverage, scan, cfn, deploy, approval };
template <>
inline constexpr Names<StageKind, StageKind::approval> names_of<StageKind>{
    "command", "tests", "coverage", "scan", "cfn", "deploy", "approval"};

// A stage as the configuration has it.
struct StagePlan {
  std::string name;
  StageKind kind = StageKind::command;
  std::optional<Environment>
      environment;                   // deploy: into which; else: what it looks at, if anything
  std::vector<std::string> command;  // arguments; tests, coverage, scans: may be empty
  std::vector<std::string> reports;  // that the command leaves, for a gate
  std::string from;                  // deploy: the directory with the version's files
  Duration limit = minutes(30);      // approval: how long the question stands
  bool second_person = false;        // approval: whoever started the run cannot give it

  bool operator==(const StagePlan&) const = default;
};

enum class StageState { waiting, running, passed, failed, stopped };
template <>
inline constexpr Names<StageState, StageState::stopped> names_of<StageState>{
    "waiting", "running", "passed", "failed", "stopped"};

struct RunStage {
  std::string name;
  StageKind kind = StageKind::command;
  std::optional<Environment> environment;
  StageState state = StageState::waiting;
  std::optional<Instant> started_at;
  std::optional<Instant> ended_at;
  std::string why;      // how it ended, for people
  std::string touched;  // what it changed in an environment; empty: nothing
  std::optional<RollbackId> rollback;

  bool operator==(const RunStage&) const = default;
};

enum class RunState { running, passed, failed, rejected, expired, stopped };
template <>
inline constexpr Names<RunState, RunState::stopped> names_of<RunState>{
    "running", "passed", "failed", "rejected", "expired", "stopped"};

// The question that an approval stage asks, and the answer.
struct Approval {
  std::string stage;
  Instant asked_at;
  Instant until;
  std::optional<bool> approved;  // none: nobody has answered
  std::string by;
  std::string reason;
  std::optional<Instant> answered_at;
  bool second_person = false;  // whoever started the run cannot give it

  bool operator==(const Approval&) const = default;
};

struct Run {
  RunId id;
  Version version;
  RunState state = RunState::running;
  std::string started_by;
  std::string holder;  // the process that carries it out
  Instant started_at;
  Instant heartbeat_at;  // last sign of life of that process
  std::optional<Instant> ended_at;
  std::vector<RunStage> stages;
  std::optional<Approval> approval;  // the newest question
  std::string stop_asked_by;         // somebody wants it to end; empty: nobody
  std::string why;                   // it ended so

  bool operator==(const Run&) const = default;
};

}  // namespace stepback
