// SPDX-License-Identifier: Apache-2.0
#pragma once

// Transaction: reads the records one decision rests on, applies decisions to them, and commits all
// that changed at once. What it holds is dropped when the commit is refused: somebody was first.

#include <functional>
#include <optional>

#include "domain/advance.hpp"
#include "domain/deploying.hpp"
#include "engine/settings.hpp"
#include "ports/store.hpp"

namespace stepback {

class Transaction {
 public:
  Transaction(Store& store, const Settings& settings) : store_(store), settings_(settings) {}

  // The world of a rollback that is stored.
  Result<> load(const RollbackId& id);
  // The world in which one is to be opened: free of a rollback yet.
  Result<> load_for(const Environment& environment, Level level,
                    const std::optional<Deployment>& failing);

  const World& world() const { return world_; }
  const Rollback& rollback() const { return world_.rollback.value; }
  bool dirty() const { return dirty_; }

  // One event of one lane; returns when to look again, if nothing was decided.
  Instant apply(std::size_t lane, const Event& event, Instant now, const FreshIds& ids);
  void open(const Opening& opening, Instant now, const Policy& policy, const FreshIds& ids);

  // Everything decided since the last commit, as one.
  Commit pending(std::optional<TriggerRecord> trigger = {}) const;
  // conflict: nothing was written, and this transaction is of no more use.
  Result<> commit();

 private:
  void absorb(Decision decision);
  void settle_revisions();

  Store& store_;
  const Settings& settings_;
  World world_;
  std::vector<JournalEntry> journal_;
  std::vector<Notice> notices_;
  bool dirty_ = false;
};

// Decides on what is stored now and commits that, anew when somebody else was first; deciding
// nothing is success. unavailable: others keep being first.
Result<> commit_anew(Store& store, const std::function<Result<std::optional<Commit>>()>& decide);

Commit commit_of(const DeployChange& change, bool with_deployment = true);
// A change of a deployment's record, committed.
Result<> commit_change(Store& store, const DeployChange& change, bool with_deployment = true);

}  // namespace stepback
