// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/work.hpp"

#include <fmt/core.h>

#include "adapters/local/files.hpp"
#include "adapters/local/process.hpp"

namespace stepback::local {
namespace {

constexpr Duration grace = seconds(10);  // between asking a stage to end and killing it

std::string why(const Ended& ended, Duration limit) {
  if (ended.stopped) return "it was asked to stop";
  if (ended.timed_out) return "no end within " + to_short(limit);
  if (!ended.status) return fmt::format("signal {} ended it", ended.signal);
  if (*ended.status == 0) return "took " + to_short(ended.took);
  return fmt::format("exit status {}", *ended.status);
}

}  // namespace

Result<WorkEnd> LocalWork::carry_out(const WorkOrder& order, const std::function<bool()>& go_on) {
  Command command{.arguments = order.arguments, .environment = config_.variables};
  command.environment.insert(command.environment.end(), order.variables.begin(),
                             order.variables.end());
  command.limit = order.limit;
  command.grace = grace;
  command.go_on = go_on;
  const auto ended = TRY(run(command, clock_));
  WorkEnd end{.succeeded = ended.succeeded(), .stopped = ended.stopped};
  end.why = why(ended, order.limit);
  auto kept = keep_output(order, ended.output);
  if (kept) end.log = *std::move(kept);
  return end;
}

// A stage is judged by how it ended, so an output that cannot be kept fails nothing.
Result<std::string> LocalWork::keep_output(const WorkOrder& order,
                                           const std::string& output) const {
  const auto folder = fmt::format("{}/runs/{}", config_.state_directory, order.run);
  TRY(make_directories(folder));
  auto path = fmt::format("{}/{}.log", folder, order.name);
  TRY(replace_file(path, output));
  return path;
}

}  // namespace stepback::local
