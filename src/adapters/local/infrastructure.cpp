// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/infrastructure.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "adapters/local/process.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr std::string_view schema = "stepback/v1/infrastructure-run";
constexpr std::size_t longest_version = 128;
constexpr Duration lock_patience = Duration(200);  // those who only look have it for less
constexpr Duration past_deadline = seconds(10);

// Hooks of the repository do not belong to what was asked for, and nobody is there to type.
Command git(const std::string& repository, std::vector<std::string> arguments, Duration limit) {
  Command command{.arguments = {"git", "-c", "core.hooksPath=/dev/null", "-C", repository},
                  .environment = {{"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C"}},
                  .directory = {},
                  .input = {},
                  .limit = limit};
  std::ranges::move(arguments, std::back_inserter(command.arguments));
  return command;
}

}  // namespace

struct InfrastructureCommand::Run {
  const InfrastructureSource& source;
  const InfrastructureChange& change;
  std::string tree;
  std::string record;
  Duration deadline{};
};

Result<InfrastructureReport> InfrastructureCommand::revert(const InfrastructureChange& change) {
  const auto* source = TRY(source_of(change));
  const Environment& environment = change.environment;
  TRY(make_directories(config_.directory));
  const auto lock = FileLock::take(path_of(environment, "lock"), lock_patience);
  if (!lock && lock.error().code == Code::unavailable) {
    return fail(Code::unavailable, "an earlier change of the infrastructure is still under way");
  }
  if (!lock) return fail(lock.error());
  const auto before = TRY(read(environment));
  TRY(await_earlier(change, before));
  if (before && before->key == change.key && before->progress == "done") {
    return InfrastructureReport{Progress::done, before->detail};
  }
  const Duration limit =
      change.limit > Duration(0) ? std::min(change.limit, source->timeout) : source->timeout;
  const Run run{.source = *source,
                .change = change,
                .tree = path_of(environment, "tree"),
                .record = path_of(environment, "command"),
                .deadline = clock_.steady() + limit};
  State state{.key = change.key, .progress = "started", .detail = {}, .deadline = run.deadline};
  TRY(write(environment, state));
  const auto result = carry_out(run);
  remove_tree(run);
  state.progress = result ? "done" : "failed";
  state.detail = result ? *result : one_line(result.error().message);
  TRY(write(environment, state));
  if (!result) return fail(result.error().during("reverting the infrastructure"));
  return InfrastructureReport{Progress::done, state.detail};
}

Result<InfrastructureReport> InfrastructureCommand::look(const InfrastructureChange& change) {
  TRY(source_of(change));
  TRY(make_directories(config_.directory));
  const auto lock = FileLock::take(path_of(change.environment, "lock"));
  if (!lock && lock.error().code == Code::unavailable) {
    return InfrastructureReport{Progress::under_way, "the command is being run"};
  }
  if (!lock) return fail(lock.error());
  const auto state = TRY(read(change.environment));
  const auto earlier = await_earlier(change, state);
  if (!earlier && earlier.error().code == Code::unavailable) {
    return InfrastructureReport{Progress::under_way, earlier.error().message};
  }
  if (!earlier) return fail(earlier.error());
  if (!state || state->key != change.key) {
    return InfrastructureReport{Progress::not_started, "nothing was started under this key"};
  }
  if (state->progress == "done") return InfrastructureReport{Progress::done, state->detail};
  if (state->progress == "failed") {
    return InfrastructureReport{Progress::not_started, "it failed: " + state->detail};
  }
  return InfrastructureReport{Progress::not_started,
                              "it was cut short: nobody saw how the command ended"};
}

Result<const InfrastructureSource*> InfrastructureCommand::source_of(
    const InfrastructureChange& change) const {
  TRY(must_be_plain(change.environment));
  const auto source =
      std::ranges::find(config_.sources, change.environment, &InfrastructureSource::environment);
  if (source == config_.sources.end()) {
    return fail(Code::invalid, fmt::format("no command is configured to revert the "
                                           "infrastructure of {}",
                                           change.environment.name));
  }
  // A letter or a digit comes first, so that git can't take it for an option.
  const std::string& version = change.infrastructure_version;
  if (!is_plain_token(version, longest_version) || version.contains("..")) {
    return fail(Code::invalid, "not an infrastructure version: " + one_line(version));
  }
  if (!change.version.empty()) TRY(must_be_plain(change.version));
  return &*source;
}

std::string InfrastructureCommand::path_of(const Environment& environment,
                                           std::string_view what) const {
  return fmt::format("{}/{}.{}", config_.directory, environment.name, what);
}

