// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <fmt/core.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/ensure.hpp"
#include "http/shard.hpp"

namespace stepback::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

constexpr int backlog = 4096;
constexpr Duration pause_without_descriptors(100);

Error cannot_listen(const ServerOptions& options, const error_code& error) {
  const Code code = error == asio::error::address_in_use  ? Code::conflict
                    : error == asio::error::access_denied ? Code::denied
                                                          : Code::invalid;
  return {code, fmt::format("listening on {}:{}: {}", options.host, options.port, error.message())};
}

Result<tcp::endpoint> endpoint_of(const ServerOptions& options) {
  error_code error;
  const auto address =
      asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
  if (error)
    return fail(Code::invalid, fmt::format("listening on {}: not an address", options.host));
  return tcp::endpoint(address, options.port);
}

}  // namespace

struct Server::Parts {
  Parts(ServerOptions options, Routes routes, const Log& log)
      : surroundings(std::move(options), std::move(routes), log) {
    for (std::size_t i = 0; i < surroundings.options.io_threads; ++i) {
      shards.push_back(std::make_unique<Shard>(surroundings));
    }
  }

  Result<> listen();
  void accept();
  void accepted(const error_code& error, Socket socket);

  Surroundings surroundings;
  std::vector<std::unique_ptr<Shard>> shards;
  std::unique_ptr<Acceptor> acceptor;                // works on the first shard's thread
  std::unique_ptr<asio::steady_timer> accept_again;  // so does this
  std::size_t next_shard = 0;
  std::uint16_t port = 0;
  bool has_stopped = false;
};

Result<> Server::Parts::listen() {
  const ServerOptions& options = surroundings.options;
  const auto endpoint = TRY(endpoint_of(options));
  acceptor = std::make_unique<Acceptor>(shards.front()->io());
  accept_again = std::make_unique<asio::steady_timer>(shards.front()->io());
  error_code error;
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(backlog, error);
  if (error) return fail(cannot_listen(options, error));
  port = acceptor->local_endpoint(error).port();
  return {};
}

void Server::Parts::accept() {
  Shard& shard = *shards[next_shard];
  acceptor->async_accept(shard.io(), [this](const error_code& error, Socket socket) {
    accepted(error, std::move(socket));
  });
}

void Server::Parts::accepted(const error_code& error, Socket socket) {
  if (surroundings.is_stopping || error == asio::error::operation_aborted) return;
  if (!error) {
    shards[next_shard]->adopt(std::move(socket));
    next_shard = (next_shard + 1) % shards.size();
    return accept();
  }
  // No descriptor is free, most likely. To try again at once would only heat the processor.
  surroundings.log.warning("a connection was not accepted", {{"error", error.message()}});
  accept_again->expires_after(pause_without_descriptors);
  accept_again->async_wait([this](const error_code& cancelled) {
    if (!cancelled) accept();
  });
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { stop(Duration(0)); }

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Routes routes,
                                              const Log& log) {
  ENSURE(options.io_threads > 0 && options.handler_threads > 0);
  auto parts = std::make_unique<Parts>(std::move(options), std::move(routes), log);
  const auto& kept = parts->surroundings.options;
  if (!kept.certificate.empty())
    parts->surroundings.identity = TRY(Identity::load(kept.certificate, kept.key));
  TRY(parts->listen());
  parts->accept();
  for (std::size_t i = 0; i < parts->shards.size(); ++i) {
    parts->shards[i]->start(fmt::format("http-io-{}", i + 1));
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

std::uint16_t Server::port() const { return parts_->port; }

std::size_t Server::connections() const { return parts_->surroundings.connections; }

void Server::stop(Duration within) {
  if (std::exchange(parts_->has_stopped, true)) return;
  Surroundings& surroundings = parts_->surroundings;
  surroundings.is_stopping = true;
  asio::post(parts_->shards.front()->io(), [parts = parts_.get()] {
    error_code ignored;
    parts->acceptor->close(ignored);
    parts->accept_again->cancel();
  });
  for (auto& shard : parts_->shards) shard->begin_stop();
  {
    std::unique_lock lock(surroundings.mutex);
    surroundings.all_ended.wait_for(lock, within, [&] { return surroundings.connections == 0; });
  }
  for (auto& shard : parts_->shards) shard->end();
  surroundings.handlers.stop();
}

}  // namespace stepback::http
