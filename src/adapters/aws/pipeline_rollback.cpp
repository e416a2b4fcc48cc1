// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/pipeline_rollback.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/delivery_names.hpp"

namespace stepback::aws {
namespace {

using delivery::is;

constexpr std::size_t shortest_commit = 7;
constexpr std::size_t remembered = 100;
constexpr Duration arrives_within = seconds(20);  // twice what a request may take

// "abc1234" stands for the commit that begins so.
bool names_revision(const std::string& version, const std::string& revision) {
  return revision == version ||
         (version.size() >= shortest_commit && revision.starts_with(version));
}

}  // namespace

struct PipelineRollback::Stage {
  std::string execution;
  std::string status;
  bool is_rollback = false;
};

struct PipelineRollback::Execution {
  std::string id;
  std::string status;
  bool is_rollback = false;
  std::string target;  // of a rollback
  std::vector<std::string> revisions;

  static Result<Execution> read(const json::Reader& from) {
    Execution execution;
    execution.id = TRY(from.text("pipelineExecutionId"));
    execution.status = TRY(from.text_or("status", ""));
    execution.is_rollback = TRY(from.text_or("executionType", "")) == "ROLLBACK";
    if (const auto metadata = TRY(from.optional_object("rollbackMetadata")))
      execution.target = TRY(metadata->text_or("rollbackTargetPipelineExecutionId", ""));
    for (const auto& revision : TRY(from.optional_array("sourceRevisions")))
      execution.revisions.push_back(TRY(revision.text_or("revisionId", "")));
    return execution;
  }
};

Result<Progress> PipelineRollback::begin_or_look(const Switch& change) {
  TRY(must_be_plain(change.environment));
  TRY(must_be_plain(change.version));
  const auto source = std::ranges::find(sources_, change.environment, &StageSource::environment);
  if (source == sources_.end()) return Progress::done;
  const auto pipeline = fill_in(source->pipeline, {{"environment", change.environment.name}});
  const auto [ours, may_arrive] = known(change.key);
  if (!ours.empty()) return follow(ours, *source, pipeline);
  const Stage stage = TRY(look(*source, pipeline));
  const auto target = TRY(target_of(*source, pipeline, stage, change.version));
  if (stage.status == "InProgress" || stage.status == "Stopping") return Progress::under_way;
  const bool is_there = TRY(goes_back_to(target, *source, pipeline, stage));
  if (is_there && stage.status == "Succeeded") return Progress::done;
  if (may_arrive) return Progress::under_way;
  return begin(*source, pipeline, target, change.key);
}

// One that was begun may not be listed yet.
Result<Progress> PipelineRollback::follow(const std::string& execution, const StageSource& source,
                                          const std::string& pipeline) {
  const auto all = TRY(executions(source, pipeline, false));
  const auto found = std::ranges::find(all, execution, &Execution::id);
  if (found == all.end() || found->status == "InProgress" || found->status == "Stopping")
    return Progress::under_way;
  if (found->status == "Succeeded") return Progress::done;
  return fail(Code::invalid,
              fmt::format("going back in the stage {} of {} ended with {} ({})", source.stage,
                          pipeline, one_line(found->status, 40), execution));
}

// What this process began under the key; or whether a request without an answer may still arrive.
std::pair<std::string, bool> PipelineRollback::known(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto begun = begun_.find(key);
  if (begun == begun_.end()) return {};
  return {begun->second.execution,
          begun->second.execution.empty() && clock_.steady() - begun->second.sent < arrives_within};
}

void PipelineRollback::note(const std::string& key, const std::string& execution) {
  const std::lock_guard lock(mutex_);
  if (begun_.size() >= remembered) begun_.erase(begun_.begin());
  begun_[key] = {.execution = execution, .sent = clock_.steady()};
}

Result<PipelineRollback::Stage> PipelineRollback::look(const StageSource& source,
                                                       const std::string& pipeline) {
  const auto answer = service_.call("GetPipelineState", json::Object{{"name", pipeline}});
  if (!answer) return pipeline_refused(answer.error(), pipeline, "asking for the pipeline");
  const json::Reader from(*answer);
  for (const auto& each : TRY(from.optional_array("stageStates"))) {
    if (TRY(each.text("stageName")) != source.stage) continue;
    const auto latest = TRY(each.optional_object("latestExecution"));
    if (!latest) return Stage();
    Stage stage;
    stage.execution = TRY(latest->text_or("pipelineExecutionId", ""));
    stage.status = TRY(latest->text_or("status", ""));
    stage.is_rollback = TRY(latest->text_or("type", "")) == "ROLLBACK";
    return stage;
  }
  return fail(Code::not_found, fmt::format("the pipeline {} has no stage {}: check the "
                                           "configuration",
                                           pipeline, source.stage));
}

// The newest hundred, newest first.
Result<std::vector<PipelineRollback::Execution>> PipelineRollback::executions(
    const StageSource& source, const std::string& pipeline, bool succeeded) {
  json::Object parameters{{"pipelineName", pipeline}, {"maxResults", 100}};
  if (succeeded)
    parameters["filter"] = json::Object{{"succeededInStage", {{"stageName", source.stage}}}};
  const auto answer = service_.call("ListPipelineExecutions", parameters);
  if (!answer) return pipeline_refused(answer.error(), pipeline, "listing the executions of");
  std::vector<Execution> found;
  const json::Reader from(*answer);
  for (const auto& each : TRY(from.optional_array("pipelineExecutionSummaries")))
    found.push_back(TRY(Execution::read(each)));
  return found;
}

// Is what the stage ran last a rollback to the target? Without revisions any rollback is.
Result<bool> PipelineRollback::goes_back_to(const std::string& target, const StageSource& source,
                                            const std::string& pipeline, const Stage& stage) {
  if (!stage.is_rollback || !source.by_revision) return stage.is_rollback;
  for (const auto& each : TRY(executions(source, pipeline, false)))
    if (each.id == stage.execution) return each.target == target;
  return false;
}

Result<std::string> PipelineRollback::target_of(const StageSource& source,
                                                const std::string& pipeline, const Stage& stage,
                                                const Version& version) {
  for (const auto& each : TRY(executions(source, pipeline, true))) {
    if (each.is_rollback) continue;
    const bool fits =
        source.by_revision
            ? std::ranges::any_of(each.revisions,
                                  [&](const auto& it) { return names_revision(version.text, it); })
            : each.id != stage.execution;
    if (fits) return each.id;
  }
  const auto which = source.by_revision ? "was made from " + version.text : "came before";
  return fail(Code::not_found, fmt::format("no execution of {} that {} succeeded in its stage {}",
                                           pipeline, which, source.stage));
}

Result<Progress> PipelineRollback::begin(const StageSource& source, const std::string& pipeline,
                                         const std::string& target, const std::string& key) {
  note(key, "");
  const auto answer = service_.call("RollbackStage",
                                    json::Object{{"pipelineName", pipeline},
                                                 {"stageName", source.stage},
                                                 {"targetPipelineExecutionId", target}},
                                    Repeat::never);
  if (!answer && is(answer.error(), "PipelineExecutionOutdated")) {
    return fail(Code::invalid, fmt::format("{} has changed since its execution {}: it can't go "
                                           "back to that",
                                           pipeline, target));
  }
  if (!answer) return pipeline_refused(answer.error(), pipeline, "going back to " + target + " in");
  note(key, TRY(json::Reader(*answer).text("pipelineExecutionId")));
  return Progress::under_way;
}

SwitchHook stage_after_switch(PipelineRollback& rollback) {
  return {[&rollback](const Switch& change) { return rollback.begin_or_look(change); }};
}

}  // namespace stepback::aws
