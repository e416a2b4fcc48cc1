// SPDX-License-Identifier: Apache-2.0
#include "domain/running.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback {
namespace {

void note(RunChange& change, const std::string& actor, Instant now, std::string kind,
          std::string text, std::string stage = {}) {
  const Run& run = *change.service.run;
  JournalEntry entry{.at = now, .kind = std::move(kind), .actor = actor};
  entry.text = std::move(text);
  entry.facts = {{"run", run.id.text}, {"version", run.version.text}};
  if (!stage.empty()) entry.facts.emplace_back("stage", std::move(stage));
  change.journal.push_back(std::move(entry));
}

Notice& tell(RunChange& change, NoticeKind kind, Instant now, std::string what) {
  const Run& run = *change.service.run;
  Notice notice{.key = run.id.text + "/" + what, .kind = kind, .severity = Severity::warning};
  notice.current_version = run.version;
  notice.at = now;
  notice.requested_by = run.started_by;
  notice.validation_status = "pending";
  change.notices.push_back(std::move(notice));
  return change.notices.back();
}

Result<> is_under_way(const Head& service, const RunId& id) {
  if (!service.run || service.run->id != id)
    return fail(Code::conflict, id.text + " is no longer the newest run");
  if (service.run->state != RunState::running)
    return fail(Code::conflict,
                fmt::format("{} has ended: {}", id.text, name_of(service.run->state)));
  return {};
}

RunState state_after(const RunStage& stage, const std::optional<Approval>& approval) {
  if (stage.state == StageState::failed) return RunState::failed;
  if (stage.kind != StageKind::approval || !approval) return RunState::stopped;
  if (approval->approved) return *approval->approved ? RunState::stopped : RunState::rejected;
  return RunState::expired;
}

void end_run(RunChange& change, RunState state, const StageEnd& end, const std::string& where,
             Instant now) {
  Run& run = *change.service.run;
  run.state = state;
  run.ended_at = now;
  run.why = where.empty() ? end.why : where + ": " + end.why;
  note(change, run.holder, now, "run." + std::string(name_of(state)), run.why);
  if (state == RunState::passed) return;
  Notice& told = tell(change, NoticeKind::run_ended, now, "ended");
  told.reason = fmt::format("{} {}: {}", run.version.text, name_of(state), run.why);
  told.failed_step = where;
  told.rollback = end.rollback;
  told.next_command = end.next_command.empty() ? "stepback pipeline status" : end.next_command;
}

}  // namespace

Result<RunChange> begin_run(Head service, const RunOrder& order, Instant now, RunId id) {
  if (order.stages.empty())
    return fail(Code::invalid, "the configuration has no `pipeline` with stages");
  if (service.run && service.run->state == RunState::running) {
    return fail(Code::conflict, fmt::format("{} of {} is under way", service.run->id.text,
                                            service.run->version.text));
  }
  RunChange change{.service = std::move(service)};
  Run run{.id = std::move(id), .version = order.version};
  run.started_by = order.by;
  run.holder = order.holder;
  run.started_at = now;
  run.heartbeat_at = now;
  for (const auto& plan : order.stages) {
    RunStage stage{.name = plan.name, .kind = plan.kind};
    stage.environment = plan.environment;
    run.stages.push_back(std::move(stage));
  }
  change.service.run = std::move(run);
  note(change, order.by, now, "run.started",
       fmt::format("{} through {} stages", order.version.text, order.stages.size()));
  return change;
}

Result<RunChange> begin_stage(Head service, const RunId& id, std::size_t stage, Instant now) {
  TRY(is_under_way(service, id));
  RunChange change{.service = std::move(service)};
  Run& run = *change.service.run;
  run.heartbeat_at = now;
  run.stages.at(stage).state = StageState::running;
  run.stages.at(stage).started_at = now;
  note(change, run.holder, now, "stage.started", run.stages[stage].name, run.stages[stage].name);
  return change;
}

Result<RunChange> end_stage(Head service, const RunId& id, std::size_t stage, const StageEnd& end,
                            Instant now) {
  TRY(is_under_way(service, id));
  RunChange change{.service = std::move(service)};
  Run& run = *change.service.run;
  RunStage& ended = run.stages.at(stage);
  ended.state = end.state;
  ended.ended_at = now;
  ended.why = end.why;
  ended.touched = end.touched;
  ended.rollback = end.rollback;
  run.heartbeat_at = now;
  note(change, run.holder, now, "stage." + std::string(name_of(end.state)),
       end.why.empty() ? ended.name : ended.name + ": " + end.why, ended.name);
  if (end.state != StageState::passed) {
    end_run(change, state_after(ended, run.approval), end, ended.name, now);
  } else if (stage + 1 == run.stages.size()) {
    end_run(change, RunState::passed, {.why = "all stages passed"}, "", now);
  }
  return change;
}

Result<RunChange> ask_approval(Head service, const RunId& id, std::size_t stage,
                               const StagePlan& plan, Instant now) {
  TRY(is_under_way(service, id));
  RunChange change{.service = std::move(service)};
  Run& run = *change.service.run;
  run.approval = Approval{.stage = run.stages.at(stage).name, .asked_at = now};
  run.approval->until = now + plan.limit;
  run.approval->second_person = plan.second_person;
  note(change, run.holder, now, "approval.asked",
       "until " + to_rfc3339_seconds(run.approval->until), run.approval->stage);
  Notice& told = tell(change, NoticeKind::approval_wanted, now, run.approval->stage + "/approval");
  if (plan.environment) told.environment = *plan.environment;
  told.reason = fmt::format("{} waits at {} until {}", run.version.text, run.approval->stage,
                            to_rfc3339_seconds(run.approval->until));
  told.deadline = run.approval->until;
  told.next_command = fmt::format("stepback approve {} --reason TEXT", run.id.text);
  return change;
}

