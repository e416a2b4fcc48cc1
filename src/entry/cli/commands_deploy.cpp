// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "entry/cli/commands.hpp"
#include "entry/cli/deploy_live.hpp"

namespace stepback::cli {
namespace {

Answered<DeployRequest> request_for(Session& session, Engine& engine, const DeployFacts& facts) {
  DeployRequest request{.environment = TRY(session.environment(facts.environment))};
  request.version = TRY(told(parse_version(facts.version), {.what = "no version can be called so",
                                                            .attempt = "stepback help concepts"}));
  request.started_by = session.terminal().user;
  request.holder = engine.settings.holder;
  request.infrastructure_changed = facts.infrastructure_changed;
  request.infrastructure_version = facts.infrastructure_version;
  request.one_way = facts.one_way;
  request.one_way_confirmed = facts.accept_one_way;
  return request;
}

// What another tool says of its deployment.
Answered<Deployment> record(Session& session, const std::string& name,
                            Result<Deployment> (Deployer::*deed)(const Environment&),
                            const std::string& how) {
  TRY(session.may_change("recording a deployment"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(name));
  return told(
      (engine.deployer.*deed)(environment),
      {.what = fmt::format("the deployment in {} was not recorded {}", environment.name, how),
       .attempt = "stepback status " + environment.name});
}

}  // namespace

Answered<> perform(const DeployOptions& options, Session& session) {
  TRY(session.may_change("deploying"));
  Engine& engine = *TRY(session.engine());
  auto request = TRY(request_for(session, engine, options.facts));
  return deploy_live(session, engine,
                     {.order = {.request = std::move(request),
                                .from_directory = options.from,
                                .check_limit = options.check_limit},
                      .wait_bake = options.wait_bake});
}

Answered<> perform(const DeployStartOptions& options, Session& session) {
  TRY(session.may_change("recording a deployment"));
  Engine& engine = *TRY(session.engine());
  auto request = TRY(request_for(session, engine, options.facts));
  const auto environment = request.environment;
  // Another tool deploys: this process says nothing about whether that one lives.
  request.holder.clear();
  const auto deployment = engine.deployer.start(std::move(request));
  if (!deployment) {
    return complain(complaint_of(deployment.error(), deploying(environment, options.facts.version,
                                                               deployment.error().code)));
  }
  print_deployment(session, *deployment,
                   fmt::format("{} began: {} in {}", deployment->id.text,
                               short_version(deployment->version), environment.name));
  return Exit::done;
}

Answered<> perform(const DeploySucceedOptions& options, Session& session) {
  const auto deployment =
      TRY(record(session, options.environment, &Deployer::succeed, "as succeeded"));
  print_deployment(session, deployment,
                   fmt::format("{} succeeded; it bakes until {}", deployment.id.text,
                               date_and_minute(bakes_until(deployment))));
  return Exit::done;
}

Answered<> perform(const DeployFailOptions& options, Session& session) {
  TRY(session.may_change("recording a deployment"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.facts.environment));
  const auto why = options.reason.empty() ? "its pipeline said that it failed" : options.reason;
  const auto failed = [&]() -> Answered<Result<Deployer::Report>> {
    if (options.facts.version.empty()) return engine.deployer.give_up(environment, why);
    return engine.deployer.never_ran(TRY(request_for(session, engine, options.facts)), why);
  };
  const auto recorded = TRY(failed());
  const auto report = TRY(told(
      recorded, {.what = "the deployment in " + environment.name + " was not recorded as failed",
                 .attempt = "stepback status " + environment.name}));
  return after_failure(session, engine, report);
}

Answered<> perform(const DeployHeartbeatOptions& options, Session& session) {
  const auto deployment =
      TRY(record(session, options.environment, &Deployer::heartbeat, "as alive"));
  print_deployment(session, deployment,
                   fmt::format("{} lives; it ends, or says so again, before {}", deployment.id.text,
                               date_and_minute(deployment.deadline_at)));
  return Exit::done;
}

}  // namespace stepback::cli
