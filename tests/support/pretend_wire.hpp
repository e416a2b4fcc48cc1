// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a connection to AWS is made of in a test: credentials, a clock that only moves when somebody
// waits, and a function in the place of the wire. Any thread.

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/aws/service.hpp"

namespace stepback::testing {

class WaitedClock final : public Clock, public Waiter {
 public:
  explicit WaitedClock(Instant begin = Instant{1'769'500'000'000}) : begin_(begin) {}

  Instant now() const override { return begin_ + steady(); }
  Duration steady() const override {
    const std::lock_guard lock(mutex_);
    return passed_;
  }
  bool wait(Duration at_most) override {
    const std::lock_guard lock(mutex_);
    passed_ += at_most;
    pauses_.push_back(at_most);
    return true;
  }
  std::vector<Duration> pauses() const {
    const std::lock_guard lock(mutex_);
    return pauses_;
  }

 private:
  Instant begin_;
  mutable std::mutex mutex_;  // guards what follows
  Duration passed_{};
  std::vector<Duration> pauses_;
};

class PretendWire {
 public:
  using Send = std::function<Result<http::Response>(const http::Call&)>;

  explicit PretendWire(Send send, Instant begin = Instant{1'769'500'000'000},
                       Duration patience = seconds(20))
      : clock(begin),
        connection{.send = std::move(send),
                   .credentials = credentials_,
                   .region = "eu-central-1",
                   .clock = clock,
                   .waiter = clock,
                   .variables = {},
                   .patience = patience} {}

  WaitedClock clock;

 private:
  aws::CredentialSource credentials_{
      {.variables = {{"AWS_ACCESS_KEY_ID", "AKIA"}, {"AWS_SECRET_ACCESS_KEY", "hush-hush"}},
       .home = "/nowhere",
       .read_file = [](const std::string& path) -> Result<std::string> {
         return fail(Code::not_found, path);
       },
       .run = nullptr,
       .send = nullptr,
       .profile = ""},
      clock};

 public:
  aws::Connection connection;
};

}  // namespace stepback::testing
