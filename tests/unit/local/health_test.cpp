// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/health.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "unit/local/fixtures.hpp"
#include "unit/local/peers.hpp"

namespace stepback::local {
namespace {

const Environment production{"production"};

class HealthOverHttp : public ::testing::Test {
 protected:
  static HealthProbe probe_of(const std::string& url) {
    return {.environment = production, .name = "api", .url = url, .timeout = Duration(300)};
  }
  HealthSeen see(const HealthProbe& probe) {
    HealthProbes probes({{probe}}, clock_);
    const auto seen = probes.probe(production);
    EXPECT_TRUE(seen && seen->size() == 1);
    return seen->at(0);
  }
  HandClock clock_;
};

TEST_F(HealthOverHttp, IsHealthyWhenEveryAttemptMeetsTheConditions) {
  const http::RawPeer peer(answering(200, R"({"status":"ok","workers":3})"));
  HealthProbe probe = probe_of(url_of(peer));
  probe.body_contains = "workers";
  probe.fields = {{"/status", json::Value("ok")}, {"/workers", json::Value(3.0)}};
  const HealthSeen seen = see(probe);
  EXPECT_TRUE(seen.healthy) << seen.detail;
  EXPECT_EQ(seen.name, "api");
  EXPECT_EQ(seen.status, 200);
  EXPECT_TRUE(seen.detail.starts_with("200 3/3, p95 ")) << seen.detail;
}

TEST_F(HealthOverHttp, TakesNoOtherStatusForTheConfiguredOne) {
  for (const int status : {204, 301, 404, 503}) {
    const http::RawPeer peer(answering(status, "ok"));
    const HealthSeen seen = see(probe_of(url_of(peer)));
    EXPECT_FALSE(seen.healthy) << status;
    EXPECT_TRUE(seen.seen);
    EXPECT_EQ(seen.status, status);
    EXPECT_TRUE(seen.detail.ends_with(": status " + std::to_string(status) + ", expected 200"))
        << seen.detail;
  }
}

TEST_F(HealthOverHttp, TakesAnotherStatusThatIsConfigured) {
  const http::RawPeer peer(answering(204));
  HealthProbe probe = probe_of(url_of(peer));
  probe.statuses = {200, 204};
  EXPECT_TRUE(see(probe).healthy);
}

TEST_F(HealthOverHttp, ForgivesAsManyAttemptsAsItMay) {
  std::atomic<int> asked = 0;
  const http::RawPeer peer(answering_by([&] { return answer_of(++asked == 1 ? 500 : 200, "ok"); }));
  HealthProbe probe = probe_of(url_of(peer));
  probe.required = 2;
  const HealthSeen seen = see(probe);
  EXPECT_TRUE(seen.healthy) << seen.detail;
  EXPECT_TRUE(seen.detail.contains("2/3")) << seen.detail;
  EXPECT_EQ(asked, 3);
}

TEST_F(HealthOverHttp, StopsAskingWhenItCannotSucceedAnyMore) {
  std::atomic<int> asked = 0;
  const http::RawPeer peer(answering_by([&] { return ++asked, answer_of(500, ""); }));
  HealthProbe probe = probe_of(url_of(peer));
  probe.attempts = 5;
  probe.required = 4;
  EXPECT_EQ(see(probe).detail,
            "2 of 2 attempts failed, 4 of 5 must succeed: status 500, expected 200");
  EXPECT_EQ(asked, 2);
}

TEST_F(HealthOverHttp, HoldsTheSlowestPartAgainstTheLimit) {
  const http::RawPeer peer(
      answering_by([&] { return clock_.pass(Duration(80)), answer_of(200, ""); }));
  HealthProbe probe = probe_of(url_of(peer));
  probe.max_latency = Duration(79);
  EXPECT_FALSE(see(probe).healthy);
  EXPECT_EQ(see(probe).detail, "200 3/3, p95 80ms, above the limit of 79ms");
  probe.max_latency = Duration(80);
  EXPECT_TRUE(see(probe).healthy);
}

TEST_F(HealthOverHttp, SaysWhatWasWrongWithTheAnswer) {
  const auto fault = [&](const std::string& body, auto&& change) {
    const http::RawPeer peer(answering(200, body));
    HealthProbe probe = probe_of(url_of(peer));
    change(probe);
    const HealthSeen seen = see(probe);
    EXPECT_FALSE(seen.healthy) << seen.detail;
    return seen.detail.substr(seen.detail.find(": ") + 2);
  };
  const auto field = [](HealthProbe& probe) { probe.fields = {{"/status", json::Value("ok")}}; };
  EXPECT_EQ(fault("fine", [](HealthProbe& probe) { probe.body_contains = "ok"; }),
            "status 200, the body does not contain \"ok\"");
  EXPECT_EQ(fault(R"({"status":"degraded"})", field),
            "status 200, /status is \"degraded\", expected \"ok\"");
  EXPECT_EQ(fault(R"({"state":"ok"})", field), "status 200, the answer has nothing at /status");
  EXPECT_TRUE(fault(R"({"status":"ok")", field).starts_with("status 200, the answer is not JSON"));
  EXPECT_TRUE(fault("", field).starts_with("status 200, the answer is not JSON"));
}

TEST_F(HealthOverHttp, TellsApartTheWaysNotToAnswer) {
  const NobodyThere nobody;
  EXPECT_TRUE(see(probe_of(nobody.url())).detail.ends_with("connection refused"));
  const http::RawPeer mute(say_nothing);
  EXPECT_TRUE(see(probe_of(url_of(mute))).detail.contains("timed out after 300ms"));
  const http::RawPeer dripping(drip);
  EXPECT_TRUE(see(probe_of(url_of(dripping))).detail.contains("timed out after 300ms"));
  const http::RawPeer endless(never_end);
  HealthProbe patient = probe_of(url_of(endless));
  patient.timeout = seconds(10);
  EXPECT_TRUE(see(patient).detail.contains("larger than")) << see(patient).detail;
}

TEST_F(HealthOverHttp, DoesNotCallAProbeSeenThatCouldNotBeCarriedOut) {
  const HealthSeen seen = see(probe_of("no address"));
  EXPECT_FALSE(seen.seen);
  EXPECT_FALSE(seen.healthy);
  EXPECT_NE(seen.detail, "");
}

TEST_F(HealthOverHttp, AsksOnlyTheProbesOfTheEnvironmentInTheirOrder) {
  const http::RawPeer good(answering(200));
  const http::RawPeer bad(answering(500));
  HealthProbe other = probe_of(url_of(good));
  other.environment = {"test"};
  HealthProbe first = probe_of(url_of(bad));
  first.name = "first";
  HealthProbes probes({{first, other, probe_of(url_of(good))}}, clock_);
  const auto seen = probes.probe(production);
  ASSERT_TRUE(seen);
  ASSERT_EQ(seen->size(), 2u);
  EXPECT_EQ(seen->at(0).name, "first");
  EXPECT_FALSE(seen->at(0).healthy);
  EXPECT_TRUE(seen->at(1).healthy);
}

}  // namespace
}  // namespace stepback::local
