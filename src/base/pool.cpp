// SPDX-License-Identifier: Apache-2.0
#include "base/pool.hpp"

#include <pthread.h>

#include <utility>

#include "base/ensure.hpp"

namespace stepback {

std::jthread start_thread(std::string name, std::move_only_function<void(std::stop_token)> body) {
  return std::jthread(
      [name = name.substr(0, 15), body = std::move(body)](std::stop_token stop) mutable {
        pthread_setname_np(pthread_self(), name.c_str());
        body(std::move(stop));
      });
}

Pool::Pool(const std::string& name, Size size) : most_waiting_(size.waiting) {
  ENSURE(size.threads > 0 && size.waiting > 0);
  threads_.reserve(size.threads);
  for (std::size_t i = 0; i < size.threads; ++i) {
    threads_.push_back(
        start_thread(name + "-" + std::to_string(i + 1), [this](std::stop_token) { perform(); }));
  }
}

Pool::~Pool() { stop(); }

bool Pool::submit(Work&& work) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Pool::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Pool::perform() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    {
      Work work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
    }  // what the work held is let go before the lock is taken again
    lock.lock();
  }
}

}  // namespace stepback
