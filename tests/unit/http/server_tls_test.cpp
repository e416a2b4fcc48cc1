// SPDX-License-Identifier: Apache-2.0
// The server by TLS, asked by our own client, which believes the certificate made for the test.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>

#include "server_fixture.hpp"
#include "support/scratch.hpp"
#include "tls_peer.hpp"

namespace stepback::http {
namespace {

class ServerOverTls : public ServerTest {
 protected:
  ServerOverTls() {
    write_papers({.is_self_signed = true}, certificate_, key_);
    routes_.handle(Method::get, "/hello",
                   [](const Request&) { return text_response(200, "hello"); });
    routes_.handle(Method::get, "/much", [](const Request&) {
      return text_response(200, std::string(std::size_t{4} * 1024 * 1024, 'x'));
    });
  }
  void start_secure() { start({.certificate = certificate_, .key = key_}); }

  Result<Response> ask_secure(std::string_view target, std::string body = "") {
    Client client({.authorities = certificate_, .name_servers = {}});
    auto where = url(target);
    where.is_secure = true;
    where.host = "localhost";
    return client.send({.method = body.empty() ? Method::get : Method::post,
                        .url = where,
                        .headers = {},
                        .body = std::move(body),
                        .most_bytes = std::size_t{8} * 1024 * 1024});
  }

  testing::Scratch scratch_;
  std::string certificate_ = (scratch_.path() / "certificate.pem").string();
  std::string key_ = (scratch_.path() / "key.pem").string();
};

TEST_F(ServerOverTls, AnswersWhoeverBelievesItsCertificate) {
  start_secure();
  const auto answer = ask_secure("/hello");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "hello");
}

TEST_F(ServerOverTls, SendsAndTakesMoreThanOneRecord) {
  routes_.handle(Method::post, "/length", [](const Request& request) {
    return text_response(200, std::to_string(request.body.size()));
  });
  start_secure();
  const auto much = ask_secure("/much");
  ASSERT_TRUE(much) << much.error().message;
  EXPECT_EQ(much->body.size(), std::size_t{4} * 1024 * 1024);
  const auto length = ask_secure("/length", std::string(200'000, 'y'));
  ASSERT_TRUE(length) << length.error().message;
  EXPECT_EQ(length->body, "200000");
}

TEST_F(ServerOverTls, ClosesOnWhoeverSpeaksInPlain) {
  start_secure();
  EXPECT_EQ(exchange("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").find("hello"),
            std::string::npos);
  EXPECT_TRUE(ask_secure("/hello"));
}

TEST_F(ServerOverTls, IsNotBegunWithoutBothPapersOrWithAKeyThatAnybodyReads) {
  EXPECT_FALSE(Server::start({.certificate = certificate_, .key = "/nowhere"}, {}, log_));
  EXPECT_FALSE(Server::start({.certificate = key_, .key = key_}, {}, log_));
  ASSERT_EQ(chmod(key_.c_str(), 0644), 0);
  EXPECT_EQ(Server::start({.certificate = certificate_, .key = key_}, {}, log_).error().code,
            Code::denied);
}

}  // namespace
}  // namespace stepback::http
