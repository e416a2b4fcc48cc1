// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>

#include "server_fixture.hpp"

namespace stepback::http {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class ServerLimits : public ServerTest {
 protected:
  ServerLimits() {
    routes_.handle(Method::get, "/", [](const Request&) { return text_response(200, "hello"); });
    routes_.handle(Method::post, "/", [](const Request& request) {
      return text_response(200, std::to_string(request.body.size()));
    });
  }
};

TEST_F(ServerLimits, RefuseABodyThatIsTooLarge) {
  start({.limits = {.body = 1000}});
  EXPECT_EQ(ask(Method::post, "/", std::string(1000, 'x')).body, "1000");
  EXPECT_EQ(ask(Method::post, "/", std::string(1001, 'x')).status, 413);
}

TEST_F(ServerLimits, TellTheRefusalToAPeerThatGoesOnSending) {
  start({.limits = {.body = 1000}});
  const Response response = ask(Method::post, "/", std::string(700'000, 'x'));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.headers.find("Connection"), "close");
}

TEST_F(ServerLimits, RefuseAHeaderThatIsTooLarge) {
  start({.limits = {.header = 1000}});
  const std::string answer = exchange("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(5000, 'y'));
  EXPECT_EQ(status_in(answer), "431");
}

TEST_F(ServerLimits, RefuseWhatIsNotHttp) {
  start();
  for (const auto* bytes : {"\x16\x03\x01\x02\x00\x01\r\n\r\n", "hello\r\n\r\n",
                            "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"}) {
    const std::string answer = exchange(bytes);
    EXPECT_EQ(status_in(answer), "400") << bytes;
    EXPECT_NE(answer.find("application/problem+json"), answer.npos);
  }
}

TEST_F(ServerLimits, DoNotTakeTheRestOfARefusedBodyForARequest) {
  start({.limits = {.body = 10}});
  const std::string answer =
      exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + std::string(get));
  EXPECT_EQ(answer.find("hello"), answer.npos);
  EXPECT_EQ(status_in(answer), "413");
}

TEST_F(ServerLimits, EndAHeaderThatDrips) {
  start({.header_within = Duration(100)});
  const RawConnection connection = RawConnection::to(server_->port());
  std::string answer;
  const std::string slow = "GET / HTTP/1.1\r\nX: " + std::string(1000, 'y');
  for (const char byte : slow) {
    pollfd one{.fd = connection.descriptor(), .events = POLLIN, .revents = 0};
    if (!connection.send({&byte, 1}) || poll(&one, 1, 20) > 0) break;
  }
  EXPECT_EQ(status_in(connection.receive_all()), "408");
}

TEST_F(ServerLimits, EndABodyThatDoesNotCome) {
  start({.body_within = Duration(100)});
  const std::string answer =
      exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_EQ(status_in(answer), "408");
}

TEST_F(ServerLimits, CloseAConnectionThatIsIdle) {
  start({.idle_within = Duration(100)});
  const RawConnection fresh = RawConnection::to(server_->port());
  const RawConnection used = RawConnection::to(server_->port());
  used.send(get);
  EXPECT_TRUE(used.receive_until("hello").ends_with("hello"));
  EXPECT_EQ(fresh.receive_all(), "");
  EXPECT_EQ(used.receive_all(), "");
}

TEST_F(ServerLimits, CloseAConnectionThatDoesNotTakeItsAnswer) {
  routes_.handle(Method::get, "/large",
                 [](const Request&) { return text_response(200, std::string(32 << 20, 'x')); });
  start({.write_within = Duration(100)});
  const RawConnection connection = RawConnection::to(server_->port());
  connection.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  // Once it has been given up the port has no connection, though this side never read or closed.
  const auto deadline = Deadline::start(seconds(10));
  while (server_->connections() > 0 && deadline->left() > Duration(0)) std::this_thread::yield();
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(ServerLimits, RefuseConnectionsBeyondTheMost) {
  start({.most_connections = 2});
  std::vector<RawConnection> connections;
  for (int i = 0; i < 2; ++i) {
    connections.push_back(RawConnection::to(server_->port()));
    connections.back().send(get);
    EXPECT_TRUE(connections.back().receive_until("hello").ends_with("hello"));
  }
  EXPECT_EQ(status_in(exchange(get)), "503");
  connections.clear();
  const auto deadline = Deadline::start(seconds(10));
  while (server_->connections() > 0 && deadline->left() > Duration(0)) std::this_thread::yield();
  EXPECT_EQ(ask(Method::get, "/").status, 200);
}

TEST_F(ServerLimits, AskForABodyThatWaitsToBeAskedFor) {
  start();
  const RawConnection connection = RawConnection::to(server_->port());
  connection.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(connection.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  connection.send("body");
  EXPECT_TRUE(connection.receive_until("\r\n\r\n4").ends_with("\r\n\r\n4"));
}

TEST_F(ServerLimits, SurviveAPeerThatResetsTheConnection) {
  start();
  for (int i = 0; i < 20; ++i) {
    RawConnection connection = RawConnection::to(server_->port());
    connection.send(get);
    connection.reset();
  }
  EXPECT_EQ(ask(Method::get, "/").body, "hello");
}

}  // namespace
}  // namespace stepback::http
