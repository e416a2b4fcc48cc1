// SPDX-License-Identifier: Apache-2.0
#pragma once

// Worker: takes turns. A turn claims a due rollback, performs what is pending, advances with what
// happened and commits, until the rollback waits or ends. Nothing is lost if it dies anywhere: the
// next worker finds the same record and goes on from it. One Worker belongs to one thread.

#include "base/log.hpp"
#include "base/random.hpp"
#include "engine/performer.hpp"
#include "engine/transaction.hpp"
#include "ports/liveness.hpp"

namespace stepback {

class Worker {
 public:
  Worker(Store& store, Performer& performer, Liveness& liveness, const Settings& settings,
         const Clock& clock, Random random, const Log* log)
      : store_(store),
        performer_(performer),
        liveness_(liveness),
        settings_(settings),
        clock_(clock),
        random_(random),
        log_(log) {}

  struct Turn {
    bool ended = false;     // the rollback has its outcome
    bool not_mine = false;  // somebody else holds the lease, or was first
    Instant look_at;        // when there may be something to do again
  };
  Result<Turn> take_turn(const RollbackId& id);

  // A person's wish to stop it. conflict: too late, something was done already.
  Result<> cancel(const RollbackId& id, const std::string& by, const std::string& reason);

 private:
  struct Pace;

  bool may_take(const Rollback& rollback);
  Result<bool> round(Transaction& transaction, Pace& pace);
  FreshIds fresh() { return {random_.next()}; }
  void tell_log(const Rollback& rollback) const;

  Store& store_;
  Performer& performer_;
  Liveness& liveness_;
  const Settings& settings_;
  const Clock& clock_;
  Random random_;
  const Log* log_;  // may be null
};

}  // namespace stepback
