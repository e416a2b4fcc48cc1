// SPDX-License-Identifier: Apache-2.0
#pragma once

// PretendAws: answers what a test put down, in that order, and keeps what was sent. Its clock moves
// when somebody waits. For the tests of what speaks to a service of AWS.

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/pretend_wire.hpp"

namespace stepback::aws {

class PretendAws {
 public:
  PretendAws() { wire_.connection.region = "us-east-1"; }

  // The last answer stays.
  void says(std::string body, int status = 200) {
    answers_.push_back(
        http::Response{.status = status, .type = {}, .headers = {}, .body = std::move(body)});
  }
  void refuses(const std::string& type, int status = 400) {
    says(R"({"__type":")" + type + R"(","message":"because"})", status);
  }
  void loses_the_answer() { answers_.push_back(fail(Code::timeout, "timed out after 5s")); }
  void forgets() {
    answers_.clear();
    sent.clear();
  }

  Service& speak(const Dialect& dialect) {
    auto made = Service::make(dialect, wire_.connection, Random(1));
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    service_ = *std::move(made);
    return *service_;
  }

  // What was asked of a JSON service: the operation, and its parameters as they were written.
  std::string operation(std::size_t index) const {
    return std::string(sent.at(index).headers.find("X-Amz-Target").value_or(""));
  }
  const std::string& body(std::size_t index) const { return sent.at(index).body; }
  json::Value parameters(std::size_t index) const { return json::parse(body(index)).value(); }

 private:
  stepback::testing::PretendWire wire_{[this](const http::Call& call) { return next(call); },
                                       Instant{1'769'509'368'000}};  // 10:22:48Z

 public:
  stepback::testing::WaitedClock& clock = wire_.clock;
  std::vector<http::Call> sent;

 private:
  Result<http::Response> next(const http::Call& call) {
    const std::lock_guard lock(mutex_);
    sent.push_back(call);
    if (answers_.empty()) return fail(Code::internal, "nothing was put down to be answered");
    auto answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return answer;
  }

  std::mutex mutex_;  // guards answers_ and sent while something is asked
  std::deque<Result<http::Response>> answers_;
  std::unique_ptr<Service> service_;
};

}  // namespace stepback::aws
