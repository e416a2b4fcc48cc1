// SPDX-License-Identifier: Apache-2.0
#pragma once

// One of AWS's services: signs a request, sends it, reads the answer, and tries again a little
// where that may help: throttled, overloaded, a lost connection, expired credentials, a clock that
// is off. The pauses grow with chance in them, and together stay within the call's patience; a
// budget shared by all calls keeps a service that is down from being asked many times over. Longer
// patience is the plan's, not this one's.
//
// A call that timed out may have happened: whoever sends one that must not happen twice says so
// with Repeat::never and looks for itself. Any thread.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/aws/credentials.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "base/waiter.hpp"
#include "base/xml.hpp"
#include "http/client.hpp"

namespace stepback::aws {

// How a service is spoken to.
struct Dialect {
  std::string_view id;       // of the address and of AWS_ENDPOINT_URL_<ID>: "dynamodb"
  std::string_view signing;  // the name it signs with, where that differs
  std::string_view target;   // JSON services: before the operation in X-Amz-Target
  std::string_view version;  // JSON: "1.0" or "1.1"; query: "2010-03-31"
};

// What a service said no with. `type` is its own word: "ConditionalCheckFailedException".
struct Refusal {
  Code code = Code::internal;
  int status = 0;  // 0: no answer
  std::string type;
  std::string message;
  json::Value body;  // of a JSON service, as it was
};
Error to_error(const Refusal& refusal);

template <class T>
using Answer = std::expected<T, Refusal>;

enum class Repeat { freely, never };

// What all services of a process share.
struct Connection {
  std::function<Result<http::Response>(const http::Call& call)> send;
  CredentialSource& credentials;
  std::string region;
  const Clock& clock;
  Waiter& waiter;
  std::map<std::string, std::string> variables;  // for AWS_ENDPOINT_URL...
  Duration patience = seconds(20);               // of one call with its pauses
};

class Service {
 public:
  // invalid: an endpoint address that is none, or no region.
  static Result<std::unique_ptr<Service>> make(const Dialect& dialect, Connection& connection,
                                               Random random);

  // An operation of a JSON service.
  Answer<json::Value> call(std::string_view operation, const json::Value& parameters,
                           Repeat repeat = Repeat::freely);
  // An operation of a query service: names and values, encoded here.
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  Answer<Xml> query(std::string_view action, const Parameters& parameters,
                    Repeat repeat = Repeat::freely);
  // Anything else: a call whose target is a path on this service, encoded by the caller.
  Answer<http::Response> send(http::Call call, Repeat repeat = Repeat::freely);
  // How often it said that it is asked too much, or is not well. Whoever asks many things at once
  // goes slower when this grows.
  std::uint64_t slowed_down() const { return slowed_down_.load(std::memory_order_relaxed); }

 private:
  Service(const Dialect& dialect, Connection& connection, http::Url endpoint, Random random)
      : dialect_(dialect),
        connection_(connection),
        endpoint_(std::move(endpoint)),
        random_(random) {}

  Answer<http::Response> attempt(const http::Call& call);
  Duration pause_before(int attempt);
  bool may_try_again(const Refusal& refusal, Repeat repeat);
  void learn(const Refusal& refusal, const http::Response& response);

  Dialect dialect_;
  Connection& connection_;
  http::Url endpoint_;
  std::atomic<std::uint64_t> slowed_down_ = 0;
  std::mutex mutex_;  // guards the three below
  Random random_;
  int budget_ = 500;  // as in AWS's own clients: a repeat takes five or ten, a success gives one
  Duration clock_is_off_{};
};

}  // namespace stepback::aws
