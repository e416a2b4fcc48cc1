// SPDX-License-Identifier: Apache-2.0
#include "wire/names.hpp"

#include <fmt/core.h>

#include <utility>

namespace stepback {

Result<std::string> parse_prefix(std::string_view text) {
  // The same letters as an environment: both become parts of one name.
  if (!parse_environment(text) || text.ends_with('-')) {
    return fail(Code::invalid,
                "not a prefix of names: a small letter, then up to 31 small letters, digits and "
                "dashes, no dash at the end");
  }
  return std::string(text);
}

OutsideNames::OutsideNames(std::string prefix) : prefix_(std::move(prefix)) {}

std::string OutsideNames::of_pipeline(const Environment& environment, std::string_view what) const {
  return fmt::format("{}-pipeline-{}-{}", prefix_, environment.name, what);
}

std::string OutsideNames::of_worker(const Environment& environment, std::string_view what) const {
  return fmt::format("{}-worker-{}-{}", prefix_, environment.name, what);
}

std::string OutsideNames::pipeline(const Environment& environment) const {
  return fmt::format("{}-pipeline-{}", prefix_, environment.name);
}

std::string OutsideNames::deployments(const Environment& environment) const {
  return of_pipeline(environment, "deployments");
}

std::string OutsideNames::artifacts(const Environment& environment) const {
  return of_pipeline(environment, "artifacts");
}

std::string OutsideNames::live_artifacts(const Environment& environment) const {
  return of_worker(environment, "artifacts");
}

std::string OutsideNames::notices(const Environment& environment) const {
  return of_pipeline(environment, "rollbacks");
}

std::string OutsideNames::rollback_function(const Environment& environment) const {
  return of_pipeline(environment, "rollback");
}

std::string OutsideNames::alarm_rule(const Environment& environment) const {
  return of_pipeline(environment, "alarm-rule");
}

std::string OutsideNames::build_project(const Environment& environment) const {
  return fmt::format("{}-worker-{}", prefix_, environment.name);
}

std::string OutsideNames::pipeline_alarm(const Environment& environment,
                                         std::string_view what) const {
  return of_pipeline(environment, what);
}

std::string OutsideNames::worker_alarm(const Environment& environment,
                                       std::string_view what) const {
  return of_worker(environment, what);
}

std::optional<Environment> OutsideNames::environment_of_pipeline(std::string_view name) const {
  const std::string start = prefix_ + "-pipeline-";
  if (!name.starts_with(start)) return std::nullopt;
  auto environment = parse_environment(name.substr(start.size()));
  if (!environment) return std::nullopt;
  return *std::move(environment);
}

}  // namespace stepback
