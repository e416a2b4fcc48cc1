// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/codepipeline.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "adapters/aws/delivery_names.hpp"
#include "adapters/aws/epoch.hpp"
#include "adapters/aws/many.hpp"

namespace stepback::aws {
namespace {

using delivery::is;
using delivery::refused;

constexpr std::size_t longest_reason = 200;
constexpr std::string_view our_freeze = "Stepback";  // how the reason of a freeze of ours begins

// What CodePipeline takes for the reason of a disabled transition.
std::string freeze_reason(const std::string& reason) {
  std::string text = std::string(our_freeze) + " - " + delivery::cut_line(reason, longest_reason);
  for (char& c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_letter && !is_digit && !std::string_view("!@ ().*?-").contains(c)) c = '-';
  }
  return text;
}

bool is_active(std::string_view status) { return status == "InProgress" || status == "Stopping"; }

}  // namespace

std::unexpected<Error> pipeline_refused(const Refusal& refusal, const std::string& pipeline,
                                        std::string_view deed) {
  if (is(refusal, "PipelineNotFound")) {
    return fail(Code::not_found,
                fmt::format("there is no pipeline {}: check its name in the configuration, the "
                            "region, and the account that the credentials belong to",
                            pipeline));
  }
  if (is(refusal, "ConflictException"))
    return fail(Code::unavailable, fmt::format("the pipeline {} is busy; ask again", pipeline));
  return refused(refusal, fmt::format("{} {}", deed, pipeline));
}

// The pipeline as it was at one moment.
struct CodePipelines::Seen {
  struct Stage {
    std::string name;
    std::string status;  // of its latest execution; empty: it never ran
    bool enabled = true;
    std::string disabled_reason;
    std::string detail;         // of its actions: what each came to
    std::optional<Instant> at;  // the last change of one of them
  };
  std::string pipeline;
  std::vector<Stage> stages;
  std::map<std::string, std::string> active;  // execution → its status
  std::string note;                           // what could not be seen

  void add(const std::string& execution, const std::string& status) {
    if (execution.empty() || !is_active(status)) return;
    auto& known = active[execution];
    if (known != "Stopping") known = status;
  }
  Result<> add(const json::Reader& execution) {
    const auto id = TRY(execution.text_or("pipelineExecutionId", ""));
    add(id, TRY(execution.text_or("status", "")));
    return {};
  }
  static Result<> add_action(Stage& stage, const json::Reader& from) {
    const auto latest = TRY(from.optional_object("latestExecution"));
    if (!latest) return {};
    const auto at = TRY(epoch_in(*latest, "lastStatusChange"));
    if (at && (!stage.at || *stage.at < *at)) stage.at = at;
    const auto name = TRY(from.text_or("actionName", ""));
    const auto status = TRY(latest->text_or("status", ""));
    stage.detail += (stage.detail.empty() ? "" : ", ") + name + " " + status;
    const auto trouble = TRY(latest->optional_object("errorDetails"));
    if (trouble) stage.detail += ": " + TRY(trouble->text_or("message", ""));
    return {};
  }
  Result<> add_stage(const json::Reader& from) {
    Stage stage;
    stage.name = TRY(from.text("stageName"));
    if (const auto latest = TRY(from.optional_object("latestExecution"))) {
      stage.status = TRY(latest->text_or("status", ""));
      TRY(add(*latest));
    }
    if (const auto inbound = TRY(from.optional_object("inboundExecution"))) TRY(add(*inbound));
    for (const auto& inbound : TRY(from.optional_array("inboundExecutions"))) TRY(add(inbound));
    // For people: what can't be read of it hinders nobody from stopping.
    if (const auto actions = from.optional_array("actionStates")) {
      for (const auto& action : *actions)
        if (const auto added = add_action(stage, action); !added) stage.detail.clear();
    }
    if (const auto transition = TRY(from.optional_object("inboundTransitionState"))) {
      stage.enabled = TRY(transition->boolean_or("enabled", true));
      stage.disabled_reason = TRY(transition->text_or("disabledReason", ""));
    }
    stages.push_back(std::move(stage));
    return {};
  }
  Result<const Stage*> stage(const std::string& name) const {
    const auto found = std::ranges::find(stages, name, &Stage::name);
    if (found != stages.end()) return &*found;
    return fail(Code::not_found, fmt::format("the pipeline {} has no stage {} to keep executions "
                                             "out of: check the configuration",
                                             pipeline, name));
  }
};

