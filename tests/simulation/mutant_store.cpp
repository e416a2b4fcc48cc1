// SPDX-License-Identifier: Apache-2.0
#include "simulation/mutant_store.hpp"

#include <algorithm>

namespace stepback::simulation {

Result<Rollback> MutantStore::rollback(const RollbackId& id) {
  if (held_back_) {
    for (const auto& kept : held_back_->rollbacks) {
      if (kept.id != id) continue;
      auto seen = kept;
      ++seen.revision;
      return seen;
    }
  }
  return store_.rollback(id);
}

Result<Head> MutantStore::head(const Environment& environment) {
  auto head = store_.head(environment);
  if (!head) return head;
  if (held_back_) {
    for (const auto& kept : held_back_->heads) {
      if (kept.environment != environment) continue;
      *head = kept;
      ++head->revision;
    }
  }
  if (mutant_ == Mutant::no_slot && for_intake) head->slot.reset();
  if (mutant_ == Mutant::no_brake) head->automatic.clear();
  return head;
}

Commit MutantStore::bend(Commit commit) {
  if (mutant_ == Mutant::no_compare_and_set) {
    for (auto& rollback : commit.rollbacks) {
      const auto stored = store_.rollback(rollback.id);
      rollback.revision = stored ? stored->revision : 0;
    }
    for (auto& head : commit.heads) head.revision = store_.head(head.environment)->revision;
    for (auto& deployment : commit.deployments) {
      const auto stored = store_.deployment(deployment.id);
      deployment.revision = stored ? stored->revision : 0;
    }
  }
  for (auto& head : commit.heads) {
    std::erase_if(head.holds, [&](const Hold& hold) {
      const bool verdict = hold.until == HoldUntil::released && hold.rollback.has_value();
      return (mutant_ == Mutant::no_hold && !verdict) ||
             (mutant_ == Mutant::no_bad_verdict && verdict);
    });
  }
  for (auto& rollback : commit.rollbacks) {
    if (mutant_ == Mutant::no_deadline && rollback.revision == 0)
      rollback.deadline_at = rollback.deadline_at + hours(2);
    if (mutant_ == Mutant::no_settling && rollback.revision == 0)
      rollback.policy.settle = Duration(0);
  }
  if (mutant_ == Mutant::no_outbox && random_.chance(250)) commit.notices.clear();
  return commit;
}

Result<> MutantStore::commit(const Commit& commit) {
  if (held_back_) {
    const auto first = *std::move(held_back_);
    held_back_.reset();
    // It was acknowledged already: nobody hears of a refusal.
    (void)store_.commit(first);
  }
  const bool intends = std::ranges::any_of(
      commit.journal, [](const auto& entry) { return entry.kind == "step.intended"; });
  if (mutant_ == Mutant::intent_not_durable && intends) {
    held_back_ = commit;
    return {};
  }
  return mutant_ == Mutant::none ? store_.commit(commit) : store_.commit(bend(commit));
}

std::vector<Result<>> MutantStore::commit_each(std::span<const Commit> commits) {
  std::vector<Result<>> results;
  results.reserve(commits.size());
  for (const auto& each : commits) results.push_back(commit(each));
  return results;
}

Result<std::vector<Store::Due>> MutantStore::due(Instant now, std::size_t limit) {
  auto due = store_.due(now, limit);
  if (due && mutant_ == Mutant::no_sweep) {
    std::erase_if(*due, [&](const Due& each) { return !woken_.insert(each.id.text).second; });
  }
  return due;
}

}  // namespace stepback::simulation
