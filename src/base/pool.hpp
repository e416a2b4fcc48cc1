// SPDX-License-Identifier: Apache-2.0
#pragma once

// A few named threads that stop when told. A Pool performs short pieces of work from a bounded
// queue; start_thread() is for a loop that lives as long as its owner and looks at its stop token.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace stepback {

// The name shows in debuggers and in top; the system keeps its first 15 bytes.
std::jthread start_thread(std::string name, std::move_only_function<void(std::stop_token)> body);

class Pool {
 public:
  using Work = std::move_only_function<void()>;

  struct Size {
    std::size_t threads = 4;
    std::size_t waiting = 64;  // pieces of work that may wait for a thread
  };

  Pool(const std::string& name, Size size);
  ~Pool();  // as stop()
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // From any thread. False when the queue is full or the pool is stopping: then `work` was not
  // taken and will not run.
  [[nodiscard]] bool submit(Work&& work);

  // Takes no more, performs what waits, and returns when the last piece is done. Not to be called
  // from a piece of work.
  void stop();

 private:
  void perform();

  const std::size_t most_waiting_;
  std::mutex mutex_;  // guards waiting_ and stopping_
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace stepback
