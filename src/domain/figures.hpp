// SPDX-License-Identifier: Apache-2.0
#pragma once

// Figures: the two series that the runbook asks CloudWatch for, from the records alone: how many
// rollbacks ended in each period, and how long what was deployed in it took. Drills are no part of
// it. Pure.

#include <optional>
#include <vector>

#include "domain/rollback.hpp"

namespace stepback {

struct FiguresFacts {
  Instant from;
  Instant until;
  Duration period = hours(1);
  std::vector<Deployment> deployments;
  std::vector<Rollback> rollbacks;
};

struct Figure {
  Instant from;                      // of the period
  std::size_t rollback_count = 0;    // that ended in it, however
  std::size_t deployments = 0;       // that ended in it
  std::optional<Duration> duration;  // of those, on average; none: there were none
};

inline constexpr std::size_t most_figures = 1000;

// Oldest first, each period of the time. invalid: the periods would be too many, or none.
Result<std::vector<Figure>> figures(const FiguresFacts& facts);

// When a version was committed.
struct Committed {
  Version version;
  Instant at;
};
// From there until it was live first, of what was deployed and succeeded.
std::vector<Duration> lead_times(const std::vector<Deployment>& deployments,
                                 const std::vector<Committed>& commits);

}  // namespace stepback
