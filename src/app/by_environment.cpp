// SPDX-License-Identifier: Apache-2.0
#include "app/by_environment.hpp"

#include <iterator>

namespace stepback {
namespace {

std::unexpected<Error> unknown(const Environment& environment) {
  return fail(Code::not_found, environment.name + " is not in the configuration any more");
}

template <class T>
std::vector<T> joined(std::vector<T> all, std::vector<T> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
  return all;
}

}  // namespace

// --- releases -----------------------------------------------------------------------------------

ReleasesByEnvironment::ReleasesByEnvironment(const Config& config, const Clock& clock,
                                             const Elsewhere& elsewhere) {
  for (const auto& each : config.environments) {
    if (each.application.kind == ApplicationKind::s3) {
      places_[each.environment] = {elsewhere.artifacts, elsewhere.publisher, elsewhere.shelf};
      continue;
    }
    local::ReleasesConfig releases{.root = each.application.root,
                                   .after_switch = each.application.after_switch,
                                   .after_switch_limit = each.application.timeout};
    auto& own = releases_.try_emplace(each.environment, std::move(releases), clock).first->second;
    places_[each.environment] = {&own, &own, &own};
  }
}

Result<ReleasesByEnvironment::Place> ReleasesByEnvironment::of(
    const Environment& environment) const {
  const auto found = places_.find(environment);
  if (found == places_.end()) return unknown(environment);
  return found->second;
}

Result<ArtifactReport> ReleasesByEnvironment::check(const Environment& environment,
                                                    const Version& version, const Digest& digest,
                                                    bool thorough) {
  return TRY(of(environment)).artifacts->check(environment, version, digest, thorough);
}

Result<Pointer> ReleasesByEnvironment::pointer(const Environment& environment) {
  return TRY(of(environment)).artifacts->pointer(environment);
}

Result<> ReleasesByEnvironment::stamp(const Environment& environment, std::uint64_t operation) {
  return TRY(of(environment)).artifacts->stamp(environment, operation);
}

Result<std::string> ReleasesByEnvironment::switch_to(const Switch& change) {
  return TRY(of(change.environment)).artifacts->switch_to(change);
}

Result<Digest> ReleasesByEnvironment::publish(const Environment& environment,
                                              const Version& version,
                                              const std::string& from_directory) {
  return TRY(of(environment)).publisher->publish(environment, version, from_directory);
}

std::string ReleasesByEnvironment::location(const Environment& environment,
                                            const Version& version) const {
  const auto found = places_.find(environment);
  return found == places_.end() ? "" : found->second.publisher->location(environment, version);
}

Result<std::vector<Shelved>> ReleasesByEnvironment::list(const Environment& environment,
                                                         std::size_t limit) {
  return TRY(of(environment)).shelf->list(environment, limit);
}

Result<Shelved> ReleasesByEnvironment::find(const Environment& environment,
                                            const Version& version) {
  return TRY(of(environment)).shelf->find(environment, version);
}

Result<Missing> ReleasesByEnvironment::missing(const Environment& environment,
                                               const Version& version) {
  return TRY(of(environment)).shelf->missing(environment, version);
}

Result<std::string> ReleasesByEnvironment::restore(const Environment& environment,
                                                   const Version& version) {
  return TRY(of(environment)).shelf->restore(environment, version);
}

Result<ShelfRules> ReleasesByEnvironment::rules(const Environment& environment) {
  return TRY(of(environment)).shelf->rules(environment);
}

Result<Digest> ReleasesByEnvironment::digest_of(const Environment& environment,
                                                const std::string& directory) {
  return TRY(of(environment)).shelf->digest_of(environment, directory);
}

// --- pipelines ----------------------------------------------------------------------------------

PipelinesByEnvironment::PipelinesByEnvironment(const Config& config, const Clock& clock,
                                               const Elsewhere& elsewhere) {
  for (const auto& each : config.environments) {
    local::PipelineConfig pipeline{.state_directory = config.state};
    const bool is_ours = each.pipeline && each.pipeline->kind == PipelineKind::command;
    if (is_ours) {
      pipeline.stop_command = each.pipeline->stop;
      pipeline.stop_limit = each.pipeline->timeout;
    }
    auto& own = pipelines_.try_emplace(each.environment, std::move(pipeline), clock).first->second;
    const bool is_elsewhere = each.pipeline && !is_ours;
    places_[each.environment] = {
        &own, is_elsewhere ? elsewhere.pipeline : nullptr,
        is_elsewhere ? elsewhere.pipeline_view : static_cast<PipelineView*>(&own)};
  }
}

Result<PipelinesByEnvironment::Place> PipelinesByEnvironment::of(
    const Environment& environment) const {
  const auto found = places_.find(environment);
  if (found == places_.end()) return unknown(environment);
  return found->second;
}

Result<std::string> PipelinesByEnvironment::stop(const Environment& environment,
                                                 const std::string& reason) {
  const auto place = TRY(of(environment));
  auto here = TRY(place.here->stop(environment, reason));
  return place.elsewhere == nullptr ? std::move(here) : place.elsewhere->stop(environment, reason);
}

Result<PipelineState> PipelinesByEnvironment::state(const Environment& environment) {
  const auto place = TRY(of(environment));
  auto& asked = place.elsewhere == nullptr ? *place.here : *place.elsewhere;
  return asked.state(environment);
}

Result<PipelineSeen> PipelinesByEnvironment::look_at_pipeline(const Environment& environment) {
  return TRY(of(environment)).view->look_at_pipeline(environment);
}

// --- infrastructure -----------------------------------------------------------------------------

InfrastructureByEnvironment::InfrastructureByEnvironment(const Config& config,
                                                         Infrastructure& command,
                                                         const Elsewhere& elsewhere)
    : command_(command) {
  for (const auto& each : config.environments) {
    if (!each.infrastructure) continue;
    switch (each.infrastructure->kind) {
      case InfrastructureKind::command: places_[each.environment] = &command; break;
      case InfrastructureKind::codebuild: places_[each.environment] = elsewhere.builds; break;
      case InfrastructureKind::cloudformation: places_[each.environment] = elsewhere.stacks; break;
    }
  }
}

Infrastructure& InfrastructureByEnvironment::of(const Environment& environment) const {
  const auto found = places_.find(environment);
  return found == places_.end() ? command_ : *found->second;
}

Result<InfrastructureReport> InfrastructureByEnvironment::revert(
    const InfrastructureChange& change) {
  return of(change.environment).revert(change);
}

Result<InfrastructureReport> InfrastructureByEnvironment::look(const InfrastructureChange& change) {
  return of(change.environment).look(change);
}

// --- what is seen -------------------------------------------------------------------------------

VersionsByEnvironment::VersionsByEnvironment(const Config& config, LiveVersion& asked,
                                             const Elsewhere& elsewhere)
    : asked_(asked) {
  for (const auto& each : config.environments) {
    // How to ask what runs was said; or its function can tell; or what was put there to be served.
    if (each.version || each.application.kind != ApplicationKind::s3) continue;
    places_[each.environment] =
        each.application.function.empty() ? elsewhere.served : elsewhere.functions;
  }
}

Result<VersionSeen> VersionsByEnvironment::read(const Environment& environment) {
  const auto found = places_.find(environment);
  return found == places_.end() ? asked_.read(environment) : found->second->read(environment);
}

AlarmsTogether::AlarmsTogether(Alarms& probes, const Config& config, const Elsewhere& elsewhere)
    : probes_(probes) {
  for (const auto& each : config.environments) {
    if (each.cloudwatch && each.cloudwatch->alarms) places_[each.environment] = elsewhere.alarms;
  }
}

Result<std::vector<AlarmSeen>> AlarmsTogether::list(const Environment& environment) {
  auto probes = TRY(probes_.list(environment));
  const auto found = places_.find(environment);
  if (found == places_.end()) return probes;
  return joined(std::move(probes), TRY(found->second->list(environment)));
}

Result<std::vector<LogsSeen>> LogsTogether::look(const Environment& environment, Instant cutover,
                                                 Duration look_back) {
  auto files = TRY(files_.look(environment, cutover, look_back));
  if (groups_ == nullptr) return files;
  return joined(std::move(files), TRY(groups_->look(environment, cutover, look_back)));
}

}  // namespace stepback
