// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/query.hpp"

namespace stepback {
namespace {

constexpr std::size_t records_read = 10'000;
constexpr std::size_t events_read = 1000;

}  // namespace

Result<Measures> Query::measures(const std::optional<Environment>& environment, Instant from,
                                 Instant until) {
  MeasuresFacts facts{.from = from, .until = until};
  facts.deployments = TRY(ledger_.deployments(
      {.environment = environment, .since = from, .until = until, .limit = records_read}));
  facts.rollbacks = TRY(ledger_.rollbacks(
      {.environment = environment, .since = from, .until = until, .limit = records_read}));
  facts.triggers = TRY(ledger_.recent_triggers(environment, events_read));
  // What was taken back may have been deployed before.
  for (const auto& rollback : facts.rollbacks) {
    const auto& id = rollback.rejected.deployment;
    if (std::ranges::find(facts.deployments, id, &Deployment::id) != facts.deployments.end())
      continue;
    if (auto earlier = store_.deployment(id)) facts.deployments.push_back(*std::move(earlier));
  }
  return measure(facts);
}

}  // namespace stepback
