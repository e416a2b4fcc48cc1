// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>

#include "server_fixture.hpp"

namespace stepback::http {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view last_get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

Response hello(const Request&) { return text_response(200, "hello"); }

TEST_F(ServerTest, HandsTheRequestToTheHandlerOfItsRoute) {
  routes_.handle(Method::post, "/things/{id}/parts/{part}", [](const Request& request) {
    return text_response(
        201, std::string(request.capture("id")) + "," + std::string(request.capture("part")) + "," +
                 request.parameter("q").value_or("") + "," + request.body + "," + request.peer);
  });
  start();
  const Response response = ask(Method::post, "/things/a%2Fb/parts/7?q=x+y", "body");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.type, "text/plain; charset=utf-8");
  EXPECT_EQ(response.body, "a/b,7,x y,body,127.0.0.1");
}

TEST_F(ServerTest, SaysWhereThereIsNothing) {
  routes_.handle(Method::get, "/things/{id}", hello);
  start();
  for (const auto* target : {"/", "/things", "/things/", "/things/1/", "/things/1/2", "*"}) {
    const Response response = ask(Method::get, target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.type, "application/problem+json");
  }
  EXPECT_EQ(ask(Method::get, "/things/%zz").status, 400);
}

TEST_F(ServerTest, GivesWhatNoRouteIsForToTheOneThatTakesTheRest) {
  routes_.handle(Method::post, "/known",
                 [](const Request&) { return text_response(200, "known"); });
  routes_.otherwise([](const Request& request) { return text_response(200, request.path); });
  start();
  EXPECT_EQ(ask(Method::get, "/anything/else").body, "/anything/else");
  EXPECT_EQ(ask(Method::get, "/known").status, 405);
  EXPECT_EQ(ask(Method::post, "/anything").status, 404);
}

TEST_F(ServerTest, SaysWhichMethodsAPathTakes) {
  routes_.handle(Method::get, "/things/{id}", hello);
  routes_.handle(Method::remove, "/things/{id}", hello);
  start();
  const Response response = ask(Method::post, "/things/1");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.find("Allow"), "GET, HEAD, DELETE");
  EXPECT_EQ(status_in(exchange("BREW /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")),
            "405");
}

TEST_F(ServerTest, PrefersAPathWrittenOutToAPattern) {
  routes_.handle(Method::get, "/things/{id}",
                 [](const Request&) { return text_response(200, "b"); });
  routes_.handle(Method::get, "/things/new",
                 [](const Request&) { return text_response(200, "a"); });
  start();
  EXPECT_EQ(ask(Method::get, "/things/new").body, "a");
}

TEST_F(ServerTest, AnswersHeadAsItAnswersGetButWithoutTheBody) {
  routes_.handle(Method::get, "/", hello);
  start();
  EXPECT_EQ(exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n"
            "Connection: close\r\n\r\n");
}