Result<std::optional<InfrastructureCommand::State>> InfrastructureCommand::read(
    const Environment& environment) const {
  const std::string path = path_of(environment, "json");
  const auto text = read_file(path);
  if (!text && text.error().code == Code::not_found) return std::optional<State>();
  if (!text) return fail(text.error());
  const auto decode = [&]() -> Result<State> {
    const json::Value value = TRY(json::parse(*text));
    const json::Reader from(value);
    if (TRY(from.text("schema")) != schema) return fail(from.wrong("schema", "is another one"));
    State state;
    state.key = TRY(from.text("key"));
    state.progress = TRY(from.text("progress"));
    state.detail = TRY(from.text("detail"));
    state.deadline = Duration(TRY(from.integer("deadline")));
    return state;
  };
  auto state = decode();
  if (!state) return fail(Code::corrupt, path + ": " + state.error().message);
  return std::optional<State>(*std::move(state));
}

Result<> InfrastructureCommand::write(const Environment& environment, const State& state) const {
  json::Object object;
  object["schema"] = schema;
  object["key"] = state.key;
  object["progress"] = state.progress;
  object["detail"] = state.detail;
  object["deadline"] = state.deadline.count();
  return replace_file(path_of(environment, "json"), json::write(object) + "\n");
}

Result<> InfrastructureCommand::await_earlier(const InfrastructureChange& change,
                                              const std::optional<State>& state) {
  CommandRecord record(path_of(change.environment, "command"), clock_);
  const auto running = TRY(record.running());
  if (!running) return {};
  // A child that outlived its engine may still finish its work; ours began with a deadline.
  if (state && clock_.steady() < state->deadline + past_deadline) {
    return fail(Code::unavailable, fmt::format("an earlier {} (operation {}) still runs",
                                               one_line(running->program), running->operation));
  }
  return record.make_way();
}

Result<std::string> InfrastructureCommand::carry_out(const Run& run) {
  const Duration began = clock_.steady();
  remove_tree(run);  // what a crash has left
  TRY(add_tree(run));
  if (!run.source.install.empty()) {
    TRY(run_in_tree(run, run.source.install, "the install command"));
  }
  TRY(run_in_tree(run, run.source.run, "the infrastructure command"));
  return fmt::format("infrastructure at {} after {}", run.change.infrastructure_version,
                     to_short(clock_.steady() - began));
}

Result<> InfrastructureCommand::add_tree(const Run& run) {
  const auto command =
      git(run.source.repository,
          {"worktree", "add", "--force", "--detach", run.tree, run.change.infrastructure_version},
          std::max(run.deadline - clock_.steady(), Duration(1)));
  const Ended ended = TRY(local::run(command, clock_));
  return must_succeed(ended, "git worktree add");
}

void InfrastructureCommand::remove_tree(const Run& run) {
  // Its failure costs disk, and shows when the next one is added; the outcome stands without it.
  std::error_code ignored;
  std::filesystem::remove_all(run.tree, ignored);
  const auto pruned =
      local::run(git(run.source.repository, {"worktree", "prune"}, seconds(30)), clock_);
  static_cast<void>(pruned);
}

Result<> InfrastructureCommand::run_in_tree(const Run& run,
                                            const std::vector<std::string>& arguments,
                                            std::string_view what) {
  const Duration left = run.deadline - clock_.steady();
  if (left <= Duration(0)) {
    return fail(Code::timeout, fmt::format("no time is left for {}", what));
  }
  const InfrastructureChange& change = run.change;
  Command command{
      .arguments = fill_in(arguments, {{"environment", change.environment.name},
                                       {"version", change.version.text},
                                       {"infrastructure_version", change.infrastructure_version}}),
      .environment = run.source.variables,
      .directory = run.tree,
      .input = {},
      .limit = left};
  auto& variables = command.environment;
  variables.emplace_back("STEPBACK_ENVIRONMENT", change.environment.name);
  variables.emplace_back("STEPBACK_VERSION", change.version.text);
  variables.emplace_back("STEPBACK_INFRASTRUCTURE_VERSION", change.infrastructure_version);
  variables.emplace_back("STEPBACK_OPERATION", std::to_string(change.operation));
  CommandRecord record(run.record, clock_);
  Child child = TRY(record.begin(std::move(command), change.operation, change.key));
  const pid_t id = child.id();
  const Ended ended = TRY(child.wait());
  TRY(record.end(id));
  return must_succeed(ended, what);
}

}  // namespace stepback::local
