// SPDX-License-Identifier: Apache-2.0
#include "domain/figures.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

FiguresFacts a_day() {
  return {.from = noon - hours(24), .until = noon, .deployments = {}, .rollbacks = {}};
}

Rollback ended(Instant at, Origin origin = Origin::automatic,
               Outcome outcome = Outcome::succeeded) {
  Rollback rollback{.id = {"rb-1"}, .origin = origin};
  rollback.outcome = outcome;
  rollback.ended_at = at;
  return rollback;
}

TEST(Figures, CountRollbacksInThePeriodTheyEndedIn) {
  auto facts = a_day();
  facts.rollbacks = {ended(noon - minutes(1)), ended(noon - minutes(59)), ended(noon - hours(24)),
                     ended(noon), ended(noon - days(2))};
  const auto all = figures(facts).value();
  ASSERT_EQ(all.size(), 24u);
  EXPECT_EQ(all.back().rollback_count, 2u);
  EXPECT_EQ(all.front().rollback_count, 1u);
  EXPECT_EQ(all.front().from, noon - hours(24));
}

TEST(Figures, CountNoDrillAndNothingThatWasCalledOff) {
  auto facts = a_day();
  facts.rollbacks = {ended(noon - minutes(1), Origin::drill),
                     ended(noon - minutes(1), Origin::manual, Outcome::cancelled),
                     ended(noon - minutes(1), Origin::automatic, Outcome::escalated)};
  EXPECT_EQ(figures(facts)->back().rollback_count, 1u);
}

TEST(Figures, AverageHowLongDeploymentsTook) {
  auto facts = a_day();
  for (const auto took : {seconds(60), seconds(120)}) {
    auto deployment = support::deployment("v1", '1');
    deployment.ended_at = noon - minutes(5);
    deployment.started_at = *deployment.ended_at - took;
    facts.deployments.push_back(deployment);
  }
  const auto all = figures(facts).value();
  EXPECT_EQ(all.back().deployments, 2u);
  EXPECT_EQ(all.back().duration, seconds(90));
  EXPECT_FALSE(all.front().duration);
}

TEST(Figures, HaveALastPeriodThatMayBeShorter) {
  auto facts = a_day();
  facts.from = noon - minutes(90);
  facts.rollbacks = {ended(noon - minutes(1))};
  const auto all = figures(facts).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all.back().rollback_count, 1u);
}

TEST(Figures, RefuseMoreThanAnybodyReads) {
  auto facts = a_day();
  facts.period = seconds(1);
  EXPECT_EQ(figures(facts).error().code, Code::invalid);
  facts.period = hours(1);
  facts.from = noon;
  EXPECT_FALSE(figures(facts));
}

TEST(LeadTimes, AreFromTheCommitUntilItWasLiveFirst) {
  const std::string commit(40, 'a');
  auto first = support::deployment("x", '1');
  first.version = {commit};
  first.cutover_at = noon - hours(2);
  auto again = first;
  again.cutover_at = noon;
  auto other = support::deployment("v9", '9');
  EXPECT_EQ(lead_times({again, first, other}, {{{commit}, noon - hours(5)}}),
            std::vector<Duration>{hours(3)});
  first.kind = again.kind = DeploymentKind::rollback;
  EXPECT_TRUE(lead_times({again, first}, {{{commit}, noon - hours(5)}}).empty());
}

}  // namespace
}  // namespace stepback