Result<RunChange> answer_approval(Head service, const ApprovalAnswer& answer, Instant now) {
  if (!service.run || service.run->state != RunState::running)
    return fail(Code::conflict, "no run is under way, so nobody asks");
  auto& approval = service.run->approval;
  if (!approval) return fail(Code::conflict, service.run->id.text + " asks for no approval");
  if (approval->approved) {
    return fail(Code::conflict, fmt::format("{} has {} already", approval->by,
                                            *approval->approved ? "approved" : "rejected"));
  }
  if (now >= approval->until)
    return fail(Code::conflict, "the question stood until " + to_rfc3339_seconds(approval->until));
  if (approval->second_person && answer.approved && answer.by == service.run->started_by) {
    return fail(Code::denied, fmt::format("{} started {}, so somebody else approves it", answer.by,
                                          service.run->id.text));
  }
  RunChange change{.service = std::move(service)};
  Approval& answered = *change.service.run->approval;
  answered.approved = answer.approved;
  answered.by = answer.by;
  answered.reason = answer.reason;
  answered.answered_at = now;
  note(change, answer.by, now, answer.approved ? "approval.given" : "approval.refused",
       answer.reason, answered.stage);
  return change;
}

std::optional<StageEnd> approval_end(const Run& run, Instant now) {
  StageEnd end{.state = StageState::stopped};
  const auto& approval = run.approval;
  if (!approval) return std::nullopt;
  if (approval->approved) {
    if (*approval->approved) return std::nullopt;
    end.why = fmt::format("{} rejected it: {}", approval->by, approval->reason);
    return end;
  }
  if (now < approval->until) return std::nullopt;
  end.why = "nobody answered until " + to_rfc3339_seconds(approval->until);
  return end;
}

Result<RunChange> ask_to_stop(Head service, const std::string& by, Instant now) {
  if (!service.run || service.run->state != RunState::running)
    return fail(Code::not_found, "no run is under way");
  RunChange change{.service = std::move(service)};
  change.service.run->stop_asked_by = by;
  note(change, by, now, "run.stop_asked", by + " wants it to end");
  return change;
}

Result<RunChange> note_heartbeat(Head service, const RunId& id, Instant now) {
  TRY(is_under_way(service, id));
  RunChange change{.service = std::move(service)};
  change.service.run->heartbeat_at = now;
  return change;
}

Result<RunChange> abandon_run(Head service, const RunId& id, const std::string& why, Instant now) {
  TRY(is_under_way(service, id));
  RunChange change{.service = std::move(service)};
  Run& run = *change.service.run;
  std::string where;
  for (auto& stage : run.stages) {
    if (stage.state != StageState::running) continue;
    stage.state = StageState::failed;
    stage.ended_at = now;
    stage.why = why;
    where = stage.name;
  }
  end_run(change, RunState::failed, {.why = why}, where, now);
  return change;
}

std::optional<std::string> why_abandoned(const Run& run, const std::vector<StagePlan>& stages,
                                         bool holder_is_dead, Instant now) {
  constexpr Duration without_life = minutes(30);  // past its longest stage
  if (run.state != RunState::running) return std::nullopt;
  if (holder_is_dead) return "the process that carried it out, " + run.holder + ", died";
  Duration longest{};
  for (const auto& plan : stages) longest = std::max(longest, plan.limit);
  if (now - run.heartbeat_at <= longest + without_life) return std::nullopt;
  return "nothing was heard of it for too long";
}

std::string signal_name(const StagePlan& plan) { return "pipeline/" + plan.name; }

Signal stage_signal(const Run& run, const StagePlan& plan, const Environment& environment,
                    const std::string& why, Instant now) {
  Signal signal{.kind = SignalKind::stage_failed, .name = signal_name(plan)};
  signal.at = now;
  signal.reason = why;
  signal.source = "pipeline";
  signal.environment = environment;
  signal.version = run.version;
  signal.occurrence = run.id.text;
  return signal;
}

StagePlan for_version(StagePlan plan, const Version& version) {
  constexpr std::string_view slot = "{version}";
  const auto fill = [&](std::string& text) {
    for (auto at = text.find(slot); at != std::string::npos;
         at = text.find(slot, at + version.text.size()))
      text.replace(at, slot.size(), version.text);
  };
  for (auto& argument : plan.command) fill(argument);
  for (auto& report : plan.reports) fill(report);
  fill(plan.from);
  return plan;
}

Environments concerned_by(const std::vector<StagePlan>& stages, std::size_t stage) {
  if (stages.at(stage).environment) return {*stages[stage].environment};
  Environments later;
  for (std::size_t i = stage; i < stages.size(); ++i) {
    if (stages[i].kind == StageKind::deploy && stages[i].environment &&
        !contains(later, *stages[i].environment))
      later.push_back(*stages[i].environment);
  }
  return later;
}

}  // namespace stepback