TEST_F(ServerTest, KeepsTheConnectionForTheNextRequest) {
  routes_.handle(Method::get, "/", hello);
  start();
  const RawConnection connection = RawConnection::to(server_->port());
  for (int i = 0; i < 3; ++i) {
    connection.send(get);
    EXPECT_TRUE(connection.receive_until("hello").ends_with("\r\n\r\nhello"));
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(ServerTest, AnswersRequestsThatCameAtOnceInTheirOrder) {
  std::atomic<int> count = 0;
  routes_.handle(Method::get, "/",
                 [&](const Request&) { return text_response(200, "n" + std::to_string(++count)); });
  start();
  std::string many;
  for (int i = 0; i < 200; ++i) many += get;
  const std::string answers = exchange(many + std::string(last_get));
  std::size_t at = 0;
  for (int i = 1; i <= 201; ++i) {
    at = answers.find("\r\n\r\nn" + std::to_string(i), at);
    ASSERT_NE(at, answers.npos) << i;
  }
}

TEST_F(ServerTest, RefusesManyRequestsAtOnceWithoutRunningOutOfStack) {
  start();
  std::string many;
  for (int i = 0; i < 3000; ++i) many += get;
  const std::string answers = exchange(many + std::string(last_get));
  EXPECT_NE(answers.find("Connection: close"), answers.npos);
}

TEST_F(ServerTest, AnswersLaterFromAnotherThread) {
  std::promise<std::pair<Request, Responder>> promise;
  routes_.defer(Method::post, "/later", [&](Request request, Responder responder) {
    promise.set_value({std::move(request), std::move(responder)});
  });
  start();
  std::jthread other([&] {
    auto [request, responder] = promise.get_future().get();
    responder.send(json_response(202, request.body));
  });
  EXPECT_EQ(ask(Method::post, "/later", "[1]").body, "[1]");
}

TEST_F(ServerTest, AnswersABatchOfRequestsAtOnce) {
  std::mutex mutex;
  std::vector<Responder> gathered;
  constexpr std::size_t batch = 64;
  routes_.defer(Method::get, "/", [&](Request, Responder responder) {
    const std::scoped_lock lock(mutex);
    gathered.push_back(std::move(responder));
    if (gathered.size() < batch) return;
    std::jthread([all = std::exchange(gathered, {})]() mutable {
      for (auto& one : all) one.send(text_response(200, "hello"));
    }).detach();
  });
  start({.io_threads = 2});
  std::vector<RawConnection> connections;
  for (std::size_t i = 0; i < batch; ++i) {
    connections.push_back(RawConnection::to(server_->port()));
    connections.back().send(last_get);
  }
  for (const auto& connection : connections) {
    EXPECT_TRUE(connection.receive_all().ends_with("hello"));
  }
}

TEST_F(ServerTest, AnswersForAHandlerThatDropsTheRequest) {
  routes_.defer(Method::get, "/", [](Request, Responder) {});
  start();
  const Response response = ask(Method::get, "/");
  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("dropped without an answer"), std::string::npos);
}

TEST_F(ServerTest, AnswersForAHandlerThatThrowsAndLogsIt) {
  routes_.handle(Method::get, "/",
                 [](const Request&) -> Response { throw std::runtime_error("oh"); });
  routes_.defer(Method::put, "/", [](Request, Responder) { throw std::runtime_error("ah"); });
  start();
  EXPECT_EQ(ask(Method::get, "/").status, 500);
  EXPECT_EQ(ask(Method::put, "/").status, 500);
  server_->stop(seconds(1));
  ASSERT_EQ(logged_.size(), 2U);
  EXPECT_NE(logged_[0].find("\"error\":\"oh\""), std::string::npos);
  EXPECT_NE(logged_[1].find("\"error\":\"ah\""), std::string::npos);
}

TEST_F(ServerTest, SaysSoWhenTooManyRequestsWait) {
  std::latch begun(1);
  std::latch release(1);
  routes_.handle(Method::get, "/first", [&](const Request&) {
    begun.count_down();
    release.wait();
    return text_response(200, "hello");
  });
  routes_.handle(Method::get, "/", hello);
  start({.handler_threads = 1, .handlers_waiting = 1});
  const RawConnection first = RawConnection::to(server_->port());
  first.send("GET /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  begun.wait();
  // One of these may wait for the thread; which, is chance.
  const auto one = RawConnection::to(server_->port());
  const auto other = RawConnection::to(server_->port());
  one.send(last_get);
  other.send(last_get);
  std::array<pollfd, 2> both{pollfd{one.descriptor(), POLLIN, 0},
                             pollfd{other.descriptor(), POLLIN, 0}};
  EXPECT_EQ(poll(both.data(), both.size(), 10'000), 1);
  release.count_down();
  const std::string answers = one.receive_all() + other.receive_all();
  EXPECT_NE(answers.find("HTTP/1.1 503"), answers.npos);
  EXPECT_NE(answers.find("Retry-After: 1"), answers.npos);
  EXPECT_NE(answers.find("HTTP/1.1 200"), answers.npos);
  EXPECT_EQ(status_in(first.receive_all()), "200");
}

TEST_F(ServerTest, ServesOnlyTheNamesItIsKnownBy) {
  routes_.handle(Method::get, "/", hello);
  start({.allowed_hosts = {"localhost", "[::1]"}});
  const auto status_for = [&](const std::string& host) {
    return status_in(exchange("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"));
  };
  EXPECT_EQ(status_for("localhost"), "200");
  EXPECT_EQ(status_for("LOCALHOST:8080"), "200");
  EXPECT_EQ(status_for("[::1]:8080"), "200");
  EXPECT_EQ(status_for("evil.example"), "421");
  EXPECT_EQ(status_for("localhost.evil.example"), "421");
}

TEST_F(ServerTest, ServesTwoHundredConnectionsAtOnce) {
  routes_.handle(Method::get, "/", hello);
  start({.io_threads = 2});
  std::vector<RawConnection> connections;
  for (int i = 0; i < 200; ++i) connections.push_back(RawConnection::to(server_->port()));
  for (int round = 0; round < 3; ++round) {
    for (const auto& connection : connections) connection.send(get);
    for (const auto& connection : connections) {
      EXPECT_TRUE(connection.receive_until("hello").ends_with("hello"));
    }
  }
  EXPECT_EQ(server_->connections(), 200U);
}

TEST_F(ServerTest, SendsALargeAnswerToASlowReader) {
  const std::string large(8 << 20, 'x');
  routes_.handle(Method::get, "/", [&](const Request&) { return text_response(200, large); });
  start();
  const std::string answer = exchange(last_get);
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, large.size());
}

TEST_F(ServerTest, SaysWhatKeepsItFromListening) {
  start();
  const auto second = Server::start({.port = server_->port(), .allowed_hosts = {}}, Routes(), log_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_EQ(second.error().message, "listening on 127.0.0.1:" + std::to_string(server_->port()) +
                                        ": Address already in use");
  const auto nowhere = Server::start({.host = "example.com", .allowed_hosts = {}}, Routes(), log_);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, Code::invalid);
}

// Stopping.

TEST_F(ServerTest, FinishesTheRequestsUnderWayWhenItStops) {
  std::latch begun(1);
  std::latch release(1);
  routes_.handle(Method::get, "/", [&](const Request&) {
    begun.count_down();
    release.wait();
    return text_response(200, "hello");
  });
  start();
  RawConnection busy = RawConnection::to(server_->port());
  const RawConnection idle = RawConnection::to(server_->port());
  busy.send(get);
  begun.wait();
  std::jthread stopping([&] { server_->stop(seconds(10)); });
  EXPECT_TRUE(idle.is_closed_within(seconds(10)));
  release.count_down();
  const std::string answer = busy.receive_all();
  busy.close();
  EXPECT_TRUE(answer.ends_with("hello"));
  EXPECT_NE(answer.find("Connection: close"), answer.npos);
}

TEST_F(ServerTest, ClosesWhatIsNotAnsweredInTimeWhenItStops) {
  std::optional<Responder> kept;
  std::latch begun(1);
  routes_.defer(Method::get, "/", [&](Request, Responder responder) {
    kept.emplace(std::move(responder));
    begun.count_down();
  });
  start();
  const RawConnection connection = RawConnection::to(server_->port());
  connection.send(get);
  begun.wait();
  server_->stop(Duration(50));
  EXPECT_EQ(connection.receive_all(), "");
  server_.reset();
  kept->send(hello({}));  // nobody is there any more: nothing happens
}

TEST_F(ServerTest, TakesNoConnectionsOnceStopped) {
  start();
  const Url here = url("/");
  server_->stop(Duration(0));
  EXPECT_FALSE(Client().send({.url = here, .headers = {}, .body = {}}));
}

}  // namespace
}  // namespace stepback::http
