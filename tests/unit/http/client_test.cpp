// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <latch>
#include <string>

#include "raw_peer.hpp"

namespace stepback::http {
namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Call call_to(const RawPeer& peer) { return {.url = peer.url(), .headers = {}, .body = {}}; }

Result<Response> send(const Call& call) { return Client().send(call); }

std::string complaint(const Call& call) {
  const auto response = send(call);
  if (response) return "an answer: " + std::to_string(response->status);
  const std::string origin = call.url.origin() + ": ";
  EXPECT_EQ(response.error().message.substr(0, origin.size()), origin);
  return response.error().message.substr(origin.size());
}

// A peer that reads the request's header and sends `answer`.
RawPeer::Serve answering(std::string answer) {
  return [answer = std::move(answer)](RawConnection& connection) {
    connection.receive_until("\r\n\r\n");
    connection.send(answer);
  };
}

TEST(HttpClient, SendsARequestAndReturnsTheAnswer) {
  std::string request;
  const RawPeer peer([&](RawConnection& connection) {
    request = connection.receive_until("body!");
    connection.send(
        "HTTP/1.1 201 Created\r\nContent-Type: a/b\r\nX-Y: z\r\n"
        "Content-Length: 4\r\nConnection: close\r\n\r\ndone");
  });
  const auto response = send({.method = Method::post,
                              .url = peer.url("/a?b=c"),
                              .headers = {{"X-Mine", "1"}},
                              .body = "body!"});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->type, "a/b");
  EXPECT_EQ(response->headers.find("x-y"), "z");
  EXPECT_EQ(response->body, "done");
  EXPECT_EQ(request, "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                         "\r\nUser-Agent: stepback/" STEPBACK_VERSION
                         "\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
                         "Content-Length: 5\r\nX-Mine: 1\r\n\r\nbody!");
}

TEST(HttpClient, DoesNotFollowARedirect) {
  std::atomic<int> connections = 0;
  const RawPeer peer([&](RawConnection& connection) {
    ++connections;
    answering("HTTP/1.1 301 Moved Permanently\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")(
        connection);
  });
  const auto response = send(call_to(peer));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 301);
  EXPECT_EQ(response->headers.find("Location"), "/other");
  EXPECT_EQ(connections, 1);
}

