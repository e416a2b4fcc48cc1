// SPDX-License-Identifier: Apache-2.0
#pragma once

// One blocking request with one deadline for all of it: name, connection, TLS, sending, receiving.
// Never follows a redirect, never decodes a body. One thread at a time; keep a Client to keep its
// connections. The message of an error begins with the origin and says what happened:
//
//   http://10.0.0.7:8080: connection refused
//   https://shop.example: its certificate has expired
//   http://10.0.0.7:8080: timed out after 2s while waiting for the answer
//
// Codes: unavailable (refused, reset, cut off), timeout, not_found (no such host), denied (a wrong
// certificate, an address that is not allowed), corrupt (not HTTP), invalid (the answer is larger
// than asked for). A status of 400 or 500 is a Response like any other.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/channel.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace stepback::http {

class ResponseParser;

struct Call {
  Method method = Method::get;
  Url url;
  Headers headers{};  // Host, User-Agent, Accept and Content-Length are added unless given
  std::string body;
  Duration within = seconds(5);
  std::size_t most_bytes = 64 * 1024;  // of the answer's body
};

class Client {
 public:
  struct Options {
    bool allow_link_local = false;  // see Address::is_link_local
    std::size_t idle = 4;           // connections kept for the next request; 0: none
    std::string authorities;        // a file of PEM certificates; empty: the system's
    std::string name_servers;       // "10.0.0.2:53"; empty: the system's
    // Several clients may share what they believe; asked when an https connection is opened.
    std::function<Result<std::shared_ptr<const Trust>>()> trust{};
    // The proxy on the way to an address: https goes through a tunnel, in which the peer's own
    // certificate is checked; http is asked for in full.
    std::function<Result<std::optional<Url>>(const Url&)> proxy{};
  };

  Client() : Client(Options{}) {}
  explicit Client(Options options) : options_(std::move(options)) {}

  Result<Response> send(const Call& call);

 private:
  struct Idle {
    std::string origin;
    Channel channel;
  };
  struct Exchange;

  Result<Response> attempt(const Call& call, const Deadline& deadline);
  Result<Response> exchange(const Call& call, const Deadline& deadline, Exchange& exchange);
  Result<std::optional<Url>> proxy_for(const Url& url) const;
  Result<Channel> open(const Url& url, const std::optional<Url>& proxy, const Deadline& deadline);
  Result<Channel> reach(const Url& url, const Deadline& deadline);
  Result<> secure(Channel& channel, const Url& url, const Deadline& deadline);
  std::optional<Channel> take_idle(const std::string& origin);
  void keep(const std::string& origin, Channel channel);

  Options options_;
  std::shared_ptr<const Trust> trust_;  // loaded when the first https request is sent
  std::vector<Idle> idle_;              // the longest idle first
};

}  // namespace stepback::http
