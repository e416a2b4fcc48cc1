// SPDX-License-Identifier: Apache-2.0
#pragma once

// Measures: whether we are getting better, from the records alone: how often something is deployed,
// how much of it fails, and how long it takes until an environment is well again, with where that
// time goes. Drills are no part of it. Pure; the command line and the API show the same.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "domain/deployment.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"

namespace stepback {

struct MeasuresFacts {
  Instant from;
  Instant until;
  // Only what began in that time is counted; earlier ones that rollbacks speak of may be there.
  std::vector<Deployment> deployments;
  std::vector<Rollback> rollbacks;
  std::vector<TriggerRecord> triggers;  // of those rollbacks, and others
};

struct Spread {
  std::size_t count = 0;
  Duration usual{};  // the middle one
  Duration slow{};   // nine in ten are shorter

  bool operator==(const Spread&) const = default;
};
Spread spread_of(std::vector<Duration> durations);

struct DayMeasure {
  std::string day;  // "2026-01-27", in UTC
  std::size_t deployments = 0;
  std::size_t failed = 0;
  std::size_t restores = 0;

  bool operator==(const DayMeasure&) const = default;
};

// One rollback that ended. `took` counts from the first sign of the failure, where one is on
// record, and else from when somebody asked.
struct RestorePoint {
  RollbackId rollback;
  Environment environment;
  Instant at;
  Duration took{};
  Origin origin = Origin::automatic;
  Outcome outcome = Outcome::succeeded;

  bool operator==(const RestorePoint&) const = default;
};

struct Measures {
  std::size_t deployments = 0;  // attempts to put a new version somewhere
  std::size_t failed = 0;       // of them: failed, or taken back
  double per_day = 0;
  std::optional<double> change_failure_rate;  // of those that ended; none: nothing ended

  std::size_t restores = 0;  // rollbacks that ended, by their outcome:
  std::size_t succeeded = 0;
  std::size_t escalated = 0;
  std::size_t cancelled = 0;
  std::size_t handed_over = 0;
  std::size_t automatic = 0;
  std::size_t within_budget = 0;          // of those that succeeded
  std::optional<double> automatic_share;  // none: nothing was restored

  Spread time_to_restore;              // of those that succeeded
  Spread detect;                       // from live to the first sign
  Spread decide;                       // from there until it began
  Spread act;                          // from there until the version before was live
  Spread verify;                       // from there until that was seen to be well
  std::optional<double> budget_usual;  // share of the budget that was used
  std::optional<double> budget_slow;

  std::vector<DayMeasure> days;      // every day of the time, oldest first
  std::vector<RestorePoint> points;  // oldest first
};

Measures measure(const MeasuresFacts& facts);

}  // namespace stepback
