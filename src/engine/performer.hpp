// SPDX-License-Identifier: Apache-2.0
#pragma once

// Performer: one effect becomes one call to a port, and its answer one event. It decides nothing:
// what an answer means is advance()'s business. Used by workers, from their threads.

#include <functional>
#include <vector>

#include "domain/advance.hpp"
#include "engine/settings.hpp"
#include "ports/delivery.hpp"
#include "ports/ledger.hpp"
#include "ports/observation.hpp"
#include "ports/store.hpp"

namespace stepback {

struct Delivery {
  Pipeline& pipeline;
  Artifacts& artifacts;
  Infrastructure& infrastructure;
};

struct Sight {
  Alarms& alarms;
  Health& health;
  Logs& logs;
  LiveVersion& live_version;
};

class Performer {
 public:
  Performer(Store& store, Ledger& ledger, Delivery delivery, Sight sight, const Settings& settings,
            const Clock& clock)
      : store_(store),
        ledger_(ledger),
        delivery_(delivery),
        sight_(sight),
        settings_(settings),
        clock_(clock) {}

  struct Outcome {
    std::size_t lane = 0;
    Event event;
  };
  // The pending effects of these lanes: side by side when there are several, each in its own time.
  std::vector<Outcome> perform(const Rollback& rollback, const std::vector<std::size_t>& lanes);

  // What an environment could go back to, as find_target sees it.
  Result<TargetsFound> find_targets(const Environment& environment);
  Observation observe(const Rollback& rollback, const Lane& lane);
  // Everything that can be seen of an environment now, whoever asks.
  Observation look_around(const Environment& environment, Instant since, const Policy& policy);

 private:
  // In this order one after the other, or some side by side, as the settings say. The first error.
  using Deeds = std::vector<std::function<Result<>()>>;
  Result<> do_all(const Deeds& deeds) const;
  Result<std::vector<Candidate>> find_candidates(const Head& head);
  Result<> check_artifact(const Environment& environment, Candidate& candidate);
  Event perform_one(const Rollback& rollback, const Lane& lane);
  Event stop(const Rollback& rollback, const Lane& lane);
  Event stamp(const Lane& lane);
  Event switch_application(const Rollback& rollback, const Lane& lane);
  Event revert_infrastructure(const Rollback& rollback, const Lane& lane);

  Store& store_;
  Ledger& ledger_;
  Delivery delivery_;
  Sight sight_;
  const Settings& settings_;
  const Clock& clock_;
};

}  // namespace stepback
