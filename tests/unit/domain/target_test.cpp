// SPDX-License-Identifier: Apache-2.0
#include "domain/target.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::candidate;
using support::head_running;
using support::release;

Choice choose(std::vector<Candidate> candidates, const Head& head,
              TargetWish wish = {.from = release("v2", '2')}) {
  return choose_target(candidates, head, wish);
}

TEST(ChoosingATarget, TakesTheNewestGoodOne) {
  const auto choice = choose({candidate("v2", '2'), candidate("v1", '1'), candidate("v0", '0')},
                             head_running("v2", '2'));
  ASSERT_TRUE(choice.target);
  EXPECT_EQ(choice.target->release.version.text, "v1");
  ASSERT_EQ(choice.refused.size(), 1U);
  EXPECT_EQ(choice.refused[0].why, "it is what runs");
}

TEST(ChoosingATarget, KnowsTheRunningArtifactUnderAnotherName) {
  auto renamed = candidate("v1-again", '2');
  const auto choice = choose({renamed, candidate("v0", '0')}, head_running("v2", '2'));
  EXPECT_EQ(choice.target->release.version.text, "v0");
}

TEST(ChoosingATarget, RefusesWhatIsHeld) {
  auto head = head_running("v2", '2');
  add_hold(head, {.version = {"other-name"}, .digest = support::digest('1'), .reason = "leaks"});
  const auto choice = choose({candidate("v1", '1'), candidate("v0", '0')}, head);
  EXPECT_EQ(choice.target->release.version.text, "v0");
  EXPECT_EQ(choice.refused[0].why, "held: leaks");
}

TEST(ChoosingATarget, RefusesWhatHasNotBakedUnlessItIsAllowed) {
  auto fresh = candidate("v1", '1');
  fresh.good_at.reset();
  EXPECT_FALSE(choose({fresh}, head_running("v2", '2')).target);
  EXPECT_TRUE(choose({fresh}, head_running("v2", '2'),
                     {.from = release("v2", '2'), .unbaked_allowed = true})
                  .target);
}

TEST(ChoosingATarget, RefusesWhatEndedBadlyOrHasNoArtifacts) {
  auto failed = candidate("v1", '1');
  failed.status = DeploymentStatus::rolled_back;
  auto gone = candidate("v0", '0');
  gone.artifacts = ArtifactState::missing;
  gone.artifact_detail = "no such directory";
  const auto choice = choose({failed, gone}, head_running("v2", '2'));
  EXPECT_FALSE(choice.target);
  EXPECT_EQ(choice.refused[0].why, "its deployment ended rolled_back");
  EXPECT_EQ(choice.refused[1].why, "artifacts missing: no such directory");
}

TEST(ChoosingATarget, DoesNotCrossAOneWayChangeWithoutConsent) {
  auto running = candidate("v2", '2');
  running.one_way = "drops column price";
  const auto refused = choose({running, candidate("v1", '1')}, head_running("v2", '2'));
  EXPECT_FALSE(refused.target);
  EXPECT_EQ(refused.refused[1].why, "data at risk: drops column price");
  EXPECT_TRUE(choose({running, candidate("v1", '1')}, head_running("v2", '2'),
                     {.from = release("v2", '2'), .data_risk_accepted = true})
                  .target);
}

TEST(ChoosingATarget, HonoursAWishUnderTheSameRules) {
  const auto choice = choose({candidate("v1", '1'), candidate("v0", '0')}, head_running("v2", '2'),
                             {.from = release("v2", '2'), .requested = Version{"v0"}});
  EXPECT_EQ(choice.target->release.version.text, "v0");
  EXPECT_EQ(choice.refused[0].why, "another version was asked for");
}

TEST(ChoosingATarget, LeavesOutWhatWasFoundAltered) {
  const auto choice = choose({candidate("v1", '1'), candidate("v0", '0')}, head_running("v2", '2'),
                             {.from = release("v2", '2'), .excluded = {support::digest('1')}});
  EXPECT_EQ(choice.target->release.version.text, "v0");
}

TEST(InfrastructureOfATarget, IsTheVersionItselfWhereItsRecordNamesNone) {
  auto target = candidate("v1", '1');
  target.infrastructure_version = "";
  EXPECT_EQ(infrastructure_of(target), "v1");
  target.infrastructure_version = "infra-7";
  EXPECT_EQ(infrastructure_of(target), "infra-7");
}

TEST(Holds, StayStrictWhoeverFindsAnotherReason) {
  Head head;
  add_hold(head, {.version = {"v1"}, .until = HoldUntil::released, .reason = "did not pass"});
  add_hold(head, {.version = {"v1"}, .until = HoldUntil::fixed, .reason = "rolled back"});
  ASSERT_EQ(head.holds.size(), 1U);
  EXPECT_EQ(head.holds[0].until, HoldUntil::released);
}

TEST(ChoosingATarget, GainsNothingByOneThatHasTheSameFinding) {
  auto same = candidate("v1", '1');
  same.findings = {"CVE-2020-1", "CVE-2021-44906"};
  const auto choice = choose({same, candidate("v0", '0')}, head_running("v2", '2'),
                             {.from = release("v2", '2'), .findings = {"CVE-2021-44906"}});
  ASSERT_TRUE(choice.target);
  EXPECT_EQ(choice.target->release.version.text, "v0");
  EXPECT_EQ(choice.refused[0].why, "it has CVE-2021-44906 too");
}

TEST(ChoosingATarget, GoesFurtherOnlyToWhatIsOlderThanWhatRuns) {
  const std::vector<Candidate> history{candidate("v3", '3'), candidate("v1", '1'),
                                       candidate("v0", '0')};
  const auto head = head_running("v1", '1');
  const TargetWish plain{.from = release("v1", '1')};
  EXPECT_EQ(choose(history, head, plain).target->release.version.text, "v3");
  auto further = plain;
  further.further = true;
  const auto choice = choose(history, head, further);
  ASSERT_TRUE(choice.target);
  EXPECT_EQ(choice.target->release.version.text, "v0");
  EXPECT_EQ(choice.refused[0].why, "it is not older than what runs");
  further.from = release("unknown", '9');
  EXPECT_FALSE(choose(history, head, further).target) << "nothing says how old what runs is";
}

}  // namespace
}  // namespace stepback
