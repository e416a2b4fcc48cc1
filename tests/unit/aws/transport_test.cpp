// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/transport.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "../http/raw_peer.hpp"
#include "../http/tls_peer.hpp"

namespace stepback::aws {
namespace {

using http::RawConnection;
using http::RawPeer;
using http::TlsPeer;

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

http::Call call_to(const http::Url& url) { return {.url = url, .headers = {}, .body = {}}; }
http::Url url_of(std::string_view text) { return *http::parse_url(text); }

TransportConfig with(std::map<std::string, std::string> variables) {
  return {.variables = std::move(variables)};
}

TEST(Transport, KeepsConnectionsAndServesManyThreads) {
  std::atomic<int> connections = 0;
  RawPeer peer([&](RawConnection& connection) {
    ++connections;
    while (!connection.receive_until("\r\n\r\n").empty())
      if (!connection.send(ok)) return;
  });
  Transport transport(with({}));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(transport.send(call_to(peer.url())));
  EXPECT_EQ(connections, 1);
}

TEST(Transport, BelievesTheFileThatTheVariablesName) {
  const TlsPeer peer({}, ok);
  for (const auto* name : {"SSL_CERT_FILE", "AWS_CA_BUNDLE"}) {
    Transport transport(with({{name, peer.authority_file()}}));
    const auto response = transport.send(call_to(peer.url("localhost")));
    EXPECT_TRUE(response) << response.error().message;
  }
}

TEST(Transport, BelievesNobodyElsesAuthority) {
  const TlsPeer peer({}, ok);
  Transport transport(with({}));
  const auto response = transport.send(call_to(peer.url("localhost")));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::denied);
  EXPECT_EQ(peer.handshakes(), 0);
}

TEST(Transport, ChoosesTheProxyOfTheSchemeUnlessTheHostIsExcepted) {
  const Transport transport(with({{"HTTPS_PROXY", "http://proxy.example:3128"},
                                  {"http_proxy", "other.example:80"},
                                  {"NO_PROXY", "internal.example, .corp,10.0.0.1:8443"}}));
  const auto proxy = [&](std::string_view url) -> std::string {
    const auto found = transport.proxy_for(url_of(url));
    return found && *found ? (*found)->origin() : "";
  };
  EXPECT_EQ(proxy("https://s3.eu-central-1.amazonaws.com"), "http://proxy.example:3128");
  EXPECT_EQ(proxy("http://a.example"), "http://other.example");
  for (const auto* url : {"https://internal.example", "https://s3.internal.example",
                          "https://a.corp", "https://10.0.0.1:8443", "http://127.0.0.1:4566",
                          "http://localhost", "http://169.254.169.254"})
    EXPECT_EQ(proxy(url), "") << url;
  EXPECT_NE(proxy("https://notinternal.example"), "");
  EXPECT_NE(proxy("https://10.0.0.1"), "");
}

TEST(Transport, AProxyWithAPasswordIsRefusedWithoutRepeatingIt) {
  Transport transport(with({{"HTTPS_PROXY", "http://user:hush-hush@proxy.example"}}));
  const auto response = transport.send(call_to(url_of("https://a.example")));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::invalid);
  EXPECT_FALSE(response.error().message.contains("hush"));
}

// Passes what comes on to the peer, after it was asked for a tunnel, until both sides are done.
struct TunnelProxy {
  explicit TunnelProxy(std::uint16_t to)
      : peer([this, to](RawConnection& client) {
          asked = client.receive_until("\r\n\r\n");
          client.send("HTTP/1.1 200 Connection established\r\n\r\n");
          const auto server = RawConnection::to(to);
          std::jthread back([&] {
            for (auto bytes = server.receive(); !bytes.empty(); bytes = server.receive())
              if (!client.send(bytes)) return;
            client.finish_sending();
          });
          for (auto bytes = client.receive(); !bytes.empty(); bytes = client.receive())
            if (!server.send(bytes)) return;
          server.finish_sending();
        }) {}
  std::string asked;
  RawPeer peer;
};

// A host that only the proxy knows.
Result<http::Response> through_tunnel(TunnelProxy& proxy, const TlsPeer& peer) {
  Transport transport(
      with({{"HTTPS_PROXY", proxy.peer.url().origin()}, {"SSL_CERT_FILE", peer.authority_file()}}));
  return transport.send(call_to(url_of("https://far.example")));
}

TEST(Transport, GoesThroughTheProxyToThePeerItself) {
  const TlsPeer peer({.name = "DNS:far.example"}, ok);
  TunnelProxy proxy(peer.url("localhost").port);
  const auto response = through_tunnel(proxy, peer);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_TRUE(proxy.asked.starts_with("CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443"));
}

TEST(Transport, ChecksTheNameOfThePeerBehindTheProxy) {
  const TlsPeer peer({.name = "DNS:localhost"}, ok);
  TunnelProxy proxy(peer.url("localhost").port);
  const auto response = through_tunnel(proxy, peer);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::denied);
  EXPECT_EQ(peer.handshakes(), 0);
}

TEST(Transport, SaysWhatTheProxyRefusedWith) {
  RawPeer proxy([](RawConnection& connection) {
    connection.receive_until("\r\n\r\n");
    connection.send("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  Transport transport(with({{"HTTPS_PROXY", proxy.url().origin()}}));
  const auto response = transport.send(call_to(url_of("https://far.example")));
  ASSERT_FALSE(response);
  EXPECT_TRUE(response.error().message.contains("407 Proxy Authentication"))
      << response.error().message;
}

TEST(Transport, APlainRequestNamesItsOriginToTheProxy) {
  std::string line;
  RawPeer proxy([&](RawConnection& connection) {
    line = connection.receive_until("\r\n\r\n");
    connection.send(ok);
  });
  Transport transport(with({{"HTTP_PROXY", proxy.url().origin()}}));
  ASSERT_TRUE(transport.send(call_to(url_of("http://far.example/path?query"))));
  EXPECT_TRUE(line.starts_with("GET http://far.example/path?query HTTP/1.1")) << line;
}

}  // namespace
}  // namespace stepback::aws
