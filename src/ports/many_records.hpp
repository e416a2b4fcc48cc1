// SPDX-License-Identifier: Apache-2.0
#pragma once

// ManyRecords: several records of a Store in one go, for a store that is far away. They are as they
// were at one moment, so that none is older than another that speaks of it. Called by
// engine/remembering; any thread.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/environment.hpp"
#include "domain/head.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"

namespace stepback {

class ManyRecords {
 public:
  virtual ~ManyRecords() = default;

  // Each of them once.
  struct Wanted {
    std::vector<std::string> triggers;
    std::vector<RollbackId> rollbacks;
    Environments heads;
  };
  struct Found {
    std::map<std::string, std::optional<TriggerRecord>> triggers;  // all; none: there is no such
    std::vector<Rollback> rollbacks;                               // those that are there
    std::vector<Head> heads;  // all; empty with revision 0 where there is none
  };
  // All or nothing. invalid: more than it reads at once; unavailable: others write to them.
  virtual Result<Found> read_many(const Wanted& wanted) = 0;
};

}  // namespace stepback
