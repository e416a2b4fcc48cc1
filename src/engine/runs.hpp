// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs: carries a version through the stages of the pipeline on this machine, in the foreground of
// a command, and takes what people say to a run from anywhere. Each step is durable before the next
// begins. If the process dies, the reconciler ends the run's record; what was deployed by it is the
// deployer's and is taken care of there. A stage that fails is a signal like any other: what runs
// of the version goes back, in the environment concerned, and where nothing runs it is kept out.
// One thread; several processes may share the record.

#include <functional>
#include <mutex>

#include "domain/running.hpp"
#include "engine/deployer.hpp"
#include "engine/gatekeeper.hpp"
#include "ports/work.hpp"

namespace stepback {

class Runs {
 public:
  Runs(Store& store, Intake& intake, Gatekeeper& gatekeeper, Deployer& deployer, Work& work,
       ReportFiles& reports, const Settings& settings, const Clock& clock, Waiter& waiter,
       Random random)
      : store_(store),
        intake_(intake),
        gatekeeper_(gatekeeper),
        deployer_(deployer),
        work_(work),
        reports_(reports),
        settings_(settings),
        clock_(clock),
        waiter_(waiter),
        random_(random) {}

  struct Order {
    Version version;
    std::string by;
  };
  // After every change, with the run as it stands; and with a line about a stage.
  using Progress =
      std::function<void(const Run& run, std::string_view stage, std::string_view what)>;
  // The run as it ended. An error: it was not begun, or its record can no longer be written.
  Result<Run> carry_out(const Order& order, const Progress& progress);

  // not_found: there has been none.
  Result<Run> newest();
  Result<Run> answer(const ApprovalAnswer& answer);
  Result<Run> ask_to_stop(const std::string& by);

 private:
  using Change = std::function<Result<RunChange>(Head service)>;
  Result<Run> commit(const Change& change);
  Result<StageEnd> perform(const Run& run, std::size_t stage, const Progress& progress);
  Result<StageEnd> command(const Run& run, const StagePlan& plan);
  Result<StageEnd> gate(const Run& run, std::size_t stage);
  Result<StageEnd> deploy(const Run& run, const StagePlan& plan, const Progress& progress);
  Result<StageEnd> approval(const Run& run, std::size_t stage);
  Result<> raise(const Run& run, std::size_t stage, StageEnd& end);
  Result<> lift(const Run& run, std::size_t stage);
  bool goes_on(const RunId& id);

  Store& store_;
  Intake& intake_;
  Gatekeeper& gatekeeper_;
  Deployer& deployer_;
  Work& work_;
  ReportFiles& reports_;
  const Settings& settings_;
  const Clock& clock_;
  Waiter& waiter_;
  Random random_;
  std::vector<StagePlan> plans_;  // of the run that is carried out
};

}  // namespace stepback
