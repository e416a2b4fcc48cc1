// SPDX-License-Identifier: Apache-2.0
// What the records come to, by hand and for any records.
#include "domain/measures.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;
using support::production;

const Instant from = noon - days(2);
const Instant until = noon + days(1);

Deployment begun(const std::string& name, Instant at, DeploymentStatus status) {
  auto made = support::deployment(name, 'a', status);
  made.started_at = at;
  made.cutover_at = at + minutes(1);
  return made;
}

// Of "v2", asked for at noon; a minute after its first sign, two before it was live, four until it
// was well.
Rollback restored(const std::string& name, Outcome outcome = Outcome::succeeded) {
  Rollback made{.id = {"rb-" + name}, .environment = production()};
  made.rejected = support::release("v2", 'b');
  made.accepted_at = noon;
  made.ended_at = noon + minutes(6);
  made.outcome = outcome;
  made.lanes.push_back({.environment = production()});
  made.lanes.front().cutover_at = noon + minutes(2);
  return made;
}

TriggerRecord opening(const Rollback& rollback, Instant at) {
  TriggerRecord made{.key = rollback.id.text, .disposition = Disposition::opened};
  made.signal.at = at;
  made.rollback = rollback.id;
  return made;
}

TEST(Measures, CountDeploymentsThatBeganInTheTimeAndThoseThatFailed) {
  const auto measures =
      measure({.from = from,
               .until = until,
               .deployments = {begun("v1", noon - days(1), DeploymentStatus::succeeded),
                               begun("v2", noon - days(1), DeploymentStatus::rolled_back),
                               begun("v3", noon, DeploymentStatus::failed),
                               begun("v4", noon, DeploymentStatus::in_progress),
                               begun("v0", noon - days(9), DeploymentStatus::failed),
                               begun("v9", until, DeploymentStatus::failed)}});
  EXPECT_EQ(measures.deployments, 4u);
  EXPECT_EQ(measures.failed, 2u);
  EXPECT_NEAR(measures.change_failure_rate.value(), 2.0 / 3, 1e-9);  // one has not ended
  EXPECT_NEAR(measures.per_day, 4.0 / 3, 1e-9);
}

TEST(Measures, CountWhatARollbackPutThereAsNoDeployment) {
  auto back = begun("v1", noon, DeploymentStatus::succeeded);
  back.kind = DeploymentKind::rollback;
  EXPECT_EQ(measure({.from = from, .until = until, .deployments = {back}}).deployments, 0u);
}

TEST(Measures, SplitTheTimeToRestoreIntoItsParts) {
  const auto rollback = restored("1");
  auto failing = begun("v2", noon - minutes(9), DeploymentStatus::rolled_back);
  const auto measures = measure({.from = from,
                                 .until = until,
                                 .deployments = {failing},
                                 .rollbacks = {rollback},
                                 .triggers = {opening(rollback, noon - minutes(1))}});
  EXPECT_EQ(measures.detect, (Spread{1, minutes(7), minutes(7)}));
  EXPECT_EQ(measures.decide, (Spread{1, minutes(1), minutes(1)}));
  EXPECT_EQ(measures.act, (Spread{1, minutes(2), minutes(2)}));
  EXPECT_EQ(measures.verify, (Spread{1, minutes(4), minutes(4)}));
  EXPECT_EQ(measures.time_to_restore, (Spread{1, minutes(7), minutes(7)}));
  EXPECT_NEAR(measures.budget_usual.value(), 6.0 / 15, 1e-9);
  EXPECT_EQ(measures.within_budget, 1u);
  EXPECT_EQ(measures.points.front().took, minutes(7));
}

TEST(Measures, CountFromTheRequestWherePeopleAsked) {
  auto by_hand = restored("1");
  by_hand.origin = Origin::manual;
  const auto measures = measure({.from = from, .until = until, .rollbacks = {by_hand}});
  EXPECT_EQ(measures.time_to_restore, (Spread{1, minutes(6), minutes(6)}));
  EXPECT_EQ(measures.detect.count, 0u);
  EXPECT_EQ(measures.automatic, 0u);
  EXPECT_EQ(measures.automatic_share.value(), 0);
}

TEST(Measures, RestoreNothingByWhatDidNotSucceed) {
  const auto measures = measure({.from = from,
                                 .until = until,
                                 .rollbacks = {restored("1", Outcome::escalated),
                                               restored("2", Outcome::cancelled), restored("3")}});
  EXPECT_EQ(measures.restores, 3u);
  EXPECT_EQ(measures.succeeded, 1u);
  EXPECT_EQ(measures.escalated, 1u);
  EXPECT_EQ(measures.cancelled, 1u);
  EXPECT_EQ(measures.time_to_restore.count, 1u);
  EXPECT_EQ(measures.within_budget, 1u);
}

TEST(Measures, LeaveOutDrillsAndWhatIsUnderWay) {
  auto drill = restored("1");
  drill.origin = Origin::drill;
  auto active = restored("2");
  active.outcome.reset();
  active.ended_at.reset();
  const auto measures = measure({.from = from, .until = until, .rollbacks = {drill, active}});
  EXPECT_EQ(measures.restores, 0u);
  EXPECT_FALSE(measures.automatic_share);
  EXPECT_TRUE(measures.points.empty());
}

TEST(Measures, NameEveryDayOfTheTime) {
  const auto measures = measure(
      {.from = from, .until = until, .deployments = {begun("v1", noon, DeploymentStatus::failed)}});
  ASSERT_EQ(measures.days.size(), 4u);  // from noon to noon
  EXPECT_EQ(measures.days.front(), (DayMeasure{.day = "2026-01-25"}));
  EXPECT_EQ(measures.days[2], (DayMeasure{.day = "2026-01-27", .deployments = 1, .failed = 1}));
  EXPECT_EQ(measures.days.back().day, "2026-01-28");
}

TEST(Measures, SayNothingOfNothing) {
  const auto measures = measure({.from = from, .until = until});
  EXPECT_FALSE(measures.change_failure_rate);
  EXPECT_FALSE(measures.budget_usual);
  EXPECT_EQ(measures.time_to_restore, Spread{});
}

RC_GTEST_PROP(Spreads, TakeAMiddleThatHalfDoNotExceed, ()) {
  const auto counts = *rc::gen::nonEmpty<std::vector<int>>();
  std::vector<Duration> durations;
  for (const int count : counts) durations.emplace_back(count);
  const auto spread = spread_of(durations);
  const auto within = [&](Duration most) {
    return static_cast<std::size_t>(
        std::ranges::count_if(durations, [&](Duration each) { return each <= most; }));
  };
  RC_ASSERT(spread.count == durations.size());
  RC_ASSERT(spread.usual <= spread.slow);
  RC_ASSERT(2 * within(spread.usual) >= durations.size());
  RC_ASSERT(10 * within(spread.slow) >= 9 * durations.size());
}

}  // namespace
}  // namespace stepback
