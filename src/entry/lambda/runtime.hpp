// SPDX-License-Identifier: Apache-2.0
#pragma once

// The loop between AWS Lambda and this program (Runtime API 2018-06-01): takes an invocation, has
// it handled, answers, takes the next. One thread; the platform freezes the process between two
// invocations and ends it without a word.

#include <functional>
#include <string>

#include "base/log.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace stepback {

struct Invocation {
  std::string id;
  std::string body;
  Instant deadline;  // then the platform kills the process
};

class Runtime {
 public:
  // What it returns is the answer, JSON. An error fails the invocation: what invoked it
  // asynchronously tries again, and puts it with the dead letters in the end.
  using Handle = std::function<Result<std::string>(const Invocation&)>;

  // `address` is that of AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001".
  Runtime(std::string address, const Log& log) : address_(std::move(address)), log_(log) {}

  // Returns only when the platform's side of it is gone or makes no sense any more.
  Error serve(const Handle& handle);
  // Instead of serve(): this program can't work as it is, and says why.
  void refuse_to_start(const Error& error);

 private:
  Result<Invocation> next();
  Result<> post(const std::string& path, std::string body, const std::string& error_type = "");

  std::string address_;
  const Log& log_;
  http::Client client_;
};

}  // namespace stepback
