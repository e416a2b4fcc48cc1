// SPDX-License-Identifier: Apache-2.0
#pragma once

// MutantStore: the store as a mutant sees it. Without a mutant it passes everything through.

#include <optional>
#include <set>

#include "adapters/sim/store.hpp"
#include "base/random.hpp"
#include "simulation/simulation.hpp"

namespace stepback::simulation {

class MutantStore final : public Store {
 public:
  MutantStore(SimStore& store, Mutant mutant, Random& random)
      : store_(store), mutant_(mutant), random_(random) {}

  bool for_intake = false;               // who is asking
  void forget() { held_back_.reset(); }  // the process died

  Result<Rollback> rollback(const RollbackId& id) override;
  Result<Head> head(const Environment& environment) override;
  Result<Deployment> deployment(const DeploymentId& id) override { return store_.deployment(id); }
  Result<TriggerRecord> trigger(const std::string& key) override { return store_.trigger(key); }
  Result<> commit(const Commit& commit) override;
  std::vector<Result<>> commit_each(std::span<const Commit> commits) override;
  Result<std::vector<Due>> due(Instant now, std::size_t limit) override;

 private:
  Commit bend(Commit commit);

  SimStore& store_;
  Mutant mutant_;
  Random& random_;
  std::optional<Commit> held_back_;
  std::set<std::string> woken_;
};

}  // namespace stepback::simulation
