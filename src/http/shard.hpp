// SPDX-License-Identifier: Apache-2.0
#pragma once

// One io thread of the server and the connections it serves. For the server's own files: server.cpp
// starts shards and gives them sockets, connection.cpp works inside one. All but adopt(),
// begin_stop() and end() is for the shard's own thread.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/pool.hpp"
#include "http/mailbox.hpp"
#include "http/server.hpp"
#include "http/wire.hpp"

namespace stepback::http {

class Connection;

using Ticks = std::uint64_t;

// What all shards share.
struct Surroundings {
  Surroundings(ServerOptions o, Routes r, const Log& l)
      : options(std::move(o)),
        routes(std::move(r)),
        log(l),
        handlers("http-handler",
                 {.threads = options.handler_threads, .waiting = options.handlers_waiting}) {}

  void connection_ended();  // wakes the one who waits for the last

  const ServerOptions options;
  const Routes routes;
  const Log& log;
  std::optional<Identity> identity;  // none: in plain; set before the first connection
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> streams = 0;
  std::atomic<bool> is_stopping = false;
  std::mutex mutex;
  std::condition_variable all_ended;
  Pool handlers;
};

class Shard {
 public:
  explicit Shard(Surroundings& surroundings);
  ~Shard();

  void start(const std::string& thread_name);
  boost::asio::io_context& io() { return io_; }

  void adopt(Socket socket);  // from any thread
  void begin_stop();          // from any thread: idle connections end now, the others when answered
  void end();                 // from any thread but its own: closes everything, joins the thread

  // For its connections.
  Surroundings& surroundings() { return surroundings_; }
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }
  std::span<char> buffer() { return buffer_; }  // for one read; nothing stays in it
  Ticks now() const { return now_; }
  Ticks after(Duration duration) const;  // when that time will have gone by
  void await_readable(Socket& socket, std::uint64_t connection);
  void await_writable(Socket& socket, std::uint64_t connection);
  void bury(std::uint64_t connection);  // gone before the next event is looked at

 private:
  void settle_in(Socket socket);
  void carry_letters();
  void tick();
  void reap();
  template <class Deed>
  void with(std::uint64_t connection, Deed deed);

  Surroundings& surroundings_;
  boost::asio::io_context io_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<Mailbox> mailbox_;
  std::vector<Letter> letters_;
  std::vector<char> buffer_;
  const Duration tick_length_;
  Ticks now_ = 0;
  std::uint64_t last_id_ = 0;
  // Handlers hold an id, never a pointer: what has been buried is not found.
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<std::uint64_t> dead_;
  std::jthread thread_;
};

}  // namespace stepback::http
