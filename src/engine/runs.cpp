// SPDX-License-Identifier: Apache-2.0
#include "engine/runs.hpp"

#include <fmt/core.h>

namespace stepback {
namespace {

constexpr Duration heartbeat_every = seconds(10);
constexpr Duration look_every = seconds(1);  // for an answer

const Environment whole_service{};

std::optional<GateKind> gate_of(StageKind kind) {
  switch (kind) {
    case StageKind::tests: return GateKind::tests;
    case StageKind::coverage: return GateKind::coverage;
    case StageKind::scan: return GateKind::scan;
    case StageKind::cfn: return GateKind::cfn;
    case StageKind::command:
    case StageKind::deploy:
    case StageKind::approval: return std::nullopt;
  }
  std::unreachable();
}

// What a signal about a stage came to, in words for the run's record.
void follow(const TriggerRecord& record, StageEnd& end) {
  if (record.rollback) end.rollback = record.rollback;
  if (!end.touched.empty()) end.touched += "; ";
  end.touched += fmt::format("{}: {}, {}",
                             record.environment ? record.environment->name : std::string("nowhere"),
                             name_of(record.disposition), record.why);
  if (record.rollback) end.next_command = "stepback watch " + record.rollback->text;
}

}  // namespace

Result<Run> Runs::newest() {
  const auto service = TRY(store_.head(whole_service));
  if (!service.run) return fail(Code::not_found, "no version has gone through the pipeline yet");
  return *service.run;
}

Result<Run> Runs::commit(const Change& change) {
  Run run;
  auto done = commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(store_.head(whole_service));
    auto made = TRY(change(std::move(head)));
    run = *made.service.run;
    Commit commit{.journal = std::move(made.journal), .notices = std::move(made.notices)};
    commit.heads.push_back(std::move(made.service));
    return commit;
  });
  TRY(std::move(done));
  return run;
}

Result<Run> Runs::answer(const ApprovalAnswer& answer) {
  return commit([&](Head head) { return answer_approval(std::move(head), answer, clock_.now()); });
}

Result<Run> Runs::ask_to_stop(const std::string& by) {
  return commit(
      [&](Head head) { return stepback::ask_to_stop(std::move(head), by, clock_.now()); });
}

Result<Run> Runs::carry_out(const Order& order, const Progress& progress) {
  const auto id = make_id<RunTag>(clock_.now(), random_);
  plans_.clear();
  for (const auto& plan : settings_.stages) plans_.push_back(for_version(plan, order.version));
  auto run = TRY(commit([&](Head head) {
    return begin_run(std::move(head),
                     {.version = order.version,
                      .by = order.by,
                      .holder = settings_.holder,
                      .stages = settings_.stages},
                     clock_.now(), id);
  }));
  progress(run, "", "started");
  for (std::size_t i = 0; run.state == RunState::running; ++i) {
    const StagePlan& plan = plans_.at(i);
    run = TRY(commit([&](Head head) { return begin_stage(std::move(head), id, i, clock_.now()); }));
    progress(run, plan.name, "started");
    auto end = perform(run, i, progress);
    if (!end) end = StageEnd{.state = StageState::failed, .why = end.error().message};
    if (end->state == StageState::failed && !end->raised) TRY(raise(run, i, *end));
    if (end->state == StageState::passed) TRY(lift(run, i));
    run = TRY(
        commit([&](Head head) { return end_stage(std::move(head), id, i, *end, clock_.now()); }));
    progress(run, plan.name, name_of(end->state));
  }
  return run;
}

Result<StageEnd> Runs::perform(const Run& run, std::size_t stage, const Progress& progress) {
  if (!goes_on(run.id))
    return StageEnd{.state = StageState::stopped, .why = "it was asked to stop"};
  const StagePlan& plan = plans_.at(stage);
  switch (plan.kind) {
    case StageKind::command: return command(run, plan);
    case StageKind::tests:
    case StageKind::coverage:
    case StageKind::scan:
    case StageKind::cfn: return gate(run, stage);
    case StageKind::deploy: return deploy(run, plan, progress);
    case StageKind::approval: return approval(run, stage);
  }
  std::unreachable();
}

// Whether nobody wants it to end. A record that cannot be read for a moment ends nothing.
bool Runs::goes_on(const RunId& id) {
  const auto run = newest();
  if (!run) return true;
  if (run->id != id || run->state != RunState::running) return false;
  if (clock_.now() - run->heartbeat_at >= heartbeat_every) {
    // Somebody else's change of the record is as good a sign that it can be written.
    (void)commit([&](Head head) { return note_heartbeat(std::move(head), id, clock_.now()); });
  }
  return run->stop_asked_by.empty();
}

