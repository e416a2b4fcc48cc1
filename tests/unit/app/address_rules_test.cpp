// SPDX-License-Identifier: Apache-2.0
#include "app/address_rules.hpp"

#include <gtest/gtest.h>

#include "config_text.hpp"

namespace stepback {
namespace {

TEST(CheckAddress, AcceptsWhereServicesAnswer) {
  for (const auto* url : {"http://127.0.0.1:8080/health", "http://[::1]:8080/", "http://localhost/",
                          "https://test.api.example.com/health?deep=1", "http://10.0.0.7/",
                          "http://db1/", "https://[2001:db8::1]/", "http://a.b2/"}) {
    const auto fine = check_address(url);
    EXPECT_TRUE(fine) << url << ": " << (fine ? "" : fine.error().message);
  }
}

TEST(CheckAddress, RefusesWhereCredentialsAreGivenOut) {
  for (const auto* url :
       {"http://169.254.169.254/latest/meta-data/", "http://169.254.0.1/", "http://[fe80::1]/",
        "http://[fd00:ec2::254]/", "http://metadata.google.internal/", "http://metadata/",
        "http://metadata.google.internal./", "http://METADATA.google.internal/",
        "http://100.100.100.200/", "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/"}) {
    EXPECT_FALSE(check_address(url)) << url;
  }
}

TEST(CheckAddress, RefusesSpellingsThatLookLikeOneHostAndAreAnother) {
  for (const auto* url :
       {"http://2130706433/", "http://0177.0.0.1/", "http://0x7f000001/", "http://127.1/",
        "http://[::ffff:127.0.0.1]/", "http://localhost.evil/", "https://ok@evil/",
        "http://0.0.0.0/", "http://[::]/", "http://1.2.3.4.5/", "http://10.0.0.256/"}) {
    EXPECT_FALSE(check_address(url)) << url;
  }
}

TEST(CheckAddress, RefusesWhatIsNotHttp) {
  for (const auto* url : {"file:///etc/passwd", "gopher://x/", "ftp://x/", "", "x", "http://"}) {
    EXPECT_FALSE(check_address(url)) << url;
  }
}

TEST(CheckAddress, IsAppliedToEveryAddressAndNamesItsPlace) {
  const std::string bad = "http://169.254.169.254/";
  const std::string said =
      "\"http://169.254.169.254/\" is not an address to ask: a link-local address: clouds give out "
      "credentials there";
  EXPECT_EQ(refusal_of(with(good_config, "http://127.0.0.1:8080/{environment}/health", bad)),
            "stepback.yaml:14:26: " + said);
  EXPECT_EQ(refusal_of(with(good_config, "protected: true",
                            "version: { url: \"http://169.254.169.254/\" }")),
            "stepback.yaml:6:21: " + said);
  EXPECT_EQ(refusal_of(with(good_config, "protected: true",
                            "alarms: [{ name: kiro-worker-production-x, url: \"" + bad + "\" }]")),
            "stepback.yaml:6:53: " + said);
  EXPECT_EQ(refusal_of(good_config + "notify: [{ kind: webhook, url: \"" + bad + "\" }]\n"),
            "stepback.yaml:15:32: " + said);
}

TEST(ParseListening, TellsWhetherOthersCanReachIt) {
  EXPECT_TRUE(parse_listening("127.0.0.1:8431").value().is_loopback);
  EXPECT_TRUE(parse_listening("127.0.0.9:0").value().is_loopback);
  EXPECT_TRUE(parse_listening("[::1]:8431").value().is_loopback);
  EXPECT_TRUE(parse_listening("localhost:8431").value().is_loopback);
  EXPECT_FALSE(parse_listening("0.0.0.0:8431").value().is_loopback);
  EXPECT_FALSE(parse_listening("[::]:8431").value().is_loopback);
  EXPECT_FALSE(parse_listening("10.0.0.7:8431").value().is_loopback);
  EXPECT_EQ(parse_listening("[::1]:8431").value().port, 8431);
}

TEST(ParseListening, RefusesWhatIsNoAddressAndPort) {
  for (const auto* text :
       {"", ":", "8431", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:80x", "example.com:80", "127.evil:80", "[]:1"}) {
    EXPECT_FALSE(parse_listening(text)) << text;
  }
}

}  // namespace
}  // namespace stepback
