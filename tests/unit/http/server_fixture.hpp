// SPDX-License-Identifier: Apache-2.0
#pragma once

// A server on a free port for the tests of this room, and short ways to ask it.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "raw_peer.hpp"

namespace stepback::http {

// "200" of "HTTP/1.1 200 OK..."; empty if nothing came.
inline std::string status_in(std::string_view answer) {
  return std::string(answer.substr(std::min<std::size_t>(answer.size(), 9), 3));
}

class ServerTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    auto started = Server::start(std::move(options), std::move(routes_), log_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = *std::move(started);
  }

  Url url(std::string_view target) const {
    Url url;
    url.host = "127.0.0.1";
    url.port = server_->port();
    url.target = target;
    return url;
  }

  Response ask(Method method, std::string_view target, std::string body = "") const {
    Client client;
    auto response =
        client.send({.method = method, .url = url(target), .headers = {}, .body = std::move(body)});
    EXPECT_TRUE(response) << response.error().message;
    return response ? *response : Response{.status = 0};
  }

  // All that comes back to these bytes until the server closes.
  std::string exchange(std::string_view bytes) const {
    const RawConnection connection = RawConnection::to(server_->port());
    connection.send(bytes);
    return connection.receive_all();
  }

  const SystemClock clock_;
  std::vector<std::string> logged_;
  const Log log_{clock_, {}, [this](std::string_view line) { logged_.emplace_back(line); }};
  Routes routes_;
  std::unique_ptr<Server> server_;
};

}  // namespace stepback::http
