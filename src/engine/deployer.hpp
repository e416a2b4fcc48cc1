// SPDX-License-Identifier: Apache-2.0
#pragma once

// Deployer: puts a version into an environment, and leaves behind what a rollback needs: the
// predecessor, the baseline of alarms, a manifest, a number. Runs in the foreground of a command.
// If it dies, the reconciler ends its record, and takes back what was live of it.

#include "engine/intake.hpp"
#include "engine/performer.hpp"

#include "base/waiter.hpp"

namespace stepback {

class Deployer {
 public:
  Deployer(Store& store, Intake& intake, Performer& performer, Publisher& publisher,
           Delivery delivery, Alarms& alarms, const Settings& settings, const Clock& clock,
           Waiter& waiter, Random random)
      : store_(store),
        intake_(intake),
        performer_(performer),
        publisher_(publisher),
        delivery_(delivery),
        alarms_(alarms),
        settings_(settings),
        clock_(clock),
        waiter_(waiter),
        random_(random) {}

  struct Report {
    Deployment deployment;
    std::optional<Validation> validation;
    std::optional<RollbackId> rollback;  // what its failure opened
    std::string why;                     // it failed
  };
  using Progress = std::function<void(std::string_view step, std::string_view detail)>;

  struct Order {
    DeployRequest request;       // with a digest: its artifacts lie there since an earlier time
    std::string from_directory;  // without one
    Duration check_limit = minutes(2);  // until its checks must have passed
  };
  // An error: nothing was begun. A report with a failure: it began, failed, and is on record.
  Result<Report> deploy(Order order, const Progress& progress);

  // While a deployment is under way in this process; whoever wants to stop it can be told.
  std::function<void(const Deployment&)> on_begun;
  std::function<void()> on_ended;

  // For other deployers: the records, without the doing.
  Result<Deployment> start(DeployRequest request);
  Result<Deployment> succeed(const Environment& environment);
  // A sign of life: the deadline of the deployment in progress begins anew.
  Result<Deployment> heartbeat(const Environment& environment);
  Result<Report> give_up(const Environment& environment, const std::string& why);
  // A person corrects the record; nothing that runs is touched.
  Result<Deployment> amend(const DeploymentId& id, const AmendRequest& request);
  // One that failed before anything of it ran: nothing is taken back.
  Result<Report> never_ran(DeployRequest request, const std::string& why);

 private:
  Result<> provide(Order& order);
  Result<Deployment> begin(DeployRequest request);
  Result<Report> carry_out(Deployment deployment, Duration check_limit, const Progress& progress);
  Result<std::string> switch_until_over(const Switch& change);
  Result<> switch_over(Deployment& deployment, const Progress& progress);
  Result<Validation> check(const Deployment& deployment, std::uint64_t operation, Duration limit);
  using Step = std::function<Result<DeployChange>(Head, Deployment, Instant)>;
  Result<> step(Deployment& deployment, const Step& change);
  Result<Report> failed(Deployment deployment, const std::string& why);
  Result<Deployment> current(const Environment& environment);

  Store& store_;
  Intake& intake_;
  Performer& performer_;
  Publisher& publisher_;
  Delivery delivery_;
  Alarms& alarms_;
  const Settings& settings_;
  const Clock& clock_;
  Waiter& waiter_;
  Random random_;
  std::uint64_t operation_ = 0;
};

}  // namespace stepback
