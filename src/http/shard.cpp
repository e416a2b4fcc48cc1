// SPDX-License-Identifier: Apache-2.0
#include "http/shard.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "http/connection.hpp"

namespace stepback::http {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

// Beyond the limit a connection is told so; beyond this many more it is dropped without a word.
constexpr std::size_t most_refusals = 512;

// Short enough for the shortest deadline to be kept to a quarter.
Duration tick_for(const ServerOptions& options) {
  const Duration shortest =
      std::min({options.header_within, options.body_within, options.idle_within,
                options.write_within, options.heartbeat});
  return std::clamp(shortest / 4, Duration(10), Duration(250));
}

}  // namespace

void Surroundings::connection_ended() {
  if (--connections > 0 || !is_stopping) return;
  const std::scoped_lock lock(mutex);
  all_ended.notify_all();
}

Shard::Shard(Surroundings& surroundings)
    : surroundings_(surroundings),
      io_(1),
      timer_(io_),
      mailbox_(
          std::make_shared<Mailbox>([this] { boost::asio::post(io_, [this] { carry_letters(); }); },
                                    surroundings.options.most_stream_bytes)),
      buffer_(buffer_size),
      tick_length_(tick_for(surroundings.options)) {}

Shard::~Shard() { end(); }

void Shard::start(const std::string& thread_name) {
  thread_ = start_thread(thread_name, [this](std::stop_token) {
    tick();
    io_.run();
  });
}

void Shard::adopt(Socket socket) {
  boost::asio::post(io_, [this, socket = std::move(socket)]() mutable {
    settle_in(std::move(socket));
    reap();
  });
}

void Shard::begin_stop() {
  boost::asio::post(io_, [this] {
    for (auto& [id, connection] : connections_) connection->on_stop();
    reap();
  });
}

void Shard::end() {
  if (!thread_.joinable()) return;
  mailbox_->close();
  boost::asio::post(io_, [this] {
    for (auto& [id, connection] : connections_) dead_.push_back(id);
    reap();
    timer_.cancel();
    io_.stop();
  });
  thread_.join();
}

Ticks Shard::after(Duration duration) const {
  return now_ + static_cast<Ticks>(duration / tick_length_) + 2;
}

void Shard::await_readable(Socket& socket, std::uint64_t connection) {
  socket.async_wait(Socket::wait_read, [this, connection](const auto&) {
    with(connection, [](Connection& found) { found.on_readable(); });
  });
}

void Shard::await_writable(Socket& socket, std::uint64_t connection) {
  socket.async_wait(Socket::wait_write, [this, connection](const auto&) {
    with(connection, [](Connection& found) { found.on_writable(); });
  });
}

void Shard::bury(std::uint64_t connection) { dead_.push_back(connection); }

void Shard::settle_in(Socket socket) {
  const std::size_t count = ++surroundings_.connections;
  const std::size_t most = surroundings_.options.most_connections;
  if (surroundings_.is_stopping || count > most + most_refusals) {
    return surroundings_.connection_ended();
  }
  const std::uint64_t id = ++last_id_;
  const auto& connection =
      connections_.emplace(id, std::make_unique<Connection>(*this, id, std::move(socket)))
          .first->second;
  if (count > most) {
    connection->refuse();
  } else {
    connection->begin();
  }
}

void Shard::carry_letters() {
  mailbox_->take(letters_);
  for (auto& letter : letters_) {
    with(letter.connection, [&](Connection& found) { found.on_letter(letter); });
  }
}

void Shard::tick() {
  ++now_;
  for (auto& [id, connection] : connections_) connection->on_tick();
  reap();
  timer_.expires_after(tick_length_);
  timer_.async_wait([this](const auto& error) {
    if (!error) tick();
  });
}

template <class Deed>
void Shard::with(std::uint64_t connection, Deed deed) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;  // it has ended since
  deed(*found->second);
  reap();
}

void Shard::reap() {
  for (const std::uint64_t id : std::exchange(dead_, {})) {
    if (connections_.erase(id) > 0) surroundings_.connection_ended();
  }
}

}  // namespace stepback::http
