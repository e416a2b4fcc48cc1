// SPDX-License-Identifier: Apache-2.0
#pragma once

// Services for the tests of what looks at services: well-behaved, absent and hostile ones. Each
// has a thread of its own (RawPeer).

#include <sys/socket.h>

#include <functional>
#include <string>

#include "unit/http/raw_peer.hpp"

namespace stepback::local {

inline std::string answer_of(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Said\r\nContent-Length: " + std::to_string(status == 204 ? 0 : body.size()) +
         "\r\nConnection: close\r\n\r\n" + (status == 204 ? "" : body);
}

inline http::RawPeer::Serve answering(int status, std::string body = "") {
  return [text = answer_of(status, body)](http::RawConnection& connection) {
    connection.receive_until("\r\n\r\n");
    connection.send(text);
  };
}

// What it says may change from one request to the next.
inline http::RawPeer::Serve answering_by(std::function<std::string()> say) {
  return [say = std::move(say)](http::RawConnection& connection) {
    connection.receive_until("\r\n\r\n");
    connection.send(say());
  };
}

// One byte, and then another when the asker has shown some patience, for as long as it stays.
inline void drip(http::RawConnection& connection) {
  const std::string slow = answer_of(200, std::string(1000, 'x'));
  for (const char byte : slow) {
    if (!connection.send({&byte, 1}) || connection.is_closed_within(Duration(50))) return;
  }
}

inline void never_end(http::RawConnection& connection) {
  connection.send("HTTP/1.1 200 OK\r\n\r\n");
  const std::string more(100'000, 'x');
  while (connection.send(more)) {
  }
}

inline void say_nothing(http::RawConnection& connection) { connection.receive_all(); }

inline std::string url_of(const http::RawPeer& peer) { return peer.url().text(); }

// An address where nobody listens, for as long as this lives.
struct NobodyThere {
  http::Listening held = http::hold_port();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(held.port) + "/"; }
};

}  // namespace stepback::local
