// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/deploy_live.hpp"

#include <fmt/core.h>

#include <atomic>
#include <thread>

#include "base/pool.hpp"
#include "entry/cli/follow.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

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

Answered<> deploy_live(Session& session, Engine& engine, LiveDeployment live) {
  const auto environment = live.order.request.environment;
  const auto version = live.order.request.version;
  std::optional<Turning> turning(std::in_place, engine);
  std::optional<GivingUp> giving_up(std::in_place, session, engine, environment);
  auto report = engine.deployer.deploy(std::move(live.order),
                                       [&](std::string_view step, std::string_view detail) {
                                         if (step == "begin") giving_up->begun();
                                         Line line(running_sign, Role::running);
                                         line.add(" ").add(step).pad_to(14).add(detail);
                                         session.talk({std::move(line)});
                                       });
  giving_up.reset();
  turning.reset();
  if (!report) {
    return complain(
        complaint_of(report.error(), deploying(environment, version.text, report.error().code)));
  }
  if (!report->why.empty()) return after_failure(session, engine, *report);
  const auto& deployment = report->deployment;
  print_deployment(session, deployment,
                   Line(good_sign, Role::good)
                       .add(fmt::format(" {} runs {}; it bakes until {}", environment.name,
                                        short_version(deployment.version),
                                        date_and_minute(bakes_until(deployment)))));
  if (!live.wait_bake) return Exit::done;
  return Baking(session, engine, deployment).run();
}

}  // namespace stepback::cli
