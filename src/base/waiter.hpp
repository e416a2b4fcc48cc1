// SPDX-License-Identifier: Apache-2.0
#pragma once

// Waiter: the one way to let time pass. The real one can be woken or stopped from another thread;
// a test's moves its own clock instead. Only loops at the edge use it; no step of a rollback does.

#include <condition_variable>
#include <mutex>

#include "base/time.hpp"

namespace stepback {

class Waiter {
 public:
  virtual ~Waiter() = default;
  // Until the time has passed or somebody called wake(). False once stop() was called.
  virtual bool wait(Duration at_most) = 0;
};

class ThreadWaiter final : public Waiter {
 public:
  bool wait(Duration at_most) override;
  void wake();  // from any thread; remembered if nobody waits
  void stop();

 private:
  std::mutex mutex_;  // guards the two flags
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopped_ = false;
};

}  // namespace stepback
