// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/pipeline.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "adapters/local/process.hpp"
#include "base/json.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr std::string_view entry_ending = ".json";

std::string directory_of(const std::string& state_directory, const Environment& environment) {
  return state_directory + "/running/" + environment.name;
}

std::string asked_path(const std::string& entry_path) { return entry_path + ".asked"; }

Result<std::pair<ProcessIdentity, std::string>> decode_entry(std::string_view text) {
  const json::Value value = TRY(json::parse(text));
  const json::Reader from(value);
  const json::Reader process = TRY(from.object("process"));
  const ProcessIdentity identity = TRY(decode_process(process));
  const std::string deployment = TRY(from.text("deployment"));
  return std::pair(identity, deployment);
}

// Its group if it leads one; else it alone: the rest of the group is a script or a person's shell.
Result<> signal_to(const ProcessIdentity& process, int number) {
  const bool leads = ::getpgid(process.id) == process.id && ::getpgrp() != process.id;
  if (::kill(leads ? -process.id : process.id, number) == 0 || errno == ESRCH) return {};
  return fail(system_error("stop", fmt::format("process {}", process.id), errno));
}

}  // namespace

Result<RunningDeployment> RunningDeployment::begin(const std::string& state_directory,
                                                   const Environment& environment,
                                                   const DeploymentId& deployment) {
  TRY(must_be_plain(environment));
  const std::string directory = directory_of(state_directory, environment);
  TRY(make_directories(directory));
  json::Object object;
  object["process"] = encode(own_identity());
  object["deployment"] = deployment.text;
  const std::string path = fmt::format("{}/{}{}", directory, ::getpid(), entry_ending);
  TRY(remove_file(asked_path(path)));  // asked of an earlier process with our number
  TRY(replace_file(path, json::write(object) + "\n"));
  return RunningDeployment(path);
}

RunningDeployment::~RunningDeployment() {
  if (path_.empty()) return;
  ::unlink(path_.c_str());
  ::unlink(asked_path(path_).c_str());
}

LocalPipeline::LocalPipeline(PipelineConfig config, const Clock& clock)
    : config_(std::move(config)), clock_(clock) {}

Result<std::vector<LocalPipeline::Entry>> LocalPipeline::running(
    const Environment& environment) const {
  TRY(must_be_plain(environment));
  const std::string directory = directory_of(config_.state_directory, environment);
  std::vector<Entry> entries;
  for (const std::string& name : TRY(names_in(directory))) {
    if (!name.ends_with(entry_ending)) continue;
    const std::string path = directory + "/" + name;
    const auto text = read_file(path);
    if (!text && text.error().code == Code::not_found) continue;  // it has just ended
    if (!text) return fail(text.error());
    const auto decoded = decode_entry(*text);
    if (!decoded) return fail(Code::corrupt, path + ": " + decoded.error().message);
    if (life_of(decoded->first) == Life::gone) {
      TRY(remove_file(path));
      TRY(remove_file(asked_path(path)));
      continue;
    }
    entries.push_back({path, decoded->first, decoded->second});
  }
  return entries;
}

Result<> LocalPipeline::ask_to_end(const Entry& entry) {
  const std::string path = asked_path(entry.path);
  const Duration now = clock_.steady();
  if (const auto before = read_file(path)) {
    const auto asked_at = json::parse(*before);
    const bool is_time = asked_at && asked_at->is_int64();
    if (is_time && now - Duration(asked_at->get_int64()) < config_.grace) return {};
    // A note that can't be read does not spare it for ever.
    return signal_to(entry.process, SIGKILL);
  }
  TRY(replace_file(path, fmt::format("{}", now.count())));
  return signal_to(entry.process, SIGTERM);
}

bool LocalPipeline::ends_before(const Entry& entry, Duration deadline) const {
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, entry.process.id, 0U)));
  // Opened first and looked at then: so it is this one, and not another with its number.
  if (!process.is_open() || life_of(entry.process) == Life::gone) return true;
  const Duration left = std::max(deadline - clock_.steady(), Duration(0));
  pollfd ended{process.number(), POLLIN, 0};
  return ::poll(&ended, 1, static_cast<int>(std::min(left, config_.look).count())) > 0;
}

Result<> LocalPipeline::run_stop_command(const Environment& environment,
                                         const std::string& reason) {
  if (config_.stop_command.empty()) return {};
  Command command{.arguments = fill_in(config_.stop_command, {{"environment", environment.name}}),
                  .environment = config_.variables,
                  .limit = config_.stop_limit};
  command.environment.emplace_back("STEPBACK_ENVIRONMENT", environment.name);
  command.environment.emplace_back("STEPBACK_REASON", one_line(reason));
  const Ended ended = TRY(run(command, clock_));
  return must_succeed(ended, config_.stop_command[0] + ", which stops the pipeline,");
}

Result<std::string> LocalPipeline::stop(const Environment& environment, const std::string& reason) {
  std::string found;
  const ProcessIdentity self = own_identity();
  std::vector<Entry> asked;
  for (Entry& entry : TRY(running(environment))) {
    if (entry.process == self) continue;
    if (life_of(entry.process) == Life::not_to_be_told) {
      return fail(Code::unavailable,
                  fmt::format("{} deploys from another container (process {} there), which can't "
                              "be stopped from here",
                              one_line(entry.deployment), entry.process.id));
    }
    TRY(ask_to_end(entry));
    found += fmt::format("{}{} (process {})", found.empty() ? "" : ", ", one_line(entry.deployment),
                         entry.process.id);
    asked.push_back(std::move(entry));
  }
  TRY(run_stop_command(environment, reason));
  const Duration deadline = clock_.steady() + config_.look;
  for (const Entry& entry : asked) {
    if (!ends_before(entry, deadline)) {
      return fail(Code::unavailable, "still stopping " + found);
    }
    TRY(remove_file(entry.path));
    TRY(remove_file(asked_path(entry.path)));
  }
  const std::string by = config_.stop_command.empty() ? "" : "; the stop command succeeded";
  return (found.empty() ? "nothing was deploying" : "stopped " + found) + by;
}

Result<PipelineState> LocalPipeline::state(const Environment& environment) {
  std::string text;
  for (const Entry& entry : TRY(running(environment))) {
    text += fmt::format("{}{} (process {})", text.empty() ? "deploying: " : ", ",
                        one_line(entry.deployment), entry.process.id);
  }
  if (text.empty()) return PipelineState{.text = "nothing is deploying"};
  return PipelineState{.idle = false, .text = std::move(text)};
}

Result<PipelineSeen> LocalPipeline::look_at_pipeline(const Environment& environment) {
  PipelineSeen seen{.name = "deployments on this machine", .text = {}, .stages = {}};
  for (const Entry& entry : TRY(running(environment))) {
    seen.stages.push_back({.name = one_line(entry.deployment),
                           .state = "InProgress",
                           .detail = fmt::format("process {}", entry.process.id),
                           .at = {}});
  }
  seen.idle = seen.stages.empty();
  seen.text = seen.idle ? "nothing is deploying" : "deploying";
  return seen;
}

}  // namespace stepback::local
