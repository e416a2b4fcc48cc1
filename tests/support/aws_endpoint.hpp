// SPDX-License-Identifier: Apache-2.0
#pragma once

// The emulated account that tests/aws/with_emulator.py has started, as AWS_ENDPOINT_URL names it:
// what an adapter needs to speak to it. One thread at a time.

#include <gtest/gtest.h>

#include <memory>

#include "adapters/aws/service.hpp"

extern char** environ;

namespace stepback::testing {

// Time passes at once: what is waited for is another answer, not the clock.
class ImpatientWaiter final : public Waiter {
 public:
  bool wait(Duration) override { return true; }
};

class AwsEndpoint {
 public:
  std::unique_ptr<aws::Service> service(const aws::Dialect& dialect) {
    auto made = aws::Service::make(dialect, connection_, Random(entropy()));
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  aws::Connection& connection() { return connection_; }

  SystemClock clock;
  ImpatientWaiter waiter;
  // Stands between the adapter and the account, for a test that breaks things.
  std::function<Result<http::Response>(const http::Call& call)> send =
      [this](const http::Call& call) { return reach(call); };
  Result<http::Response> reach(const http::Call& call) { return client_.send(call); }

 private:
  static aws::Surroundings surroundings() {
    aws::Surroundings around;
    for (char** each = environ; *each != nullptr; ++each) {
      const std::string line = *each;
      const auto equals = line.find('=');
      if (equals != std::string::npos)
        around.variables[line.substr(0, equals)] = line.substr(equals + 1);
    }
    return around;
  }

  aws::Surroundings around_ = surroundings();
  aws::CredentialSource credentials_{around_, clock};
  http::Client client_;
  aws::Connection connection_{.send = [this](const http::Call& call) { return send(call); },
                              .credentials = credentials_,
                              .region = "us-east-1",
                              .clock = clock,
                              .waiter = waiter,
                              .variables = around_.variables};
};

}  // namespace stepback::testing
