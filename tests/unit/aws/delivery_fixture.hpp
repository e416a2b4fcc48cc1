// SPDX-License-Identifier: Apache-2.0
#pragma once

// AWS as a list of answers for each operation, and a record of what was asked. Nothing is sent.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/pretend_wire.hpp"

namespace stepback::aws {

struct Asked {
  std::string operation;  // "StartBuild", or "PUT /2015-03-31/functions/f/code"
  std::string body;
};

class DeliveryTest : public ::testing::Test {
 protected:
  explicit DeliveryTest(const Dialect& dialect) {
    auto made = Service::make(dialect, wire.connection, Random(1));
    if (made) service = *std::move(made);
  }

  // The answers of an operation come in this order; the last one stays.
  void says(const std::string& operation, std::string body, int status = 200) {
    answers[operation].push_back(
        http::Response{.status = status, .type = {}, .headers = {}, .body = std::move(body)});
  }
  void refuses(const std::string& operation, const std::string& type, int status = 400) {
    says(operation, R"({"__type":")" + type + R"(","message":"no"})", status);
  }
  void loses(const std::string& operation) {
    answers[operation].push_back(fail(Code::timeout, "timed out after 5s"));
  }
  void forget(const std::string& operation) { answers.erase(operation); }

  std::vector<Asked> asked(const std::string& operation) const {
    std::vector<Asked> found;
    for (const auto& each : log)
      if (each.operation == operation) found.push_back(each);
    return found;
  }
  std::size_t times(const std::string& operation) const { return asked(operation).size(); }
  std::string body(const std::string& operation) const {
    const auto found = asked(operation);
    return found.empty() ? "" : found.back().body;
  }

  std::map<std::string, std::deque<Result<http::Response>>> answers;
  std::vector<Asked> log;
  stepback::testing::PretendWire wire{[this](const http::Call& call) { return answer(call); }};
  stepback::testing::WaitedClock& clock = wire.clock;
  std::unique_ptr<Service> service;

 private:
  static std::string operation_of(const http::Call& call) {
    if (const auto target = call.headers.find("X-Amz-Target"))
      return std::string(target->substr(target->rfind('.') + 1));
    if (call.body.starts_with("Action=")) return call.body.substr(7, call.body.find('&') - 7);
    return std::string(http::name_of(call.method)) + " " + call.url.target;
  }
  Result<http::Response> answer(const http::Call& call) {
    const auto operation = operation_of(call);
    const std::lock_guard lock(mutex_);
    log.push_back({operation, call.body});
    auto& said = answers[operation];
    if (said.empty()) {
      ADD_FAILURE() << "nobody expected " << operation << ": " << call.body;
      return fail(Code::internal, "not expected: " + operation);
    }
    auto first = said.front();
    if (said.size() > 1) said.pop_front();
    return first;
  }

  std::mutex mutex_;  // guards answers and log while something is asked
};

}  // namespace stepback::aws
