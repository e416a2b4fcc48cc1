// SPDX-License-Identifier: Apache-2.0
#include "base/waiter.hpp"

namespace stepback {

bool ThreadWaiter::wait(Duration at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [this] { return woken_ || stopped_; });
  woken_ = false;
  return !stopped_;
}

void ThreadWaiter::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void ThreadWaiter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace stepback
