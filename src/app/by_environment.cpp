// SPDX-License-Identifier: Apache-2.0
#include "app/by_environment.hpp"

namespace stepback {
namespace {

std::unexpected<Error> unknown(const Environment& environment) {
  return fail(Code::not_found, environment.name + " is not in the configuration any more");
}

}  // namespace

ReleasesByEnvironment::ReleasesByEnvironment(const Config& config, const Clock& clock) {
  for (const auto& each : config.environments) {
    local::ReleasesConfig releases{.root = each.application.root,
                                   .after_switch = each.application.after_switch,
                                   .after_switch_limit = each.application.timeout};
    releases_.try_emplace(each.environment, std::move(releases), clock);
  }
}

Result<local::Releases*> ReleasesByEnvironment::of(const Environment& environment) {
  const auto found = releases_.find(environment);
  if (found == releases_.end()) return unknown(environment);
  return &found->second;
}

Result<ArtifactReport> ReleasesByEnvironment::check(const Environment& environment,
                                                    const Version& version, const Digest& digest,
                                                    bool thorough) {
  return TRY(of(environment))->check(environment, version, digest, thorough);
}

Result<Pointer> ReleasesByEnvironment::pointer(const Environment& environment) {
  return TRY(of(environment))->pointer(environment);
}

Result<> ReleasesByEnvironment::stamp(const Environment& environment, std::uint64_t operation) {
  return TRY(of(environment))->stamp(environment, operation);
}

Result<std::string> ReleasesByEnvironment::switch_to(const Switch& change) {
  return TRY(of(change.environment))->switch_to(change);
}

Result<Digest> ReleasesByEnvironment::publish(const Environment& environment,
                                              const Version& version,
                                              const std::string& from_directory) {
  return TRY(of(environment))->publish(environment, version, from_directory);
}

PipelinesByEnvironment::PipelinesByEnvironment(const Config& config, const Clock& clock) {
  for (const auto& each : config.environments) {
    local::PipelineConfig pipeline{.state_directory = config.state};
    if (each.pipeline) {
      pipeline.stop_command = each.pipeline->stop;
      pipeline.stop_limit = each.pipeline->timeout;
    }
    pipelines_.try_emplace(each.environment, std::move(pipeline), clock);
  }
}

Result<local::LocalPipeline*> PipelinesByEnvironment::of(const Environment& environment) {
  const auto found = pipelines_.find(environment);
  if (found == pipelines_.end()) return unknown(environment);
  return &found->second;
}

Result<std::string> PipelinesByEnvironment::stop(const Environment& environment,
                                                 const std::string& reason) {
  return TRY(of(environment))->stop(environment, reason);
}

Result<std::string> PipelinesByEnvironment::state(const Environment& environment) {
  return TRY(of(environment))->state(environment);
}

}  // namespace stepback
