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
  nudged_ = true;
  dispatcher_pause_.wake();
  courier_pause_.wake();
}

// The store is read once in a while and when somebody says so; between, what is planned is enough.
void Runner::dispatch() {
  Instant read_at{};
  Duration pause{0};
  do {
    ++rounds_;
    const auto now = clock_.now();
    const bool back = now < read_at;  // the clock was put back
    if (nudged_.exchange(false) || back || now - read_at >= options_.idle) {
      const auto read = read_due(now);
      if (!read && log_ != nullptr)
        log_->error("the store does not answer", {{"why", read.error().message}});
      read_at = now;
    }
    pause = queue_due(now);
  } while (dispatcher_pause_.wait(pause));
}

// What the store knows to be due within the time until it is read again.
Result<> Runner::read_due(Instant now) {
  const auto due = TRY(store_.due(now + options_.idle, looked_at_once));
  const std::lock_guard lock(mutex_);
  for (const auto& each : due) {
    if (in_hand_.contains(each.id) || planned_.contains(each.id)) continue;
    planned_[each.id] = each.wake_at;
    schedule_.emplace(each.wake_at, each.id);
  }
  return {};
}

// Puts into the queue whose time has come; returns when to look again.
Duration Runner::queue_due(Instant now) {
  Duration pause = options_.idle;
  bool queued = false;
  {
    const std::lock_guard lock(mutex_);
    while (!schedule_.empty() && is_due(schedule_.begin()->first, now)) {
      auto id = schedule_.begin()->second;
      schedule_.erase(schedule_.begin());
      planned_.erase(id);
      in_hand_.insert(id);
      queue_.push_back(std::move(id));
      queued = true;
    }
    if (!schedule_.empty()) pause = std::min(pause, schedule_.begin()->first - now);
    dispatcher_sleeps_until_ = now + pause;
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
      id = std::move(queue_.front());
      queue_.pop_front();
    }
    const auto turn = worker->take_turn(id);
    if (!turn && log_ != nullptr)
      log_->warning("turn", {{"rollback", id.text}, {"why", turn.error().message}});
    // Somebody else is at it: it will be seen again when the store is read.
    const bool forget = turn && (turn->ended || turn->not_mine);
    plan_look(id, forget ? never : turn ? turn->look_at : clock_.now() + after_trouble);
    // It told people something, or opened a wider one.
    if (turn && turn->ended) nudge();
  }
}

void Runner::plan_look(const RollbackId& id, Instant at) {
  bool sooner = false;
  {
    const std::lock_guard lock(mutex_);
    in_hand_.erase(id);
    if (at == never) return;
    planned_[id] = at;
    schedule_.emplace(at, id);
    sooner = at < dispatcher_sleeps_until_;
  }
  if (sooner) dispatcher_pause_.wake();
}

}  // namespace stepback