Result<StageEnd> Runs::command(const Run& run, const StagePlan& plan) {
  WorkOrder order{.name = plan.name, .run = run.id.text, .arguments = plan.command};
  order.variables = {{"STEPBACK_RUN", run.id.text}, {"STEPBACK_VERSION", run.version.text}};
  if (plan.environment)
    order.variables.emplace_back("STEPBACK_ENVIRONMENT", plan.environment->name);
  order.limit = plan.limit;
  const auto ended = TRY(work_.carry_out(order, [&] { return goes_on(run.id); }));
  StageEnd end{.why = ended.why};
  if (!ended.log.empty()) end.why += "; its output: " + ended.log;
  if (ended.stopped) end.state = StageState::stopped;
  if (!ended.stopped && !ended.succeeded) end.state = StageState::failed;
  return end;
}

// The command makes the report, and the report decides: a test runner that ends badly has often
// written one that says more. Without one that can be read it is the command's end that counts.
Result<StageEnd> Runs::gate(const Run& run, std::size_t stage) {
  const StagePlan& plan = plans_.at(stage);
  StageEnd end;
  if (!plan.command.empty()) end = TRY(command(run, plan));
  if (end.state == StageState::stopped) return end;
  const auto kind = *gate_of(plan.kind);
  const auto read = reports_.read(kind, plan.reports);
  auto verdict = judge_gate(kind, read.files, settings_.gates, clock_.now());
  if (end.state == StageState::failed) verdict = after_failed_command(std::move(verdict), end.why);
  StageEnd judged{.raised = true, .why = verdict.why};
  if (verdict.result != GateResult::pass) judged.state = StageState::failed;
  for (const auto& environment : concerned_by(plans_, stage)) {
    const auto answer = TRY(gatekeeper_.record({.environment = environment,
                                                .version = run.version,
                                                .verdict = verdict,
                                                .digest = read.digest + "/" + run.id.text,
                                                .by = run.started_by}));
    if (answer.trigger) follow(*answer.trigger, judged);
  }
  return judged;
}

Result<StageEnd> Runs::deploy(const Run& run, const StagePlan& plan, const Progress& progress) {
  Deployer::Order order{.request = {.environment = *plan.environment, .version = run.version},
                        .from_directory = plan.from,
                        .check_limit = plan.limit};
  order.request.started_by = run.started_by;
  order.request.holder = settings_.holder;
  const auto report =
      deployer_.deploy(std::move(order), [&](std::string_view step, std::string_view detail) {
        progress(run, plan.name, fmt::format("{}: {}", step, detail));
      });
  StageEnd end{.raised = true};  // by the deployer, if anything was begun
  if (!report || report->deployment.status != DeploymentStatus::succeeded)
    end.state = StageState::failed;
  end.why = report ? report->why : report.error().message;
  if (!report) return end;
  end.touched = fmt::format("{}: {}", plan.environment->name, report->deployment.id.text);
  end.rollback = report->rollback;
  if (report->rollback) end.next_command = "stepback watch " + report->rollback->text;
  return end;
}

Result<StageEnd> Runs::approval(const Run& run, std::size_t stage) {
  const StagePlan& plan = plans_.at(stage);
  auto asking = TRY(commit(
      [&](Head head) { return ask_approval(std::move(head), run.id, stage, plan, clock_.now()); }));
  for (;;) {
    if (auto end = approval_end(asking, clock_.now())) return *std::move(end);
    if (asking.approval->approved) {
      return StageEnd{
          .why = fmt::format("{} approved it: {}", asking.approval->by, asking.approval->reason)};
    }
    if (!goes_on(run.id) || !waiter_.wait(look_every))
      return StageEnd{.state = StageState::stopped, .why = "it was asked to stop"};
    asking = TRY(newest());
  }
}

Result<> Runs::raise(const Run& run, std::size_t stage, StageEnd& end) {
  for (const auto& environment : concerned_by(plans_, stage)) {
    const auto signal = stage_signal(run, plans_.at(stage), environment, end.why, clock_.now());
    follow(TRY(intake_.take(signal)).record, end);
  }
  return {};
}

// What had kept the version out because this stage failed is over.
Result<> Runs::lift(const Run& run, std::size_t stage) {
  const StagePlan& plan = plans_.at(stage);
  if (plan.kind != StageKind::command) return {};  // a gate does so itself
  for (const auto& environment : concerned_by(plans_, stage)) {
    auto done = commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
      auto head = TRY(store_.head(environment));
      const auto change = pass_stage(std::move(head), run.version, signal_name(plan), clock_.now());
      if (!change) return std::nullopt;
      return commit_of(*change, false);
    });
    TRY(std::move(done));
  }
  return {};
}

}  // namespace stepback
