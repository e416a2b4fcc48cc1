// SPDX-License-Identifier: Apache-2.0
#include "http/resolver.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <array>
#include <atomic>
#include <thread>

#include "http/client.hpp"
#include "raw_peer.hpp"

namespace stepback::http {
namespace {

// A name server that answers every question for an IPv4 address with `address`, or with "no such
// name" when it is empty, or not at all.
class NameServer {
 public:
  enum class Manner { answers, denies, is_silent };

  explicit NameServer(Manner manner, std::array<char, 4> address = {})
      : listening_(listen_somewhere(SOCK_DGRAM)), thread_([this, manner, address] {
          for (;;) {
            std::array<char, 512> packet;
            sockaddr_in from{};
            socklen_t size = sizeof from;
            const ssize_t got = recvfrom(listening_.socket.number(), packet.data(), packet.size(),
                                         0, reinterpret_cast<sockaddr*>(&from), &size);
            if (got <= 0 || stopping_) return;
            if (manner == Manner::is_silent) continue;
            const std::string reply =
                reply_to({packet.data(), static_cast<std::size_t>(got)}, manner, address);
            sendto(listening_.socket.number(), reply.data(), reply.size(), 0,
                   reinterpret_cast<sockaddr*>(&from), size);
          }
        }) {}

  ~NameServer() {
    stopping_ = true;
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    self.sin_port = htons(listening_.port);
    sendto(listening_.socket.number(), "x", 1, 0, reinterpret_cast<sockaddr*>(&self), sizeof self);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(listening_.port); }

 private:
  static std::string reply_to(std::string query, Manner manner, std::array<char, 4> address) {
    const std::size_t question_end = query.find('\0', 12) + 5;
    const bool asks_for_ipv4 = query[question_end - 3] == 1;
    const bool answers = manner == Manner::answers && asks_for_ipv4;
    std::string reply = query.substr(0, question_end);
    reply[2] = static_cast<char>(0x81);
    reply[3] = static_cast<char>(manner == Manner::denies ? 0x83 : 0x80);
    reply[7] = answers ? 1 : 0;
    reply[9] = reply[11] = 0;
    if (answers) {
      constexpr std::string_view record("\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4", 12);
      reply.append(record).append(address.data(), address.size());
    }
    return reply;
  }

  Listening listening_;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

Result<std::vector<Address>> look_up(const NameServer& server, Duration within = seconds(5)) {
  const auto deadline = Deadline::start(within);
  return resolve({"shop.example", 8080}, *deadline, server.address());
}

TEST(Resolver, ReturnsWhatTheNameServerSays) {
  const NameServer server(NameServer::Manner::answers, {10, 1, 2, 3});
  const auto addresses = look_up(server);
  ASSERT_TRUE(addresses) << addresses.error().message;
  ASSERT_EQ(addresses->size(), 1U);
  EXPECT_EQ(addresses->front().text(), "10.1.2.3:8080");
}

TEST(Resolver, SaysThatThereIsNoSuchHost) {
  const NameServer server(NameServer::Manner::denies);
  const auto addresses = look_up(server);
  ASSERT_FALSE(addresses);
  EXPECT_EQ(addresses.error(), (Error{Code::not_found, "no such host"}));
}

TEST(Resolver, EndsAtTheDeadlineWhenNoNameServerAnswers) {
  const NameServer server(NameServer::Manner::is_silent);
  const auto addresses = look_up(server, Duration(150));
  ASSERT_FALSE(addresses);
  EXPECT_EQ(addresses.error(),
            (Error{Code::timeout, "timed out after 150ms while looking up its name"}));
}

TEST(Resolver, AnswersLocalhostAndAddressesItself) {
  const NameServer server(NameServer::Manner::denies);
  const auto deadline = Deadline::start(seconds(5));
  const auto local = resolve({"localhost", 80}, *deadline, server.address());
  ASSERT_TRUE(local);
  EXPECT_EQ(local->front().text(), "127.0.0.1:80");
  EXPECT_EQ(resolve({"::1", 80}, *deadline, server.address()).value().front().text(), "[::1]:80");
}

TEST(Resolver, DoesNotReadNumbersAsTheCLibraryDoes) {
  for (const auto* text : {"2130706433", "0x7f.1", "127.1", "0177.0.0.1"}) {
    EXPECT_FALSE(address_of(text, 80)) << text;
  }
}

TEST(HttpClient, RefusesANameThatPointsAtALinkLocalAddress) {
  const NameServer server(NameServer::Manner::answers,
                          {static_cast<char>(169), static_cast<char>(254), 1, 1});
  Client client({.authorities = {}, .name_servers = server.address()});
  Url url;
  url.host = "rebound.example";
  const auto response = client.send({.url = url, .headers = {}, .body = {}});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::denied);
  EXPECT_EQ(response.error().message,
            "http://rebound.example: 169.254.1.1:80 is a link-local address, and not allowed");
}

}  // namespace
}  // namespace stepback::http
