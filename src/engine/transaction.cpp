// SPDX-License-Identifier: Apache-2.0
#include "engine/transaction.hpp"

#include <algorithm>
#include <iterator>

namespace stepback {
namespace {

const Environment whole_service{};  // the head with an empty environment

template <class T>
void settle(Kept<T>& kept) {
  if (!kept.changed) return;
  ++kept.value.revision;
  kept.changed = false;
}

}  // namespace

Result<> Transaction::load(const RollbackId& id) {
  world_ = World{.environments = settings_.environments, .holder = settings_.holder};
  world_.rollback.value = TRY(store_.rollback(id));
  const Rollback& rollback = world_.rollback.value;
  if (!is_active(rollback)) return {};
  world_.service.value = TRY(store_.head(whole_service));
  for (const auto& lane : rollback.lanes) {
    world_.heads.push_back({TRY(store_.head(lane.environment))});
    if (lane.deployment.empty()) continue;
    auto failing = store_.deployment(lane.deployment);
    if (failing) {
      world_.deployments.push_back({*std::move(failing)});
    } else if (failing.error().code != Code::not_found) {
      return fail(failing.error());
    }
  }
  if (const auto& full = world_.service.value.slot; full && rollback.level == Level::stage) {
    world_.full = Kept<Rollback>{TRY(store_.rollback(*full))};
    if (!is_active(world_.full->value)) world_.full.reset();
  }
  return {};
}

Result<> Transaction::load_for(const Environment& environment, Level level,
                               const std::optional<Deployment>& failing) {
  world_ = World{.environments = settings_.environments, .holder = settings_.holder};
  world_.service.value = TRY(store_.head(whole_service));
  if (level == Level::full) {
    for (const auto& each : settings_.environments)
      world_.heads.push_back({TRY(store_.head(each))});
  } else {
    world_.heads.push_back({TRY(store_.head(environment))});
  }
  if (failing) world_.deployments.push_back({*failing});
  return {};
}

Instant Transaction::apply(std::size_t lane, const Event& event, Instant now, const FreshIds& ids) {
  auto decision = advance(std::move(world_), lane, event, now, ids);
  const auto look_at = decision.look_at;
  absorb(std::move(decision));
  return look_at;
}

void Transaction::open(const Opening& opening, Instant now, const Policy& policy,
                       const FreshIds& ids) {
  absorb(stepback::open(std::move(world_), opening, now, policy, ids));
}

void Transaction::absorb(Decision decision) {
  dirty_ = dirty_ || decision.changed;
  std::ranges::move(decision.journal, std::back_inserter(journal_));
  std::ranges::move(decision.notices, std::back_inserter(notices_));
  world_ = std::move(decision.next);
}

Commit Transaction::pending(std::optional<TriggerRecord> trigger) const {
  Commit commit{.trigger = std::move(trigger), .journal = journal_, .notices = notices_};
  // The rollback is always a condition, and its lease is kept with it.
  commit.rollbacks.push_back(world_.rollback.value);
  if (world_.full && world_.full->changed) commit.rollbacks.push_back(world_.full->value);
  for (const auto& head : world_.heads) {
    if (head.changed) commit.heads.push_back(head.value);
  }
  if (world_.service.changed) commit.heads.push_back(world_.service.value);
  for (const auto& deployment : world_.deployments) {
    if (deployment.changed) commit.deployments.push_back(deployment.value);
  }
  return commit;
}

Result<> Transaction::commit() {
  auto done = store_.commit(pending());
  if (!done) return done;
  settle_revisions();
  return {};
}

void Transaction::settle_revisions() {
  world_.rollback.changed = true;
  settle(world_.rollback);
  if (world_.full) settle(*world_.full);
  settle(world_.service);
  for (auto& head : world_.heads) settle(head);
  for (auto& deployment : world_.deployments) settle(deployment);
  journal_.clear();
  notices_.clear();
  dirty_ = false;
}

Result<> commit_anew(Store& store, const std::function<Result<std::optional<Commit>>()>& decide) {
  constexpr int tries = 16;
  for (int i = 0; i < tries; ++i) {
    const auto commit = TRY(decide());
    if (!commit) return {};
    auto done = store.commit(*commit);
    if (done || done.error().code != Code::conflict) return done;
  }
  return fail(Code::unavailable, "others keep changing the same records; try again");
}

Commit commit_of(const DeployChange& change, bool with_deployment) {
  Commit commit{.journal = change.journal, .notices = change.notices};
  commit.heads.push_back(change.head);
  if (with_deployment) commit.deployments.push_back(change.deployment);
  return commit;
}

Result<> commit_change(Store& store, const DeployChange& change, bool with_deployment) {
  return store.commit(commit_of(change, with_deployment));
}

}  // namespace stepback
