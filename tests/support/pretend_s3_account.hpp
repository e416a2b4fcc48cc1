// SPDX-License-Identifier: Apache-2.0
#pragma once

// A connection to a pretend S3, with a clock that only moves when somebody waits. Any thread.

#include <atomic>
#include <memory>

#include "adapters/aws/s3.hpp"
#include "support/pretend_s3.hpp"

namespace stepback::testing {

class WaitedClock final : public Clock, public Waiter {
 public:
  Instant now() const override { return Instant{1'769'500'000'000} + steady(); }
  Duration steady() const override { return Duration(passed_.load()); }
  bool wait(Duration at_most) override {
    passed_ += at_most.count();
    return true;
  }

 private:
  std::atomic<Duration::rep> passed_ = 0;
};

class PretendS3Account {
 public:
  PretendS3Account() : service(*aws::Service::make(aws::s3_dialect, connection, Random(1))) {}

  PretendS3 store;
  WaitedClock clock;
  aws::CredentialSource credentials{
      {.variables = {{"AWS_ACCESS_KEY_ID", "AKIA"}, {"AWS_SECRET_ACCESS_KEY", "hush-hush"}},
       .home = "/nowhere",
       .read_file = [](const std::string& path) -> Result<std::string> {
         return fail(Code::not_found, path);
       },
       .run = nullptr,
       .send = nullptr,
       .profile = ""},
      clock};
  aws::Connection connection{.send = [this](const http::Call& call) { return store.send(call); },
                             .credentials = credentials,
                             .region = "eu-central-1",
                             .clock = clock,
                             .waiter = clock,
                             .variables = {},
                             .patience = hours(1)};
  std::unique_ptr<aws::Service> service;
  aws::S3 s3{*service};
};

}  // namespace stepback::testing
