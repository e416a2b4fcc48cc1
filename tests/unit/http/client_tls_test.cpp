// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/client.hpp"
#include "tls_peer.hpp"

namespace stepback::http {
namespace {

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Result<Response> send_to(const TlsPeer& peer, std::string_view host) {
  Client client({.authorities = peer.authority_file(), .name_servers = {}});
  return client.send({.url = peer.url(host), .headers = {}, .body = {}});
}

std::string complaint(const TlsPeer& peer, std::string_view host) {
  const auto response = send_to(peer, host);
  if (response) return "an answer";
  EXPECT_EQ(peer.handshakes(), 0);
  return response.error().message.substr(peer.url(host).origin().size() + 2);
}

TEST(HttpClientTls, AcceptsACertificateForTheHost) {
  const TlsPeer peer({}, ok);
  const auto response = send_to(peer, "localhost");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "ok");
}

TEST(HttpClientTls, AcceptsACertificateForTheAddress) {
  const TlsPeer peer({.name = "IP:127.0.0.1"}, ok);
  EXPECT_TRUE(send_to(peer, "127.0.0.1"));
}

TEST(HttpClientTls, RefusesACertificateForAnotherHost) {
  const TlsPeer peer({.name = "DNS:example.com"}, ok);
  EXPECT_EQ(complaint(peer, "localhost"), "its certificate is for another host than localhost");
}

TEST(HttpClientTls, RefusesACertificateForAnotherAddress) {
  const TlsPeer peer({.name = "IP:10.0.0.1"}, ok);
  EXPECT_EQ(complaint(peer, "127.0.0.1"), "its certificate is for another host than 127.0.0.1");
}

TEST(HttpClientTls, RefusesACertificateThatHasExpired) {
  const TlsPeer peer({.valid_from_seconds = -7200, .valid_to_seconds = -3600}, ok);
  EXPECT_EQ(complaint(peer, "localhost"), "its certificate has expired");
}

TEST(HttpClientTls, RefusesACertificateThatIsNotValidYet) {
  const TlsPeer peer({.valid_from_seconds = 3600, .valid_to_seconds = 7200}, ok);
  EXPECT_EQ(complaint(peer, "localhost"), "its certificate is not valid yet");
}

TEST(HttpClientTls, RefusesACertificateThatSignsItself) {
  const TlsPeer peer({.is_self_signed = true}, ok);
  EXPECT_EQ(complaint(peer, "localhost"), "its certificate is not signed by a known authority");
}

TEST(HttpClientTls, RefusesACertificateOfAnAuthorityTheSystemDoesNotKnow) {
  const TlsPeer peer({}, ok);
  const auto response = Client().send({.url = peer.url("localhost"), .headers = {}, .body = {}});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::denied);
}

TEST(HttpClientTls, SaysWhichFileOfAuthoritiesIsMissing) {
  const TlsPeer peer({}, ok);
  Client client({.authorities = "/nonexistent.pem", .name_servers = {}});
  const auto response = client.send({.url = peer.url("localhost"), .headers = {}, .body = {}});
  ASSERT_FALSE(response);
  EXPECT_NE(response.error().message.find("/nonexistent.pem"), std::string::npos);
}

TEST(HttpClientTls, TakesAnEndWithoutFarewellForACut) {
  const TlsPeer peer({}, "HTTP/1.1 200 OK\r\n\r\nhalf of it", false);
  const auto response = send_to(peer, "localhost");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::unavailable);
}

TEST(HttpClientTls, TellsAPeerThatDoesNotSpeakIt) {
  const RawPeer peer([](RawConnection& connection) {
    connection.receive();
    connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  Call call{.url = peer.url(), .headers = {}, .body = {}};
  call.url.is_secure = true;
  const auto response = Client().send(call);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message,
            call.url.origin() + ": TLS was not agreed on: wrong version number");
}

TEST(HttpClientTls, LeavesAPeerThatNeverShakesHandsAtTheDeadline) {
  const RawPeer peer([](RawConnection& connection) { connection.receive_all(); });
  Call call{.url = peer.url(), .headers = {}, .body = {}, .within = Duration(150)};
  call.url.is_secure = true;
  const auto response = Client().send(call);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message,
            call.url.origin() + ": timed out after 150ms while agreeing on TLS");
}

}  // namespace
}  // namespace stepback::http
