// SPDX-License-Identifier: Apache-2.0
#pragma once

// HTTP/1.1 on loopback for one thread and many connections, on epoll: so little work for each
// request that a client is what is measured. It can hold every answer back for a while, which costs
// no CPU: that is how a service some milliseconds away looks. Ends with the process.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "message.hpp"
#include "meter.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace stub {

struct Connection;

// One port and what is said there.
struct Listener {
  std::function<Answer(const Request& request)> answer;
  std::chrono::microseconds delay{};
  ssl_ctx_st* tls = nullptr;
  Meter* meter = nullptr;  // none: what is asked here is not counted
  int port = 0;            // 0: any that is free; then the one that was taken
  int socket = -1;
};

class Server {
 public:
  Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  bool listen(Listener& listener);  // false: the port is taken
  [[noreturn]] void run();

 private:
  struct Late {
    Moment due;
    std::uint64_t connection;
    std::string text;
    Meter* meter;
    std::string kind;
    std::size_t place;
  };

  void accept(Listener& listener);
  bool read(Connection& connection);
  bool consume(Connection& connection);
  void serve(Connection& connection, std::string_view head, std::string_view body);
  bool flush(Connection& connection);
  void watch(Connection& connection, bool writable);
  void send_what_is_due();
  int milliseconds_until_due() const;

  int epoll_;
  std::vector<Listener*> listeners_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::deque<Late> late_;       // of one delay, so in the order in which they are due
  std::uint64_t next_id_ = 16;  // the numbers below are the listeners'
};

// A server's side of TLS with that certificate; null: the files are not what they should be.
ssl_ctx_st* server_tls(const std::string& certificate, const std::string& key);

}  // namespace stub
