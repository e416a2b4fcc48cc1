// SPDX-License-Identifier: Apache-2.0
#include "engine/worker.hpp"

#include <algorithm>

namespace stepback {
namespace {

constexpr int rounds_in_a_turn = 64;  // more than any plan has steps and tries

}  // namespace

// Not before when each lane is to be looked at again; forgotten with the turn.
struct Worker::Pace {
  std::vector<Instant> not_before;

  bool due(std::size_t lane, Instant now) const { return not_before[lane] <= now; }
};

bool Worker::may_take(const Rollback& rollback) {
  const Lease& lease = rollback.lease;
  if (lease.holder.empty() || lease.holder == settings_.holder) return true;
  return lease.expires_at <= clock_.now() || liveness_.is_dead(lease.holder);
}

Result<Worker::Turn> Worker::take_turn(const RollbackId& id) {
  Transaction transaction(store_, settings_);
  TRY(transaction.load(id));
  if (!is_active(transaction.rollback())) return Turn{.ended = true, .look_at = never};
  if (!may_take(transaction.rollback())) {
    return Turn{.not_mine = true, .look_at = transaction.rollback().lease.expires_at};
  }
  Pace pace{std::vector<Instant>(transaction.rollback().lanes.size())};
  transaction.apply(0, Claimed{}, clock_.now(), fresh());
  for (int i = 0; i < rounds_in_a_turn; ++i) {
    auto went_on = round(transaction, pace);
    if (!went_on && went_on.error().code == Code::conflict) {
      return Turn{.not_mine = true, .look_at = clock_.now()};
    }
    if (!TRY(std::move(went_on))) break;
  }
  Turn turn{.ended = !is_active(transaction.rollback()), .look_at = never};
  const auto& lanes = transaction.rollback().lanes;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i].phase == Phase::done) continue;
    turn.look_at = std::min(turn.look_at, std::max(pace.not_before[i], lanes[i].wake_at));
  }
  return turn;
}

// Wake what is due, make its intent durable, perform it, take in what happened. False: it waits.
Result<bool> Worker::round(Transaction& transaction, Pace& pace) {
  const auto lane_count = transaction.rollback().lanes.size();
  const auto now = clock_.now();
  for (std::size_t i = 0; i < lane_count; ++i) {
    const Lane& lane = transaction.rollback().lanes[i];
    if (lane.phase == Phase::done || !is_due(lane.wake_at, now) || !pace.due(i, now)) continue;
    const auto look_at = transaction.apply(i, Woke{}, now, fresh());
    if (!transaction.rollback().lanes[i].pending && look_at != never) pace.not_before[i] = look_at;
  }
  std::vector<std::size_t> due;
  bool changes_world = false;
  for (std::size_t i = 0; is_active(transaction.rollback()) && i < lane_count; ++i) {
    const Lane& lane = transaction.rollback().lanes[i];
    if (!lane.pending || !is_due(lane.wake_at, now) || !pace.due(i, now)) continue;
    due.push_back(i);
    changes_world = changes_world || changes_the_world(lane.pending->kind);
  }
  // Intent before effect: what leaves from here is on record, under our lease and its number.
  if (transaction.dirty() && (changes_world || due.empty())) TRY(transaction.commit());
  if (!is_active(transaction.rollback())) tell_log(transaction.rollback());
  if (due.empty()) return false;

  for (auto& outcome : performer_.perform(transaction.rollback(), due)) {
    const auto look_at = transaction.apply(outcome.lane, outcome.event, clock_.now(), fresh());
    if (look_at != never) pace.not_before[outcome.lane] = look_at;
  }
  const bool ended = !is_active(transaction.rollback());
  if (transaction.dirty() && (changes_world || ended)) TRY(transaction.commit());
  if (ended) tell_log(transaction.rollback());
  return !ended;
}

Result<> Worker::cancel(const RollbackId& id, const std::string& by, const std::string& reason) {
  Transaction transaction(store_, settings_);
  TRY(transaction.load(id));
  if (!is_active(transaction.rollback()))
    return fail(Code::conflict, id.text + " has ended already");
  transaction.apply(0, CancelAsked{by, reason}, clock_.now(), fresh());
  if (is_active(transaction.rollback())) {
    return fail(Code::conflict, id.text + " has begun to change things; it goes forward only");
  }
  return transaction.commit();
}

void Worker::tell_log(const Rollback& rollback) const {
  if (log_ == nullptr || !rollback.outcome) return;
  log_->info("rollback ended", {{"rollback", rollback.id.text},
                                {"environment", rollback.environment.name},
                                {"outcome", name_of(*rollback.outcome)},
                                {"why", rollback.why}});
}

}  // namespace stepback
