// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runner: keeps the engine turning in a process that lives: workers take the turns that are due,
// the courier carries notices, the reconciler looks. Everything it knows is in the store, so it may
// be killed at any moment; two of them on one store get along.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/waiter.hpp"
#include "engine/courier.hpp"
#include "engine/reconciler.hpp"
#include "engine/worker.hpp"

namespace stepback {

class Runner {
 public:
  struct Options {
    int workers = 4;
    Duration idle = seconds(1);  // between two looks at the store when nothing is known to be due
    Duration reconcile_every = seconds(2);
    Duration expire_every = hours(1);
  };
  using MakeWorker = std::function<std::unique_ptr<Worker>()>;

  Runner(Store& store, MakeWorker make_worker, Courier& courier, Reconciler& reconciler,
         const Clock& clock, const Log* log, Options options);
  ~Runner();  // as stop()
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void start();
  // Claims nothing more, finishes the acts under way, leaves the rest to the next process.
  void stop();
  // Something may be due; from any thread.
  void nudge();
  // Rounds of the dispatcher since the start: the health page shows that it turns.
  std::uint64_t rounds() const { return rounds_; }

 private:
  void dispatch();
  void work(std::stop_token stop);
  Result<> read_due(Instant now);
  Duration queue_due(Instant now);
  void plan_look(const RollbackId& id, Instant at);

  Store& store_;
  MakeWorker make_worker_;
  Courier& courier_;
  Reconciler& reconciler_;
  const Clock& clock_;
  const Log* log_;  // may be null
  Options options_;

  std::mutex mutex_;  // guards the five below
  std::condition_variable_any ready_;
  std::deque<RollbackId> queue_;                       // due, nobody at it yet
  std::set<RollbackId> in_hand_;                       // queued or being worked on
  std::map<RollbackId, Instant> planned_;              // when to look at each again
  std::set<std::pair<Instant, RollbackId>> schedule_;  // the same, by time
  Instant dispatcher_sleeps_until_;

  std::atomic<std::uint64_t> rounds_ = 0;
  std::atomic<bool> nudged_ = false;
  ThreadWaiter dispatcher_pause_;
  ThreadWaiter courier_pause_;
  ThreadWaiter reconciler_pause_;
  std::vector<std::jthread> threads_;
};

}  // namespace stepback
