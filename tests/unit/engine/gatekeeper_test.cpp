// SPDX-License-Identifier: Apache-2.0
#include "engine/gatekeeper.hpp"

#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback {
namespace {

class GatekeeperTest : public testing::Test {
 protected:
  GatekeeperTest() {
    service.deployed("production", "1111111", days(2));
    service.deployed("production", "2222222", minutes(5), false);
  }
  Gatekeeper::Answer record(const std::string& version, GateResult result,
                            std::vector<Finding> counted = {}) {
    GateVerdict verdict{.kind = GateKind::scan, .result = result, .why = "as it was found"};
    verdict.counted = std::move(counted);
    auto answer = service.engine().gatekeeper.record(
        {.environment = {"production"}, .version = {version}, .verdict = verdict, .digest = "d1"});
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(Gatekeeper::Answer{});
  }
  Finding critical() { return {.id = "CVE-2021-44906", .rating = Rating::critical}; }

  cli::PretendService service;
};

TEST_F(GatekeeperTest, LetsAVerdictOpenTheRollbackOfWhatRuns) {
  const auto answer = record("", GateResult::fail, {critical()});
  EXPECT_EQ(answer.version.text, "2222222");
  ASSERT_TRUE(answer.trigger);
  EXPECT_EQ(answer.trigger->disposition, Disposition::opened);
  EXPECT_EQ(service.rollbacks().front().findings, std::vector<std::string>{"CVE-2021-44906"});
}

TEST_F(GatekeeperTest, NeverGoesBackToAVersionWithTheSameFinding) {
  record("1111111", GateResult::fail, {critical()});
  record("2222222", GateResult::fail, {critical()});
  EXPECT_TRUE(service.rest());
  const auto rollback = service.rollbacks().front();
  EXPECT_EQ(rollback.lanes.front().end, LaneEnd::no_target) << rollback.why;
}

TEST_F(GatekeeperTest, KeepsOutAVersionThatIsNotDeployedUntilItPasses) {
  const auto answer = record("3333333", GateResult::unreadable);
  EXPECT_EQ(answer.trigger->disposition, Disposition::blocked);
  EXPECT_NE(hold_on(service.head("production"), {"3333333"}, {}), nullptr);
  record("3333333", GateResult::pass);
  EXPECT_EQ(hold_on(service.head("production"), {"3333333"}, {}), nullptr);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(GatekeeperTest, LiftsNoHoldThatAPersonPlaced) {
  ASSERT_EQ(service.run("hold add production --version 3333333 --reason leaks").exit, 0);
  record("3333333", GateResult::pass);
  EXPECT_NE(hold_on(service.head("production"), {"3333333"}, {}), nullptr);
}

TEST_F(GatekeeperTest, TakesTheSameReportOnce) {
  const auto first = record("2222222", GateResult::fail, {critical()});
  const auto again = record("2222222", GateResult::fail, {critical()});
  EXPECT_EQ(again.trigger->rollback, first.trigger->rollback);
  EXPECT_EQ(service.rollbacks().size(), 1U);
}

}  // namespace
}  // namespace stepback
