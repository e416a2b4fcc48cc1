// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reconciler: looks at how things are, so that nothing rests on an event arriving. It reads the
// alarms of deployments that bake, ends the records of deployers that died, and lets a version
// become good when its bake time has passed. One thread.

#include "engine/intake.hpp"
#include "ports/delivery.hpp"
#include "ports/ledger.hpp"
#include "ports/liveness.hpp"

namespace stepback {

class Reconciler {
 public:
  Reconciler(Store& store, Ledger& ledger, Intake& intake, Alarms& alarms, Artifacts& artifacts,
             Liveness& liveness, const Settings& settings, const Clock& clock, const Log* log)
      : store_(store),
        ledger_(ledger),
        intake_(intake),
        alarms_(alarms),
        artifacts_(artifacts),
        liveness_(liveness),
        settings_(settings),
        clock_(clock),
        log_(log) {}

  // Looks at everything once.
  Result<> turn();
  // Removes what the policy lets go of.
  Result<std::uint64_t> expire();

 private:
  Result<> look_at_baking(const Deployment& deployment);
  Result<> look_at_running(const Deployment& deployment);
  Result<> close_orphan(const Deployment& orphan, const std::string& why);
  Result<> look_at_run();
  Result<> raise_failure(const Environment& environment);
  Result<bool> raise_alarms(const Deployment& deployment);

  Store& store_;
  Ledger& ledger_;
  Intake& intake_;
  Alarms& alarms_;
  Artifacts& artifacts_;
  Liveness& liveness_;
  const Settings& settings_;
  const Clock& clock_;
  const Log* log_;  // may be null
};

}  // namespace stepback