const PipelineSource* CodePipelines::source_of(const Environment& environment) const {
  const auto found = std::ranges::find(config_.sources, environment, &PipelineSource::environment);
  return found == config_.sources.end() ? nullptr : &*found;
}

// The stages do not show executions of a pipeline that runs them in parallel; the list does.
Result<CodePipelines::Seen> CodePipelines::look(const std::string& pipeline) {
  Seen seen{.pipeline = pipeline, .stages = {}, .active = {}, .note = {}};
  Seen listed = seen;
  TRY(side_by_side({[&] { return look_at_stages(seen); }, [&] { return look_at_list(listed); }}));
  for (const auto& [execution, status] : listed.active) seen.add(execution, status);
  seen.note = std::move(listed.note);
  seen.active.erase(config_.own_execution);
  return seen;
}

Result<> CodePipelines::look_at_stages(Seen& seen) {
  const auto answer = service_.call("GetPipelineState", json::Object{{"name", seen.pipeline}});
  if (!answer) return pipeline_refused(answer.error(), seen.pipeline, "asking for the pipeline");
  const json::Reader from(*answer);
  const auto stages = TRY(from.optional_array("stageStates"));
  for (const auto& stage : stages) TRY(seen.add_stage(stage));
  return {};
}

Result<> CodePipelines::look_at_list(Seen& seen) {
  const auto answer = service_.call(
      "ListPipelineExecutions", json::Object{{"pipelineName", seen.pipeline}, {"maxResults", 100}});
  if (!answer && answer.error().code == Code::denied) {
    seen.note = " (not allowed to list its executions: those in parallel are not seen)";
    return {};
  }
  if (!answer) return pipeline_refused(answer.error(), seen.pipeline, "listing the executions of");
  const json::Reader from(*answer);
  for (const auto& execution : TRY(from.optional_array("pipelineExecutionSummaries")))
    TRY(seen.add(execution));
  return {};
}

Result<std::string> CodePipelines::stop(const Environment& environment, const std::string& reason) {
  TRY(must_be_plain(environment));
  const auto* source = source_of(environment);
  if (source == nullptr)
    return fmt::format("no pipeline is configured for {}: nothing to stop", environment.name);
  const auto pipeline = fill_in(source->pipeline, {{"environment", environment.name}});
  const Seen before = TRY(look(pipeline));
  TRY(freeze(*source, before, reason));
  std::string found;
  std::vector<std::string> at_rest;
  for (const auto& [execution, status] : before.active) {
    if (!TRY(stop_one(*source, before, execution, reason))) at_rest.push_back(execution);
    found += (found.empty() ? "" : ", ") + execution;
  }
  const std::string frozen =
      source->frozen_stage.empty() ? "" : "; nothing enters " + source->frozen_stage;
  if (found.empty()) {
    return fmt::format("nothing was deploying through {}{}{}", pipeline, frozen, before.note);
  }
  Seen after = TRY(look(pipeline));
  for (const auto& execution : at_rest) after.active.erase(execution);
  if (!after.active.empty()) {
    return fail(Code::unavailable,
                fmt::format("{} is still stopping {}", pipeline, after.active.begin()->first));
  }
  return fmt::format("stopped {} of {}{}{}", found, pipeline, frozen, after.note);
}

Result<> CodePipelines::freeze(const PipelineSource& source, const Seen& seen,
                               const std::string& reason) {
  if (source.frozen_stage.empty()) return {};
  const auto* stage = TRY(seen.stage(source.frozen_stage));
  if (!stage->enabled) return {};  // by us or by a person, whose reason stays
  const auto answer =
      service_.call("DisableStageTransition", json::Object{{"pipelineName", seen.pipeline},
                                                           {"stageName", stage->name},
                                                           {"transitionType", "Inbound"},
                                                           {"reason", freeze_reason(reason)}});
  if (!answer) return pipeline_refused(answer.error(), seen.pipeline, "freezing");
  return {};
}