TEST(HttpClient, TakesAnAnswerWithoutABody) {
  const RawPeer peer(answering("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(send(call_to(peer)).value().status, 204);
}

TEST(HttpClient, ExpectsNoBodyAfterHead) {
  const RawPeer peer(answering("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"));
  Call call = call_to(peer);
  call.method = Method::head;
  EXPECT_EQ(send(call).value().body, "");
}

TEST(HttpClient, DoesNotDecodeTheBody) {
  const RawPeer peer(
      answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                "Content-Length: 3\r\n\r\n\x1f\x8b!"));
  EXPECT_EQ(send(call_to(peer)).value().body, "\x1f\x8b!");
}

TEST(HttpClient, SaysThatTheConnectionWasRefused) {
  const Listening free = hold_port();
  Url url;
  url.host = "127.0.0.1";
  url.port = free.port;
  EXPECT_EQ(complaint({.url = url, .headers = {}, .body = {}}), "connection refused");
  EXPECT_EQ(send({.url = url, .headers = {}, .body = {}}).error().code, Code::unavailable);
}

TEST(HttpClient, ConnectsToLocalhostWithoutANameServer) {
  const RawPeer peer(answering(std::string(ok)));
  Call call = call_to(peer);
  call.url.host = "localhost";
  EXPECT_EQ(send(call).value().body, "ok");
}

// Hostile peers: each attempt ends at its deadline, and says how far it came.

class HostilePeer : public testing::Test {
 protected:
  std::string complaint_within(const RawPeer& peer, Duration within) {
    Call call = call_to(peer);
    call.within = within;
    const SystemClock clock;
    const Duration start = clock.steady();
    std::string said = complaint(call);
    took_ = clock.steady() - start;
    return said;
  }
  Duration took_{0};
};

TEST_F(HostilePeer, ThatNeverAnswersIsLeftAtTheDeadline) {
  const RawPeer peer([](RawConnection& connection) { connection.receive_all(); });
  EXPECT_EQ(complaint_within(peer, Duration(150)),
            "timed out after 150ms while waiting for the answer");
  EXPECT_GE(took_, Duration(149));
  EXPECT_LT(took_, seconds(5));
}

TEST_F(HostilePeer, ThatDripsItsAnswerIsLeftAtTheDeadline) {
  const RawPeer peer([](RawConnection& connection) {
    connection.receive_until("\r\n\r\n");
    const std::string slow =
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x');
    for (const char byte : slow) {
      if (!connection.send({&byte, 1}) || connection.is_closed_within(Duration(20))) return;
    }
  });
  EXPECT_EQ(complaint_within(peer, Duration(300)),
            "timed out after 300ms while waiting for the answer");
  EXPECT_LT(took_, seconds(2));
}

TEST_F(HostilePeer, ThatNeverEndsItsBodyIsLeftAtTheLimit) {
  const RawPeer peer([](RawConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string more(10'000, 'x');
    while (connection.send(more)) {
    }
  });
  EXPECT_EQ(complaint_within(peer, seconds(5)), "the answer is larger than 65536 bytes");
}

TEST_F(HostilePeer, ThatNeverEndsItsHeaderIsLeftAtTheLimit) {
  const RawPeer peer([](RawConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.send("X-More: and more, and more, and more\r\n")) {
    }
  });
  EXPECT_EQ(complaint_within(peer, seconds(5)), "the answer is malformed: the header is too large");
}

TEST_F(HostilePeer, ThatSendsInterimAnswersForEverIsLeftAtTheDeadline) {
  const RawPeer peer([](RawConnection& connection) {
    while (connection.send("HTTP/1.1 100 Continue\r\n\r\n")) {
    }
  });
  EXPECT_EQ(complaint_within(peer, Duration(200)),
            "timed out after 200ms while waiting for the answer");
}

TEST_F(HostilePeer, ThatDoesNotReadIsLeftAtTheDeadline) {
  std::latch over(1);
  const RawPeer peer([&](RawConnection&) { over.wait(); });
  Call call = call_to(peer);
  call.method = Method::put;
  call.body = std::string(32 << 20, 'x');
  call.within = Duration(200);
  EXPECT_EQ(complaint(call), "timed out after 200ms while sending");
  over.count_down();
}

TEST_F(HostilePeer, ThatDoesNotSpeakHttpIsToldApart) {
  for (const auto* answer : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
                             "HTTP/9.9 200 OK\r\n\r\n", "\x15\x03\x03\x00\x02\x02\x28\r\n\r\n"}) {
    const RawPeer peer(answering(answer));
    const std::string said = complaint_within(peer, seconds(5));
    EXPECT_EQ(said.substr(0, 24), "the answer is malformed:") << answer << said;
  }
}

