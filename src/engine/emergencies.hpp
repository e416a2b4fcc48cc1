// SPDX-License-Identifier: Apache-2.0
#pragma once

// Emergencies: several environments looked at, stopped and rolled back together. Each act is on
// record before the next; a process that dies in between has opened rollbacks that any other
// carries on. One thread.

#include <string>
#include <utility>
#include <vector>

#include "domain/emergency.hpp"
#include "engine/inspection.hpp"
#include "engine/intake.hpp"
#include "engine/query.hpp"

namespace stepback {

class Emergencies {
 public:
  Emergencies(Store& store, Query& query, Intake& intake, Inspection& inspection,
              const Settings& settings, const Clock& clock)
      : store_(store),
        query_(query),
        intake_(intake),
        inspection_(inspection),
        settings_(settings),
        clock_(clock) {}

  // Changes nothing. `environments` in any order.
  Result<std::vector<EmergencyLine>> plan(const Environments& environments, bool all);

  // Nothing running is success. One that cannot be stopped does not keep the others from it.
  struct Stopped {
    Environment environment;
    Result<std::string> what;
  };
  std::vector<Stopped> stop(const std::vector<EmergencyLine>& lines, const std::string& by,
                            const std::string& reason);

  Result<> declare(const std::vector<EmergencyLine>& lines, const std::string& by,
                   const std::string& reason);
  // Opens a rollback in each line that wants one, production first; watched ones are among the
  // answers. One that cannot be opened does not keep the others from it.
  struct Opened {
    Environment environment;
    Result<RollbackId> rollback;
  };
  std::vector<Opened> open(const std::vector<EmergencyLine>& lines, const std::string& by,
                           const std::string& reason);
  Result<> note(const std::string& what, const std::string& by, const std::string& text);

 private:
  Result<EmergencyFacts> look(const Environment& environment);

  Store& store_;
  Query& query_;
  Intake& intake_;
  Inspection& inspection_;
  const Settings& settings_;
  const Clock& clock_;
};

}  // namespace stepback
