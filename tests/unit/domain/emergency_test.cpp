// SPDX-License-Identifier: Apache-2.0
#include "domain/emergency.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

EmergencyFacts facts(const std::string& environment, const std::string& runs, char digest,
                     Verdict verdict) {
  EmergencyFacts it{.environment = {environment}, .live = support::release(runs, digest)};
  it.verdict = verdict;
  if (verdict != Verdict::passed) it.why = "health home: 500";
  it.target = support::candidate("v1", '1');
  return it;
}

TEST(PlanningAnEmergency, TakesProductionFirstAndLeavesAloneWhatIsWell) {
  const auto lines = plan_emergency(
      {facts("test", "v4", '4', Verdict::passed), facts("staging", "v3", '3', Verdict::passed),
       facts("production", "v2", '2', Verdict::failed)},
      false);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].facts.environment.name, "production");
  EXPECT_EQ(lines[0].deed, EmergencyDeed::roll_back);
  EXPECT_EQ(lines[0].why, "it is not well: health home: 500");
  EXPECT_EQ(lines[1].deed, EmergencyDeed::leave);
  EXPECT_EQ(lines[2].deed, EmergencyDeed::leave);
}

TEST(PlanningAnEmergency, TakesAlongWhatRunsTheSameBadVersion) {
  const auto lines = plan_emergency({facts("staging", "v2-again", '2', Verdict::passed),
                                     facts("production", "v2", '2', Verdict::failed)},
                                    false);
  EXPECT_EQ(lines[1].deed, EmergencyDeed::roll_back);
  EXPECT_NE(lines[1].why.find("not well in production"), std::string::npos) << lines[1].why;
}

TEST(PlanningAnEmergency, TouchesWhatCannotBeToldOnlyWhenEverythingGoesBack) {
  const std::vector all{facts("production", "v2", '2', Verdict::inconclusive)};
  EXPECT_EQ(plan_emergency(all, false)[0].deed, EmergencyDeed::leave);
  EXPECT_EQ(plan_emergency(all, true)[0].deed, EmergencyDeed::roll_back);
}

TEST(PlanningAnEmergency, LeavesToPeopleWhatHasNothingToGoBackTo) {
  auto here = facts("production", "v2", '2', Verdict::failed);
  here.target.reset();
  here.refused = 3;
  const auto line = plan_emergency({here}, false)[0];
  EXPECT_EQ(line.deed, EmergencyDeed::stuck);
  EXPECT_NE(line.why.find("3 refused"), std::string::npos) << line.why;
}

TEST(PlanningAnEmergency, OpensNothingWhereARollbackIsAtWorkOrNothingRuns) {
  auto owned = facts("production", "v2", '2', Verdict::failed);
  owned.slot = RollbackId{"rb-1"};
  auto empty = facts("test", "v2", '2', Verdict::failed);
  empty.live.reset();
  const auto lines = plan_emergency({empty, owned}, true);
  EXPECT_EQ(lines[0].deed, EmergencyDeed::watch);
  EXPECT_EQ(lines[1].deed, EmergencyDeed::leave);
}

TEST(DeclaringAnEmergency, IsOnRecordAndTellsOfEachEnvironmentThatIsNotLeftAlone) {
  const auto lines = plan_emergency(
      {facts("test", "v4", '4', Verdict::passed), facts("production", "v2", '2', Verdict::failed)},
      false);
  const auto change = declare_emergency({}, lines, "alice", "checkout is down", noon);
  ASSERT_EQ(change.journal.size(), 1U);
  EXPECT_EQ(change.journal[0].kind, "emergency.declared");
  EXPECT_EQ(change.journal[0].facts.size(), 2U);
  ASSERT_EQ(change.notices.size(), 1U);
  EXPECT_EQ(change.notices[0].environment.name, "production");
  EXPECT_EQ(change.notices[0].severity, Severity::critical);
}

}  // namespace
}  // namespace stepback
