// SPDX-License-Identifier: Apache-2.0
#pragma once

// Peers for the tests of this room, written on bare sockets so that they can misbehave. A RawPeer
// serves one connection after another with a function of the test; its thread ends with it.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/descriptor.hpp"
#include "base/time.hpp"
#include "http/url.hpp"

namespace stepback::http {

// A connected socket, as either side of a test uses it. Waits end after ten seconds, so that a
// test fails rather than hangs.
class RawConnection {
 public:
  explicit RawConnection(Descriptor socket) : socket_(std::move(socket)) {}
  static RawConnection to(std::uint16_t port);

  bool send(std::string_view bytes) const;                 // false once the other side is gone
  std::string receive() const;                             // what there is; empty at the end
  std::string receive_until(std::string_view mark) const;  // all up to `mark`, or to the end
  std::string receive_all() const;                         // to the end
  bool is_closed_within(Duration duration) const;
  void finish_sending() const;
  void reset();  // closes so that the other side sees a reset
  void close() { socket_.close(); }
  int descriptor() const { return socket_.number(); }

 private:
  Descriptor socket_;
};

class RawPeer {
 public:
  using Serve = std::function<void(RawConnection&)>;
  explicit RawPeer(Serve serve);
  ~RawPeer();

  std::uint16_t port() const { return port_; }
  Url url(std::string_view target = "/") const;

 private:
  Descriptor listener_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

// Listens on a free port of 127.0.0.1.
struct Listening {
  Descriptor socket;
  std::uint16_t port = 0;
};
Listening listen_somewhere(int type);

// A port that nobody listens on and nobody else can take: a connection to it is refused.
Listening hold_port();

}  // namespace stepback::http
