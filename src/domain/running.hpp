// SPDX-License-Identifier: Apache-2.0
#pragma once

// Running: how a run of the pipeline moves, from its beginning through its stages to an end, and
// what people may say to it meanwhile. Pure; engine/runs commits what it says. The run lies in the
// service's head, so each step is made on what is stored now, or is refused.

#include <string>
#include <vector>

#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/signal.hpp"

namespace stepback {

struct RunChange {
  Head service;
  std::vector<JournalEntry> journal;
  std::vector<Notice> notices;
};

struct RunOrder {
  Version version;
  std::string by;
  std::string holder;
  std::vector<StagePlan> stages;
};

// conflict: another run is under way. invalid: there is no stage.
Result<RunChange> begin_run(Head service, const RunOrder& order, Instant now, RunId id);

// conflict for all that follow: this run has ended, or another took its place.
Result<RunChange> begin_stage(Head service, const RunId& id, std::size_t stage, Instant now);

struct StageEnd {
  StageState state = StageState::passed;
  bool raised = false;  // whoever must act on it has been asked to already
  std::string why;
  std::string touched;
  std::optional<RollbackId> rollback;
  std::string next_command;  // for whoever reads that it failed
};
// After the last stage, or one that did not pass, the run has ended too.
Result<RunChange> end_stage(Head service, const RunId& id, std::size_t stage, const StageEnd& end,
                            Instant now);

Result<RunChange> ask_approval(Head service, const RunId& id, std::size_t stage,
                               const StagePlan& plan, Instant now);
struct ApprovalAnswer {
  bool approved = false;
  std::string by;
  std::string reason;
};
// conflict: nobody asks, somebody has answered, or the question no longer stands.
Result<RunChange> answer_approval(Head service, const ApprovalAnswer& answer, Instant now);
// Once the question no longer stands or has been answered with no: the run's end, which is neither
// a failure nor a reason to go back. None: it is still to be waited for, or was answered with yes.
std::optional<StageEnd> approval_end(const Run& run, Instant now);

// Somebody wants it to end; whoever carries it out does so.
Result<RunChange> ask_to_stop(Head service, const std::string& by, Instant now);
Result<RunChange> note_heartbeat(Head service, const RunId& id, Instant now);
// Nobody carries it out any more.
Result<RunChange> abandon_run(Head service, const RunId& id, const std::string& why, Instant now);

// Why nobody carries it out any more; none: somebody may.
std::optional<std::string> why_abandoned(const Run& run, const std::vector<StagePlan>& stages,
                                         bool holder_is_dead, Instant now);

// What a stage is called where it keeps a version out, and in signals.
std::string signal_name(const StagePlan& plan);
Signal stage_signal(const Run& run, const StagePlan& plan, const Environment& environment,
                    const std::string& why, Instant now);

// {version} in arguments and paths is the version's name, which is safe in both.
StagePlan for_version(StagePlan plan, const Version& version);

// In which environments it matters that a stage failed: its own, or all that are deployed to later.
Environments concerned_by(const std::vector<StagePlan>& stages, std::size_t stage);

}  // namespace stepback
