// SPDX-License-Identifier: Apache-2.0
#pragma once

// Domain values for tests, as small as a case needs them.

#include "domain/advance.hpp"
#include "domain/trigger.hpp"

namespace stepback::support {

inline constexpr Instant noon{1'769'500'800'000};

inline Environment production() { return {"production"}; }
inline Version version(const std::string& text) { return {text}; }
inline Digest digest(char c) { return {std::string(64, c)}; }

inline Release release(const std::string& name, char c) {
  return {{"dep-" + name}, version(name), digest(c)};
}

inline Deployment deployment(const std::string& name, char c,
                             DeploymentStatus status = DeploymentStatus::succeeded) {
  Deployment made{.id = {"dep-" + name},
                  .environment = production(),
                  .version = version(name),
                  .digest = digest(c)};
  made.status = status;
  made.started_at = noon - minutes(10);
  made.cutover_at = noon - minutes(9);
  made.bake = minutes(60);
  if (status != DeploymentStatus::in_progress) made.ended_at = noon - minutes(8);
  return made;
}

inline Candidate candidate(const std::string& name, char c) {
  return {.release = release(name, c), .good_at = noon - hours(10), .started_at = noon - hours(20)};
}

inline Head head_running(const std::string& name, char c) {
  Head head{.environment = production(), .current = DeploymentId{"dep-" + name}};
  head.live = release(name, c);
  return head;
}

inline AlarmSeen alarm(AlarmState state, Instant since) {
  AlarmSeen seen{.name = "kiro-worker-production-errors",
                 .roles = {.trigger = true, .validate = true},
                 .state = state};
  seen.since = since;
  seen.reason = "errors above 1%";
  return seen;
}

// A rollback of v2 in production that was just opened, with v1 to go back to.
inline World opened_world(const Policy& policy = {}, Level level = Level::stage) {
  World world{.environments = {{"test"}, {"staging"}, production()}, .holder = "worker"};
  if (level == Level::full) {
    world.heads.push_back({Head{.environment = {"test"}}});
    world.heads.push_back({Head{.environment = {"staging"}}});
  }
  world.heads.push_back({head_running("v2", '2')});
  world.deployments.push_back({deployment("v2", '2')});
  Opening opening{.environment = production(), .level = level};
  opening.rejected = release("v2", '2');
  opening.deployment = {"dep-v2"};
  opening.reason = "alarm kiro-worker-production-errors entered ALARM";
  opening.requested_by = "automation";
  auto decision = open(std::move(world), opening, noon, policy, {1});
  return std::move(decision.next);
}

inline TargetsFound targets_found() {
  TargetsFound found{
      .candidates = {candidate("v2", '2'), candidate("v1", '1'), candidate("v0", '0')}};
  found.alarms = {{"kiro-worker-production-errors", AlarmState::alarm}};
  return found;
}

inline Observation healthy_observation(Instant at, const std::string& name, char c,
                                       std::uint64_t operation) {
  Observation seen{.at = at};
  seen.health = {{.name = "api", .healthy = true, .detail = "200 3/3"}};
  seen.version = VersionSeen{
      .seen = true, .version = version(name), .digest = digest(c), .operation = operation};
  seen.alarms = {alarm(AlarmState::ok, at - seconds(5))};
  return seen;
}

}  // namespace stepback::support
