// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <gtest/gtest.h>

namespace stepback::http {
namespace {

std::string canonical(std::string_view text) {
  const auto url = parse_url(text);
  return url ? url->text() : url.error().message;
}

TEST(Url, HasOneSpellingForAnOrigin) {
  EXPECT_EQ(canonical("HTTP://Example.COM"), "http://example.com/");
  EXPECT_EQ(canonical("https://example.com:443/a"), "https://example.com/a");
  EXPECT_EQ(canonical("http://example.com:/a"), "http://example.com/a");
  EXPECT_EQ(canonical("http://[0:0::1]:08080/"), "http://[::1]:8080/");
  EXPECT_EQ(canonical("http://127.0.0.1/"), "http://127.0.0.1/");
}

TEST(Url, KeepsPathAndQueryAsWritten) {
  EXPECT_EQ(canonical("http://x/a%2fb/../C?d=%7E"), "http://x/a%2fb/../C?d=%7E");
  EXPECT_EQ(canonical("http://x:8080?y=1#part"), "http://x:8080/?y=1");
}

TEST(Url, KnowsItsParts) {
  const Url url = parse_url("https://[2001:db8::1]/health?deep=1").value();
  EXPECT_TRUE(url.is_secure);
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.target, "/health?deep=1");
  EXPECT_EQ(url.authority(), "[2001:db8::1]");
  EXPECT_EQ(url.origin(), "https://[2001:db8::1]");
}

TEST(Url, RefusesWhatIsNotHttp) {
  for (const auto* text : {"ftp://example.com/", "file:///etc/passwd", "//example.com/", "/health",
                           "example.com", "", "http:", "http://", "http:///x", "javascript:1"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, RefusesWhatIsUnsafeToSend) {
  for (const auto* text :
       {"http://example.com/a b", "http://example.com/a\r\nX: y", "http://exa%6dple.com/",
        "http://example.com:0/", "http://example.com:99999/", "http://a,b/", "http://[::1/",
        "http://example.com/%zz", "http://example.com:8o/", "http://example.com:65616/",
        "http://1.2.3.4.evil/", "http://a:b:c/", "http://[v1.a]/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
  EXPECT_FALSE(parse_url("http://example.com/" + std::string(3000, 'a')));
}

TEST(Url, RefusesAPasswordAndDoesNotRepeatIt) {
  EXPECT_EQ(canonical("http://user:hunter2@example.com/"),
            "not a URL to send a request to: there is a user name or a password in it");
}

}  // namespace
}  // namespace stepback::http
