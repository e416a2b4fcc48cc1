// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/codebuild.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/delivery_names.hpp"

namespace stepback::aws {
namespace {

using delivery::refused;
using delivery::token_of;

constexpr Duration token_is_sent_for = minutes(4);  // of the five that it is valid
constexpr Duration arrives_within = seconds(20);    // twice what a request may take
constexpr Duration remembered_for = hours(1);
constexpr int pages_searched = 3;  // of 100 builds each, the newest first
constexpr std::string_view key_variable = "STEPBACK_KEY";

std::unexpected<Error> build_refused(const Refusal& refusal, const std::string& project,
                                     std::string_view deed) {
  if (delivery::is(refusal, "ResourceNotFound")) {
    return fail(Code::not_found, fmt::format("there is no build project {}: check its name in the "
                                             "configuration, the region and the account",
                                             project));
  }
  return refused(refusal, fmt::format("{} {}", deed, project));
}

json::Object variable(std::string_view name, std::string_view value) {
  return {{"name", name}, {"value", value}, {"type", "PLAINTEXT"}};
}

json::Object parameters_of(const BuildRequest& request) {
  json::Array variables;
  variables.push_back(variable(key_variable, request.key));
  variables.push_back(variable("STEPBACK_OPERATION", std::to_string(request.operation)));
  for (const auto& [name, value] : request.variables) variables.push_back(variable(name, value));
  json::Object parameters{{"projectName", request.project},
                          {"idempotencyToken", token_of(request.key)},
                          {"environmentVariablesOverride", std::move(variables)}};
  if (!request.source_version.empty()) parameters["sourceVersion"] = request.source_version;
  return parameters;
}

Result<bool> has_key(const json::Reader& build, const std::string& key) {
  const auto environment = TRY(build.optional_object("environment"));
  if (!environment) return false;
  for (const auto& each : TRY(environment->optional_array("environmentVariables"))) {
    if (TRY(each.text_or("name", "")) != key_variable) continue;
    if (TRY(each.text_or("value", "")) == key) return true;
  }
  return false;
}

// "BUILD failed: exit status 1; its log: https://..."
Result<std::string> what_failed(const json::Reader& build) {
  std::string text;
  for (const auto& phase : TRY(build.optional_array("phases"))) {
    const auto status = TRY(phase.text_or("phaseStatus", ""));
    if (status.empty() || status == "SUCCEEDED" || status == "IN_PROGRESS") continue;
    text = fmt::format(" in {} ({})", one_line(TRY(phase.text_or("phaseType", "?")), 40),
                       one_line(status, 40));
    for (const auto& context : TRY(phase.optional_array("contexts"))) {
      const auto message = TRY(context.text_or("message", ""));
      if (!message.empty()) text += ": " + one_line(message, 200);
    }
    break;
  }
  if (const auto logs = TRY(build.optional_object("logs"))) {
    const auto link = TRY(logs->text_or("deepLink", ""));
    if (!link.empty()) text += "; its log: " + one_line(link, 500);
  }
  return text;
}

Code code_of(std::string_view status) {
  if (status == "FAULT" || status == "TIMED_OUT") return Code::unavailable;
  return status == "STOPPED" ? Code::denied : Code::invalid;
}

Result<InfrastructureReport> report_of(const json::Reader& build) {
  const auto id = one_line(TRY(build.text_or("id", "?")), 200);
  const auto status = TRY(build.text("buildStatus"));
  if (status == "SUCCEEDED") {
    return InfrastructureReport{Progress::done, fmt::format("the build {} succeeded", id)};
  }
  if (status == "IN_PROGRESS") {
    const auto phase = one_line(TRY(build.text_or("currentPhase", "QUEUED")), 40);
    return InfrastructureReport{Progress::under_way,
                                fmt::format("the build {} is in {}", id, phase)};
  }
  return fail(code_of(status), fmt::format("the build {} ended with {}{}", id, one_line(status, 40),
                                           TRY(what_failed(build))));
}

// A deployment that was abandoned leaves its build running. What that one began has to end before
// anything is taken back over it.
InfrastructureReport waits_behind(const std::string& project) {
  return {Progress::under_way, fmt::format("{} still builds something else", project)};
}

const BuildSource* find_source(const std::vector<BuildSource>& sources,
                               const Environment& environment) {
  const auto found = std::ranges::find(sources, environment, &BuildSource::environment);
  return found == sources.end() ? nullptr : &*found;
}

}  // namespace

Result<InfrastructureReport> CodeBuilds::start_or_find(const BuildRequest& request) {
  const auto found = TRY(search(request.project, request.key));
  if (!found.build.empty()) return report(found.build);
  if (!may_send(request.key)) return find(request.project, request.key);
  const auto answer = service_.call("StartBuild", parameters_of(request));
  if (!answer && found.others_run && delivery::is(answer.error(), "AccountLimitExceeded"))
    return waits_behind(request.project);
  if (!answer) return build_refused(answer.error(), request.project, "starting a build of");
  const auto build = TRY(json::Reader(*answer).object("build"));
  remember(request.key, TRY(build.text("id")));
  return report_of(build);
}

Result<InfrastructureReport> CodeBuilds::find(const std::string& project, const std::string& key) {
  const auto found = TRY(search(project, key));
  if (!found.build.empty()) return report(found.build);
  if (found.others_run) return waits_behind(project);
  if (may_arrive(key)) {
    return InfrastructureReport{Progress::under_way,
                                fmt::format("no build of {} carries this key yet", project)};
  }
  return InfrastructureReport{Progress::not_started,
                              fmt::format("no build of {} carries this key", project)};
}

Result<CodeBuilds::Found> CodeBuilds::search(const std::string& project, const std::string& key) {
  Found found;
  {
    const std::lock_guard lock(mutex_);
    const auto before = known_.find(key);
    if (before != known_.end()) found.build = before->second.build;
  }
  if (!found.build.empty()) return found;
  std::string next;
  for (int page = 0; page < pages_searched; ++page) {
    const auto ids = TRY(newest(project, next));
    if (ids.empty()) break;
    const json::Value builds = TRY(get(ids));
    const json::Reader from(builds);
    for (const auto& build : TRY(from.optional_array("builds"))) {
      if (TRY(build.text_or("buildStatus", "")) == "IN_PROGRESS") found.others_run = true;
      if (!TRY(has_key(build, key))) continue;
      found.build = TRY(build.text("id"));
      remember(key, found.build);
      return found;
    }
    if (next.empty()) break;
  }
  return found;
}

Result<std::vector<std::string>> CodeBuilds::newest(const std::string& project, std::string& next) {
  json::Object parameters{{"projectName", project}, {"sortOrder", "DESCENDING"}};
  if (!next.empty()) parameters["nextToken"] = next;
  const auto answer = service_.call("ListBuildsForProject", parameters);
  if (!answer) return build_refused(answer.error(), project, "listing the builds of");
  const json::Reader from(*answer);
  next = TRY(from.text_or("nextToken", ""));
  std::vector<std::string> ids;
  for (const auto& each : TRY(from.optional_array("ids"))) ids.push_back(TRY(each.as_text()));
  return ids;
}

Result<json::Value> CodeBuilds::get(const std::vector<std::string>& ids) {
  json::Array wanted;
  for (const auto& id : ids) wanted.emplace_back(id);
  auto answer = service_.call("BatchGetBuilds", json::Object{{"ids", std::move(wanted)}});
  if (!answer) return refused(answer.error(), "reading builds");
  return *std::move(answer);
}

Result<InfrastructureReport> CodeBuilds::report(const std::string& id) {
  const json::Value builds = TRY(get({id}));
  const json::Reader from(builds);
  const auto found = TRY(from.optional_array("builds"));
  if (found.empty())
    return fail(Code::unavailable, fmt::format("the build {} was not found; ask again", id));
  return report_of(found.front());
}

CodeBuilds::Known& CodeBuilds::known(const std::string& key) {
  const Duration now = clock_.steady();
  std::erase_if(known_, [&](const auto& each) { return each.second.heard + remembered_for < now; });
  return known_.try_emplace(key, Known{.heard = now, .sent = {}, .asked = now, .build = {}})
      .first->second;
}

bool CodeBuilds::may_send(const std::string& key) {
  const Duration now = clock_.steady();
  const std::lock_guard lock(mutex_);
  Known& entry = known(key);
  if (entry.sent && now - *entry.sent >= token_is_sent_for) return false;
  if (!entry.sent) entry.sent = now;
  entry.asked = now;
  return true;
}

// Since this process last asked for it; or, where an earlier one may have, since it is known here.
bool CodeBuilds::may_arrive(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return clock_.steady() - known(key).asked < arrives_within;
}

void CodeBuilds::remember(const std::string& key, const std::string& id) {
  const std::lock_guard lock(mutex_);
  known(key).build = id;
}

Result<InfrastructureReport> InfrastructureByBuild::revert(const InfrastructureChange& change) {
  const auto request = TRY(request_for(change));
  return builds_.start_or_find(request);
}

Result<InfrastructureReport> InfrastructureByBuild::look(const InfrastructureChange& change) {
  const auto request = TRY(request_for(change));
  return builds_.find(request.project, request.key);
}

Result<BuildRequest> InfrastructureByBuild::request_for(const InfrastructureChange& change) const {
  TRY(must_be_plain(change.environment));
  TRY(must_be_plain_reference(change.infrastructure_version));
  const auto* source = find_source(sources_, change.environment);
  if (source == nullptr) {
    return fail(Code::invalid, fmt::format("no build project is configured to revert the "
                                           "infrastructure of {}",
                                           change.environment.name));
  }
  const Filling names{{"environment", change.environment.name},
                      {"version", change.version.text},
                      {"infrastructure_version", change.infrastructure_version}};
  return BuildRequest{.project = fill_in(source->project, names),
                      .source_version = fill_in(source->source_version, names),
                      .key = change.key,
                      .operation = change.operation,
                      .variables = source->variables};
}

SwitchHook build_after_switch(std::vector<BuildSource> sources, CodeBuilds& builds) {
  return {[sources = std::move(sources), &builds](const Switch& change) -> Result<Progress> {
    TRY(must_be_plain(change.environment));
    TRY(must_be_plain(change.version));
    const auto* source = find_source(sources, change.environment);
    if (source == nullptr) return Progress::done;
    const Filling names{{"environment", change.environment.name}, {"version", change.version.text}};
    const auto seen =
        TRY(builds.start_or_find({.project = fill_in(source->project, names),
                                  .source_version = fill_in(source->source_version, names),
                                  .key = change.key,
                                  .operation = change.operation,
                                  .variables = source->variables}));
    return seen.progress;
  }};
}

}  // namespace stepback::aws