TEST_F(HostilePeer, ThatFramesItsAnswerTwoWaysIsRefused) {
  const RawPeer peer(answering(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  EXPECT_EQ(complaint_within(peer, seconds(5)),
            "the answer is malformed: the Transfer-Encoding is wrong");
}

TEST_F(HostilePeer, ThatResetsInTheMiddleOfTheBodyIsToldApart) {
  const RawPeer peer([](RawConnection& connection) {
    connection.receive_until("\r\n\r\n");
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    connection.reset();
  });
  EXPECT_EQ(complaint_within(peer, seconds(5)), "the connection was reset");
}

TEST_F(HostilePeer, ThatClosesInTheMiddleOfTheBodyIsToldApart) {
  const RawPeer peer(answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
  EXPECT_EQ(complaint_within(peer, seconds(5)), "the answer is malformed: the message was cut off");
}

TEST_F(HostilePeer, ThatClosesWithoutAWordIsToldApart) {
  const RawPeer peer([](RawConnection& connection) { connection.receive_until("\r\n\r\n"); });
  EXPECT_EQ(complaint_within(peer, seconds(5)), "the connection was closed before an answer came");
}

TEST_F(HostilePeer, ThatAnswersBeforeItHasReadAllIsHeard) {
  const RawPeer peer([](RawConnection& connection) {
    connection.receive_until("\r\n\r\n");
    connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    connection.finish_sending();
    connection.receive_all();
  });
  Call call = call_to(peer);
  call.method = Method::put;
  call.body = std::string(1 << 20, 'x');
  EXPECT_EQ(send(call).value().status, 413);
}

// Addresses.

std::string complaint_about(std::string_view host, Client::Options options = {}) {
  Url url;
  url.host = host;
  url.port = 1;
  Client client(options);
  const auto response =
      client.send({.url = url, .headers = {}, .body = {}, .within = Duration(50)});
  return response ? "an answer" : response.error().message;
}

TEST(LinkLocalAddresses, AreRefusedBeforeAByteIsSent) {
  EXPECT_EQ(complaint_about("169.254.169.254"),
            "http://169.254.169.254:1: 169.254.169.254:1 is a link-local address, and not allowed");
  for (const auto* host : {"169.254.0.1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254",
                           "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe"}) {
    EXPECT_NE(complaint_about(host).find("is a link-local address"), std::string::npos) << host;
  }
}

TEST(LinkLocalAddresses, AreOnlyThose) {
  for (const auto* host : {"127.0.0.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(complaint_about(host).find("link-local"), std::string::npos) << host;
    EXPECT_FALSE(address_of(host, 1)->is_link_local()) << host;
  }
}

TEST(LinkLocalAddresses, MayBeAllowed) {
  const std::string said = complaint_about(
      "169.254.1.1", {.allow_link_local = true, .authorities = {}, .name_servers = {}});
  EXPECT_EQ(said.find("is a link-local address"), std::string::npos) << said;
}

// Connections that are kept.

TEST(KeptConnection, CarriesTheNextRequest) {
  std::atomic<int> connections = 0;
  const RawPeer peer([&](RawConnection& connection) {
    ++connections;
    while (!connection.receive_until("\r\n\r\n").empty()) connection.send(ok);
  });
  {
    Client client;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.send(call_to(peer)).value().body, "ok");
  }
  EXPECT_EQ(connections, 1);
}

TEST(KeptConnection, IsReplacedWhenThePeerHasClosedIt) {
  std::atomic<int> connections = 0;
  const RawPeer peer([&](RawConnection& connection) {
    ++connections;
    answering(std::string(ok))(connection);
  });
  Client client;
  for (int i = 0; i < 3; ++i) {
    const auto response = client.send(call_to(peer));
    ASSERT_TRUE(response) << response.error().message;
  }
  EXPECT_EQ(connections, 3);
}

TEST(KeptConnection, IsTriedAnewWhenItClosesUnderTheRequest) {
  std::atomic<int> connections = 0;
  const RawPeer peer([&](RawConnection& connection) {
    ++connections;
    answering(std::string(ok))(connection);
    connection.receive_until("\r\n\r\n");  // the second request: closed without an answer
  });
  Client client;
  EXPECT_TRUE(client.send(call_to(peer)));
  EXPECT_TRUE(client.send(call_to(peer)));
  EXPECT_EQ(connections, 2);
}

TEST(KeptConnection, DoesNotRepeatAPostThatMayHaveArrived) {
  const RawPeer peer([](RawConnection& connection) {
    answering(std::string(ok))(connection);
    connection.receive_until("\r\n\r\n");
  });
  Client client;
  Call call = call_to(peer);
  call.method = Method::post;
  EXPECT_TRUE(client.send(call));
  const auto second = client.send(call);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            peer.url().origin() + ": the connection was closed before an answer came");
}

TEST(KeptConnection, IsNotOneThatSaidMoreThanItsAnswer) {
  std::atomic<int> connections = 0;
  const RawPeer peer([&](RawConnection& connection) {
    ++connections;
    connection.receive_until("\r\n\r\n");
    connection.send(std::string(ok) + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
    connection.receive_all();
  });
  Client client;
  EXPECT_EQ(client.send(call_to(peer)).value().body, "ok");
  EXPECT_EQ(client.send(call_to(peer)).value().body, "ok");
  EXPECT_EQ(connections, 2);
}

}  // namespace
}  // namespace stepback::http
