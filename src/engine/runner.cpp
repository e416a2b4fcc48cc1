// SPDX-License-Identifier: Apache-2.0
#include "engine/runner.hpp"

#include <algorithm>

#include "base/pool.hpp"

namespace stepback {
namespace {

constexpr std::size_t looked_at_once = 10'000;
constexpr Duration after_trouble = seconds(1);

}  // namespace

Runner::Runner(Store& store, MakeWorker make_worker, Courier& courier, Reconciler& reconciler,
               const Clock& clock, const Log* log, Options options)
    : store_(store),
      make_worker_(std::move(make_worker)),
      courier_(courier),
      reconciler_(reconciler),
      clock_(clock),
      log_(log),
      options_(options) {}

Runner::~Runner() { stop(); }

void Runner::start() {
  threads_.push_back(start_thread("dispatcher", [this](std::stop_token) { dispatch(); }));
  for (int i = 0; i < options_.workers; ++i) {
    threads_.push_back(
        start_thread("worker-" + std::to_string(i), [this](std::stop_token stop) { work(stop); }));
  }
  threads_.push_back(start_thread("courier", [this](std::stop_token) {
    do {
      const auto carried = courier_.turn();
      if (!carried && log_ != nullptr) log_->warning("courier", {{"why", carried.error().message}});
    } while (courier_pause_.wait(options_.idle));
  }));
  threads_.push_back(start_thread("reconciler", [this](std::stop_token) {
    Instant expired{};
    do {
      const auto looked = reconciler_.turn();
      if (!looked && log_ != nullptr)
        log_->warning("reconciler", {{"why", looked.error().message}});
      if (clock_.now() - expired < options_.expire_every) continue;
      expired = clock_.now();
      const auto gone = reconciler_.expire();
      if (!gone && log_ != nullptr) log_->warning("retention", {{"why", gone.error().message}});
    } while (reconciler_pause_.wait(options_.reconcile_every));
  }));
}

void Runner::stop() {
  dispatcher_pause_.stop();
  courier_pause_.stop();
  reconciler_pause_.stop();
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Runner::nudge() {
  dispatcher_pause_.wake();
  courier_pause_.wake();
}

void Runner::dispatch() {
  do {
    ++rounds_;
  } while (dispatcher_pause_.wait(look_for_due()));
}

// Puts what is due into the queue; returns when to look again.
Duration Runner::look_for_due() {
  const auto now = clock_.now();
  const auto due = store_.due(now + options_.idle, looked_at_once);
  if (!due) {
    if (log_ != nullptr) log_->error("the store does not answer", {{"why", due.error().message}});
    return after_trouble;
  }
  Duration pause = options_.idle;
  bool queued = false;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& each : *due) {
      if (in_hand_.contains(each.id)) continue;
      const auto known = not_before_.find(each.id);
      const auto at =
          std::max(each.wake_at, known == not_before_.end() ? Instant{} : known->second);
      if (at > now) {
        pause = std::min(pause, at - now);
        continue;
      }
      in_hand_.insert(each.id);
      queue_.insert(queue_.begin(), each.id);
      queued = true;
    }
  }
  if (queued) ready_.notify_all();
  return std::max(pause, Duration(1));
}

void Runner::work(std::stop_token stop) {
  const auto worker = make_worker_();
  for (;;) {
    RollbackId id;
    {
      std::unique_lock lock(mutex_);
      if (!ready_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      if (stop.stop_requested()) return;
      id = std::move(queue_.back());
      queue_.pop_back();
    }
    const auto turn = worker->take_turn(id);
    if (!turn && log_ != nullptr) {
      log_->warning("turn", {{"rollback", id.text}, {"why", turn.error().message}});
    }
    remember(id, turn ? turn->look_at : clock_.now() + after_trouble);
    dispatcher_pause_.wake();
    if (turn && turn->ended) courier_pause_.wake();
  }
}

void Runner::remember(const RollbackId& id, Instant look_at) {
  const std::lock_guard lock(mutex_);
  in_hand_.erase(id);
  if (look_at == never) {
    not_before_.erase(id);
  } else {
    not_before_[id] = look_at;
  }
}

}  // namespace stepback
