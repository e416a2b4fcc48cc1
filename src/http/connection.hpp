// SPDX-License-Identifier: Apache-2.0
#pragma once

// One connection of the server: reads a request, has it answered, writes the answer, and begins
// again; or becomes a live stream. Its shard calls it, on the shard's thread only. It reads no
// further while a request is being answered, so a peer that pipelines waits its turn.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/mailbox.hpp"
#include "http/parser.hpp"
#include "http/shard.hpp"
#include "http/wire.hpp"

namespace stepback::http {

class Connection {
 public:
  Connection(Shard& shard, std::uint64_t id, Socket socket);
  ~Connection();

  void begin();
  void refuse();  // begins with a 503: there are too many
  void on_readable();
  void on_writable();
  void on_letter(Letter& letter);
  void on_tick();
  void on_stop();

 private:
  enum class State {
    reading,    // for a request: none of it has come, or a part
    answering,  // a handler has it
    writing,    // the answer is on its way
    streaming,  // events go out; what comes in is passed over
    lingering,  // the last has been written; waits for the peer to close
    closed,
  };
  enum class Part { none, header, body };  // of the request that is being read

  void proceed();
  void read();
  void discard();
  void feed(std::string_view bytes);
  void expect(Part part);
  void dispatch(Request request);
  void run_at_once(const Routes::Route& route, Request request);
  void hand_over(const Routes::Route& route, Request request);
  bool is_for_us(const Request& request) const;
  void answer(const Response& response);
  void begin_stream(std::shared_ptr<StreamState> state);
  void end_stream();
  void enqueue(std::string_view text);
  void write();
  void written();
  void linger();
  void close();

  Shard& shard_;
  const std::uint64_t id_;
  Wire wire_;
  std::string peer_;
  RequestParser parser_;
  State state_ = State::reading;
  Part part_ = Part::none;
  std::string in_;   // what the parser could not use yet
  std::string out_;  // what is being written, from sent_ on
  std::size_t sent_ = 0;
  std::size_t discarded_ = 0;
  Ticks deadline_ = 0;
  Ticks heartbeat_at_ = 0;
  std::uint64_t request_ = 0;  // counts them, so that a late answer does not go to the next
  bool needs_more_ = false;    // in_ is not a whole request
  bool is_head_ = false;
  bool keeps_alive_ = true;
  bool awaits_readable_ = false;
  bool awaits_writable_ = false;
  std::shared_ptr<StreamState> stream_;  // shared with the Stream, which may end first
};

}  // namespace stepback::http
