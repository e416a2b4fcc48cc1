// SPDX-License-Identifier: Apache-2.0
#include "domain/drift.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

// Records and world that say the same: v1 was, v2 is.
DriftFacts agreeing() {
  DriftFacts facts;
  facts.head = support::head_running("v2", '2');
  facts.head.environment = {"production"};
  auto v2 = support::deployment("v2", '2', DeploymentStatus::succeeded);
  auto v1 = support::deployment("v1", '1', DeploymentStatus::succeeded);
  v1.cutover_at = v1.good_at = noon - days(2);
  v2.cutover_at = v2.good_at = noon - days(1);
  facts.head.current = v2.id;
  facts.head.operations = 4;
  facts.current = v2;
  facts.deployments = {v2, v1};
  facts.marker = {.seen = true, .version = {"v2"}, .digest = v2.digest, .operation = 4};
  facts.running = {.seen = true, .version = {"v2"}, .digest = v2.digest, .operation = 4};
  facts.artifacts = {{.release = support::release("v1", '1'), .detail = {}}};
  return facts;
}

std::optional<Drift> drift_named(const DriftFacts& facts, std::string_view name) {
  for (auto& each : find_drift(facts, noon))
    if (each.check.name.starts_with(name) && each.check.verdict != Verdict::passed) return each;
  return std::nullopt;
}

TEST(Drift, IsNoneWhereBothSayTheSame) {
  for (const auto& each : find_drift(agreeing(), noon))
    EXPECT_EQ(each.check.verdict, Verdict::passed)
        << each.check.name << ": " << each.check.evidence;
}

TEST(Drift, IsAMarkerThatNamesWhatARecordKnowsAndIsAdopted) {
  auto facts = agreeing();
  facts.marker.version = {"v1"};
  facts.marker.digest = facts.deployments[1].digest;
  const auto drift = drift_named(facts, "marker");
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->mend, Mend::adopt_marker);
  const auto mended = mend_drift(*drift, facts, "bob", noon).value();
  EXPECT_EQ(mended.head.live->version.text, "v1");
  ASSERT_EQ(mended.journal.size(), 1u);
  EXPECT_EQ(mended.journal[0].kind, "record.reconciled");
  EXPECT_EQ(mended.journal[0].actor, "bob");
}

TEST(Drift, IsAMarkerThatNamesWhatNobodyKnowsAndIsLeftToPeople) {
  auto facts = agreeing();
  facts.marker.version = {"v9"};
  facts.marker.digest = {};
  const auto drift = drift_named(facts, "marker");
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->mend, Mend::none);
  EXPECT_EQ(drift->remedy, "stepback deploy start production --version v9");
}

TEST(Drift, IsNotJudgedWhileARollbackIsAtWork) {
  auto facts = agreeing();
  facts.marker.version = {"v1"};
  facts.head.slot = RollbackId{"rb-1"};
  facts.slot = Rollback{.id = {"rb-1"}};
  EXPECT_EQ(drift_named(facts, "marker")->check.verdict, Verdict::inconclusive);
}

TEST(Drift, IsANumberThatNobodyGaveOut) {
  auto facts = agreeing();
  facts.marker.operation = 9;
  const auto drift = drift_named(facts, "number");
  ASSERT_TRUE(drift);
  EXPECT_EQ(mend_drift(*drift, facts, "bob", noon)->head.operations, 9u);
}

TEST(Drift, IsASlotWhoseRollbackHasEnded) {
  auto facts = agreeing();
  facts.head.slot = RollbackId{"rb-1"};
  facts.slot = Rollback{.id = {"rb-1"}, .outcome = Outcome::succeeded};
  const auto drift = drift_named(facts, "slot");
  ASSERT_TRUE(drift);
  EXPECT_FALSE(mend_drift(*drift, facts, "bob", noon)->head.slot);
}

TEST(Drift, IsARecordInProgressWhoseDeployerDied) {
  auto facts = agreeing();
  auto dead = support::deployment("v3", '3', DeploymentStatus::in_progress);
  dead.cutover_at.reset();
  dead.deadline_at = noon + hours(1);
  facts.deployments.insert(facts.deployments.begin(), dead);
  facts.head.current = dead.id;
  facts.current = dead;
  EXPECT_FALSE(drift_named(facts, "unfinished"));
  facts.abandoned = {dead.id};
  const auto drift = drift_named(facts, "unfinished");
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->mend, Mend::close_orphan);
  const auto mended = mend_drift(*drift, facts, "bob", noon).value();
  EXPECT_EQ(mended.deployment->status, DeploymentStatus::failed);
  EXPECT_EQ(mended.deployment->amendments.size(), 1u);
}

TEST(Drift, LeavesARecordInProgressToPeopleWhenSomethingOfItMayBeLive) {
  auto facts = agreeing();
  auto dead = support::deployment("v3", '3', DeploymentStatus::in_progress);
  dead.cutover_at = noon - hours(1);
  dead.deadline_at = noon - minutes(1);
  facts.deployments.insert(facts.deployments.begin(), dead);
  facts.head.current = dead.id;
  facts.current = dead;
  const auto drift = drift_named(facts, "unfinished");
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->mend, Mend::none);
  EXPECT_EQ(drift->remedy, "stepback deploy fail production");
}

TEST(Drift, IsACurrentDeploymentWithoutARecord) {
  auto facts = agreeing();
  facts.current.reset();
  EXPECT_EQ(drift_named(facts, "head")->remedy, "stepback audit verify");
}

TEST(Drift, IsWhatRunsWithoutTheMarkerNamingIt) {
  auto facts = agreeing();
  facts.running.version = {"v1"};
  facts.running.digest = facts.deployments[1].digest;
  EXPECT_TRUE(drift_named(facts, "running"));
}

TEST(Drift, IsAnArtifactThatIsNotThereAndNothingToGoBackToAtAll) {
  auto facts = agreeing();
  facts.artifacts[0].state = ArtifactState::missing;
  EXPECT_EQ(drift_named(facts, "artifacts v1")->remedy,
            "stepback artifacts production --version v1");
  facts.artifacts.clear();
  EXPECT_EQ(drift_named(facts, "artifacts")->remedy, "stepback targets production");
}

}  // namespace
}  // namespace stepback
