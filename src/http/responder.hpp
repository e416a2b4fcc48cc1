// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a handler answers later, from any thread: a Responder for one Response, a Stream for live
// events. Neither holds a thread. Both may outlive the connection and the server itself; what they
// send then is dropped.

#include <cstdint>
#include <memory>
#include <string>

#include "http/message.hpp"

namespace stepback::http {

class Mailbox;
struct StreamState;

// One message of a live stream (server-sent events).
struct Event {
  std::string id;    // what a browser sends as Last-Event-ID when it comes back; may be empty
  std::string name;  // "message" when empty
  std::string data;
};

std::string as_text(const Event& event);

// Closes the stream when it goes. For one thread at a time.
class Stream {
 public:
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream();

  // False when the peer is gone, or reads so slowly that its queue is full: then the stream is
  // over, and a browser opens it again by itself, with the id of the last event it saw.
  bool send(const Event& event);
  bool is_open() const;
  void close();

 private:
  friend class Responder;
  Stream(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection,
         std::shared_ptr<StreamState> state);

  std::shared_ptr<Mailbox> mailbox_;  // shared: it may outlive the server
  std::uint64_t connection_ = 0;
  std::shared_ptr<StreamState> state_;  // shared with the connection, which may end first
};

// Good for one answer. When it goes unused the peer gets a 500: nobody waits for ever.
class Responder {
 public:
  Responder(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection, std::uint64_t request);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  void send(Response response);
  Stream stream();  // instead of a Response: 200, text/event-stream

 private:
  std::shared_ptr<Mailbox> mailbox_;  // shared: it may outlive the server. Null once used
  std::uint64_t connection_;
  std::uint64_t request_;
};

}  // namespace stepback::http