// False: it can't be stopped, since nothing of it is in progress, though it may be listed so while
// it waits before a closed stage.
Result<bool> CodePipelines::stop_one(const PipelineSource& source, const Seen& seen,
                                     const std::string& execution, const std::string& reason) {
  const bool abandon = source.mode == StopMode::abandon;
  // One that was asked to finish can still be abandoned, but not asked to finish once more.
  if (!abandon && seen.active.at(execution) == "Stopping") return true;
  const auto answer =
      service_.call("StopPipelineExecution",
                    json::Object{{"pipelineName", seen.pipeline},
                                 {"pipelineExecutionId", execution},
                                 {"abandon", abandon},
                                 {"reason", delivery::cut_line(reason, longest_reason)}});
  if (answer || is(answer.error(), "DuplicatedStopRequest")) return true;
  if (is(answer.error(), "PipelineExecutionNotStoppable")) return false;
  return pipeline_refused(answer.error(), seen.pipeline, "stopping " + execution + " of");
}

Result<PipelineState> CodePipelines::state(const Environment& environment) {
  TRY(must_be_plain(environment));
  const auto* source = source_of(environment);
  if (source == nullptr)
    return PipelineState{.text = "no pipeline is configured for " + environment.name};
  const Seen seen = TRY(look(fill_in(source->pipeline, {{"environment", environment.name}})));
  std::string text;
  for (const auto& stage : seen.stages) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", one_line(stage.name, 100),
                        stage.status.empty() ? "has not run" : one_line(stage.status, 40));
    if (!stage.enabled) text += fmt::format(" (closed: {})", one_line(stage.disabled_reason, 100));
  }
  std::string deploying;
  for (const auto& [execution, status] : seen.active)
    deploying += fmt::format("{}{}{}", deploying.empty() ? "; deploying: " : ", ", execution,
                             status == "Stopping" ? " (stopping)" : "");
  return PipelineState{
      .idle = seen.active.empty(),
      .text = fmt::format("{}: {}{}{}", seen.pipeline, text.empty() ? "no stages" : text,
                          deploying.empty() ? "; nothing is deploying" : deploying, seen.note)};
}

Result<PipelineSeen> CodePipelines::look_at_pipeline(const Environment& environment) {
  TRY(must_be_plain(environment));
  const auto* source = source_of(environment);
  if (source == nullptr)
    return PipelineSeen{
        .name = {}, .text = "no pipeline is configured for " + environment.name, .stages = {}};
  const Seen seen = TRY(look(fill_in(source->pipeline, {{"environment", environment.name}})));
  PipelineSeen shown{.name = seen.pipeline, .idle = seen.active.empty(), .text = {}, .stages = {}};
  for (const auto& stage : seen.stages) {
    PipelineStage one{.name = one_line(stage.name, 100),
                      .state = stage.status.empty() ? "never ran" : one_line(stage.status, 40),
                      .detail = one_line(stage.detail, 200),
                      .at = stage.at};
    if (!stage.enabled) one.detail += " closed: " + one_line(stage.disabled_reason, 100);
    shown.stages.push_back(std::move(one));
  }
  for (const auto& [execution, status] : seen.active)
    shown.text += (shown.text.empty() ? "deploying: " : ", ") + execution +
                  (status == "Stopping" ? " (stopping)" : "");
  if (shown.text.empty()) shown.text = "nothing is deploying";
  shown.text += seen.note;
  return shown;
}

Result<> CodePipelines::thaw(const Environment& environment) {
  TRY(must_be_plain(environment));
  const auto* source = source_of(environment);
  if (source == nullptr || source->frozen_stage.empty()) return {};
  const Seen seen = TRY(look(fill_in(source->pipeline, {{"environment", environment.name}})));
  const auto* stage = TRY(seen.stage(source->frozen_stage));
  if (stage->enabled || !stage->disabled_reason.starts_with(our_freeze)) return {};
  const auto answer =
      service_.call("EnableStageTransition", json::Object{{"pipelineName", seen.pipeline},
                                                          {"stageName", stage->name},
                                                          {"transitionType", "Inbound"}});
  if (!answer) return pipeline_refused(answer.error(), seen.pipeline, "opening again");
  return {};
}

}  // namespace stepback::aws
