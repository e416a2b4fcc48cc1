// SPDX-License-Identifier: Apache-2.0
#pragma once

// Engine: what an entry is handed, put together once by app/assembly and alive as long as the
// program. References only; each part says in its own header which threads may use it.

#include <functional>
#include <memory>

#include "base/waiter.hpp"
#include "engine/courier.hpp"
#include "engine/deployer.hpp"
#include "engine/emergencies.hpp"
#include "engine/gatekeeper.hpp"
#include "engine/inspection.hpp"
#include "engine/intake.hpp"
#include "engine/query.hpp"
#include "engine/reconciler.hpp"
#include "engine/runner.hpp"
#include "engine/runs.hpp"
#include "engine/worker.hpp"

namespace stepback {

struct Engine {
  const Settings& settings;
  const Clock& clock;
  const Log& log;
  Waiter& waiter;
  Store& store;
  Ledger& ledger;
  Query& query;
  Inspection& inspection;
  Intake& intake;
  Deployer& deployer;
  Gatekeeper& gatekeeper;
  Runs& runs;
  Emergencies& emergencies;
  Reconciler& reconciler;
  Courier& courier;
  std::function<std::unique_ptr<Worker>()> make_worker;
  std::function<std::unique_ptr<Runner>()> make_runner;
  // True while a server works on the same store: then a command only watches.
  std::function<bool()> server_is_alive;
  // Looks at the probe alarms whose time has come. Harmless to call often and from several
  // processes.
  std::function<void()> evaluate_alarms;
};

}  // namespace stepback
