// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checkers: what must hold whatever dies. Each violation names the invariant and the records.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/sim/store.hpp"
#include "adapters/sim/world.hpp"
#include "engine/settings.hpp"

namespace stepback::simulation {

class Checkers {
 public:
  Checkers(SimStore& store, SimWorld& world, const SimClock& clock, const Settings& settings)
      : store_(store), world_(world), clock_(clock), settings_(settings) {}

  // As they happen.
  void on_commit(const Commit& commit);  // it was applied
  void on_accept(const Environment& environment, const std::string& key, std::uint64_t operation);
  void on_issue(const Environment& environment, const std::string& key, std::uint64_t operation);
  void on_switched(const Switch& change, const SimWorld::Place& place);
  void on_unhealthy(const std::string& digest);  // from now on; "" for the whole of an environment
  void on_acknowledged(const std::string& trigger_key);
  void after_step();
  // When everything should have come to rest.
  void at_rest();

  bool clock_jumped = false;
  std::vector<std::string> violations;

 private:
  void violated(const std::string& invariant, const std::string& what);
  void check_head(const Head& head);
  void check_success(const Rollback& rollback);
  void check_intent(const Rollback& before, const Rollback& now);
  void check_end(const Rollback& rollback);
  void check_record(const Environment& environment, const Head& head);
  const Rollback* find(const RollbackId& id) const;

  SimStore& store_;
  SimWorld& world_;
  const SimClock& clock_;
  const Settings& settings_;
  std::map<std::string, Rollback> ended_;         // as they were when they ended
  std::map<std::string, Rollback> known_;         // as last committed
  std::map<std::string, std::uint64_t> highest_;  // number accepted, by environment
  std::set<std::string> acknowledged_;
  std::size_t entries_ = 0;
  std::set<std::string> failed_;  // environment and digest of targets that did not pass
  std::map<std::string, Instant> unhealthy_since_;  // by digest
};

}  // namespace stepback::simulation
