// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <atomic>
#include <thread>

#include "base/pool.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/follow.hpp"
#include "wire/codec.hpp"

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
  return request;
}

// Who or what is in the way tells what to look at.
Deed deploying(const Environment& environment, const std::string& version, Code code) {
  Deed deed{.what = fmt::format("{} was not deployed to {}", version, environment.name)};
  if (code == Code::denied) deed.attempt = "stepback hold list " + environment.name;
  if (code == Code::conflict) deed.attempt = "stepback watch " + environment.name;
  return deed;
}

void print_deployment(Session& session, const Deployment& deployment, Line line) {
  Answer answer{
      .screen = {std::move(line)}, .document = to_json(deployment), .ids = {deployment.id.text}};
  answer.rows.add({deployment.id.text, deployment.environment.name, deployment.version.text,
                   name_of(deployment.status)});
  session.print(answer);
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

// What follows a deployment that did not succeed: its rollback, if anything of it was live.
Answered<> after_failure(Session& session, Engine& engine, const Deployer::Report& report) {
  const auto& deployment = report.deployment;
  session.talk({Line(bad_sign, Role::bad)
                    .add(fmt::format(" {} in {}: {}", short_version(deployment.version),
                                     deployment.environment.name, report.why))});
  if (!report.rollback) {
    print_deployment(session, deployment,
                     "nothing of it is live, so there is nothing to roll back");
    return Exit::bad;
  }
  const auto exit = TRY(follow(session, engine, {.id = *report.rollback}));
  return exit == Exit::done ? Exit::bad : exit;
}

// While a deployment is under way, Ctrl-C has it fail: what is live of it is then taken back. A
// deployment that is merely left would stand in the way of the next one.
class GivingUp {
 public:
  GivingUp(Session& session, Engine& engine, Environment environment)
      : session_(session), engine_(engine), environment_(std::move(environment)) {
    thread_ = start_thread("interrupt", [this](std::stop_token) { watch(); });
  }
  ~GivingUp() { pause_.stop(); }
  GivingUp(const GivingUp&) = delete;
  GivingUp& operator=(const GivingUp&) = delete;

  void begun() { begun_ = true; }  // the record is there, and it is ours

 private:
  void watch() {
    const int before = session_.interruptions();
    while (pause_.wait(look_again)) {
      if (session_.interruptions() == before || !begun_) continue;
      // It fails when the deployment has ended meanwhile: then there is nothing to give up.
      (void)engine_.deployer.give_up(environment_, "interrupted at the terminal");
      return;
    }
  }

  Session& session_;
  Engine& engine_;
  Environment environment_;
  std::atomic<bool> begun_ = false;
  ThreadWaiter pause_;
  std::jthread thread_;  // last: it uses all of the above
};

// Stays with a deployment until its bake time has passed, or it is taken back.
class Baking {
 public:
  Baking(Session& session, Engine& engine, Deployment deployment)
      : session_(session),
        engine_(engine),
        deployment_(std::move(deployment)),
        handled_(session.interruptions()) {
    turning_.emplace(engine);
  }

  Answered<> run() {
    for (;;) {
      deployment_ = TRY(told(engine_.store.deployment(deployment_.id),
                             {.what = deployment_.id.text + " cannot be read"}));
      const auto head = TRY(told(engine_.store.head(deployment_.environment),
                                 {.what = deployment_.environment.name + " cannot be read"}));
      const auto owner = head.slot ? head.slot : deployment_.rollback;
      if (owner) return taken_back(*owner);
      if (deployment_.good_at) return good();
      if (head.current != deployment_.id) return replaced();
      if (deployment_.status != DeploymentStatus::succeeded) return Exit::bad;
      if (session_.interruptions() > handled_ || !engine_.waiter.wait(look_again)) return left();
    }
  }

 private:
  Answered<> taken_back(const RollbackId& rollback) {
    turning_.reset();  // the follower has its own
    const auto exit = TRY(follow(session_, engine_, {.id = rollback}));
    return exit == Exit::done ? Exit::bad : exit;
  }
  Answered<> good() {
    TRY(told(turning_->finish(), {.what = "people could not be told"}));
    print_deployment(
        session_, deployment_,
        Line(good_sign, Role::good)
            .add(fmt::format(" {} has baked in {}: it may be gone back to from now on",
                             short_version(deployment_.version), deployment_.environment.name)));
    return Exit::done;
  }
  Answered<> replaced() {
    session_.remark({"another deployment took its place while it was baking"});
    return Exit::bad;
  }
  Answered<> left() {
    session_.remark({fmt::format("left while it bakes; next: stepback watch {}",
                                 deployment_.environment.name)});
    return Exit::interrupted;
  }

  Session& session_;
  Engine& engine_;
  Deployment deployment_;
  int handled_;
  std::optional<Turning> turning_;
};

}  // namespace

Answered<> perform(const DeployOptions& options, Session& session) {
  TRY(session.may_change("deploying"));
  Engine& engine = *TRY(session.engine());
  auto request = TRY(request_for(session, engine, options.facts));
  const auto environment = request.environment;
  std::optional<Turning> turning(std::in_place, engine);
  std::optional<GivingUp> giving_up(std::in_place, session, engine, environment);
  auto report = engine.deployer.deploy({.request = std::move(request),
                                        .from_directory = options.from,
                                        .check_limit = options.check_limit},
                                       [&](std::string_view step, std::string_view detail) {
                                         if (step == "begin") giving_up->begun();
                                         Line line(running_sign, Role::running);
                                         line.add(" ").add(step).pad_to(14).add(detail);
                                         session.talk({std::move(line)});
                                       });
  giving_up.reset();
  turning.reset();
  if (!report) {
    return complain(complaint_of(
        report.error(), deploying(environment, options.facts.version, report.error().code)));
  }
  if (!report->why.empty()) return after_failure(session, engine, *report);
  const auto& deployment = report->deployment;
  print_deployment(session, deployment,
                   Line(good_sign, Role::good)
                       .add(fmt::format(" {} runs {}; it bakes until {}", environment.name,
                                        short_version(deployment.version),
                                        date_and_minute(bakes_until(deployment)))));
  if (!options.wait_bake) return Exit::done;
  return Baking(session, engine, deployment).run();
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
