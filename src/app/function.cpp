// SPDX-License-Identifier: Apache-2.0
#include "app/function.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "adapters/aws/metrics.hpp"
#include "app/assembly.hpp"
#include "entry/lambda/handler.hpp"
#include "entry/lambda/runtime.hpp"

namespace stepback {
namespace {

std::string value_of(const Variables& variables, const std::string& name,
                     const std::string& otherwise = "") {
  const auto found = variables.find(name);
  return found == variables.end() || found->second.empty() ? otherwise : found->second;
}

// Beside the program, unless a variable says where.
std::string configuration_of(const Variables& variables) {
  const auto root = value_of(variables, "LAMBDA_TASK_ROOT", "/var/task");
  return value_of(variables, "STEPBACK_CONFIG", root + "/stepback.yaml");
}

Result<Handler::Options> options_of(const Variables& variables, Assembly& assembly) {
  Handler::Options options;
  const auto role = value_of(variables, "STEPBACK_ROLE", "both");
  const auto known = named<FunctionRole>(role);
  if (!known) return fail(Code::invalid, "STEPBACK_ROLE is detect, act or both, not " + role);
  options.role = *known;
  const auto environment = value_of(variables, "STEPBACK_ENVIRONMENT");
  if (!environment.empty()) {
    options.environment = Environment{environment};
    if (assembly.config().find(*options.environment) == nullptr)
      return fail(Code::invalid, "STEPBACK_ENVIRONMENT names " + environment +
                                     ", which the configuration does not have");
  }
  options.prefix = assembly.config().prefix;
  options.ignored = [](const TriggerRecord& record) {
    for (const auto& line : aws::embedded_lines(aws::data_of(record))) fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  options.memory = &assembly.memory();
  options.wake = [&assembly](const Environment& place, const RollbackId& id, Duration delay) {
    return assembly.wake(place, id, delay);
  };
  return options;
}

}  // namespace

int run_function(const Variables& variables) {
  const SystemClock clock;
  const Log log(clock, {});
  Runtime runtime(value_of(variables, "AWS_LAMBDA_RUNTIME_API"), log);
  const auto refuse = [&](const Error& error) {
    runtime.refuse_to_start(error);
    return 1;
  };
  auto config = load_config(configuration_of(variables), variables);
  if (!config) return refuse(config.error());
  auto assembly = Assembly::make(*std::move(config), variables, {});
  if (!assembly) return refuse(assembly.error());
  auto options = options_of(variables, **assembly);
  if (!options) return refuse(options.error());
  Handler handler((*assembly)->engine(), *std::move(options));
  const auto end =
      runtime.serve([&](const Invocation& invocation) { return handler.handle(invocation); });
  log.warning("the function ends", {{"why", end.message}});
  return 0;
}

}  // namespace stepback
