// SPDX-License-Identifier: Apache-2.0
#include "domain/backtest.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

BacktestRules rules() {
  return {{{"test"}, {"staging"}, {"production"}}, default_alarm_rules("kiro"), {}};
}

Deployment v2(DeploymentStatus status) {
  auto it = support::deployment("v2", '2', status);
  it.predecessor = support::release("v1", '1');
  it.baseline = {{"kiro-worker-production-errors", AlarmState::ok}};
  return it;
}

TriggerRecord alarm_at(Instant at, Disposition was = Disposition::opened) {
  Signal signal{.name = "kiro-worker-production-errors", .state = AlarmState::alarm, .at = at};
  return {.key = "alarm/" + std::to_string(at.ms),
          .signal = signal,
          .received_at = at + seconds(1),
          .disposition = was,
          .environment = support::production()};
}

TEST(Backtesting, CallsARollbackRightWhenItsDeploymentEndedBadly) {
  auto bad = v2(DeploymentStatus::rolled_back);
  bad.rollback_time = noon + minutes(3);
  const auto result = backtest({{bad}, {alarm_at(noon)}, {}}, rules());
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(result.lines[0].now, Disposition::opened) << result.lines[0].why;
  EXPECT_EQ(result.lines[0].hindsight, Hindsight::right);
  EXPECT_EQ(result.changed(), 0U);
  EXPECT_TRUE(result.never.empty());
}

TEST(Backtesting, CallsItWrongWhenItsDeploymentIsGood) {
  auto good = v2(DeploymentStatus::succeeded);
  good.good_at = noon + hours(1);
  const auto result = backtest({{good}, {alarm_at(noon)}, {}}, rules());
  EXPECT_EQ(result.count(Hindsight::wrong), 1U);
}

TEST(Backtesting, JudgesByWhatWasKnownThen) {
  auto good = v2(DeploymentStatus::succeeded);
  good.good_at = noon - minutes(1);
  good.bake = minutes(5);
  const auto after_baking = backtest({{good}, {alarm_at(noon)}, {}}, rules());
  EXPECT_EQ(after_baking.lines[0].now, Disposition::notified) << after_baking.lines[0].why;
  const auto before_it_began =
      backtest({{good}, {alarm_at(good.started_at - minutes(1))}, {}}, rules());
  EXPECT_EQ(before_it_began.lines[0].now, Disposition::ignored) << "nothing had been deployed";
}

TEST(Backtesting, CallsItLateWhenSomebodyElseWasQuicker) {
  auto bad = v2(DeploymentStatus::rolled_back);
  bad.rollback_time = noon - minutes(2);
  const auto result = backtest({{bad}, {alarm_at(noon)}, {}}, rules());
  EXPECT_EQ(result.count(Hindsight::late), 1U);
}

TEST(Backtesting, NamesWhatNoSignalWouldHaveTakenBack) {
  auto bad = v2(DeploymentStatus::rolled_back);
  auto strict = rules();
  strict.policy.act_when_unknown = false;
  strict.policy.max_event_age = seconds(0);
  const auto result = backtest({{bad}, {alarm_at(noon)}, {}}, strict);
  ASSERT_EQ(result.never.size(), 1U);
  EXPECT_EQ(result.changed(), 1U);
}

TEST(Backtesting, CountsNoRehearsalAsAFailure) {
  auto rehearsed = v2(DeploymentStatus::rolled_back);
  rehearsed.rollback = RollbackId{"rb-1"};
  const Rollback drill{.id = {"rb-1"}, .origin = Origin::drill};
  EXPECT_TRUE(backtest({{rehearsed}, {}, {drill}}, rules()).never.empty());
}

TEST(Backtesting, OpensOnceForADeploymentAndGivesTheSameAnswerAgain) {
  const BacktestRecords records{
      {v2(DeploymentStatus::rolled_back)}, {alarm_at(noon + minutes(2)), alarm_at(noon)}, {}};
  const auto result = backtest(records, rules());
  ASSERT_EQ(result.lines.size(), 2U);
  EXPECT_EQ(result.lines[0].now, Disposition::opened);
  EXPECT_EQ(result.lines[1].now, Disposition::joined);
  EXPECT_EQ(backtest(records, rules()).lines[0].why, result.lines[0].why);
}

TEST(Backtesting, JudgesInShadowModeAsIfItMightAct) {
  auto shadow = rules();
  shadow.policy.automatic = false;
  const auto result = backtest(
      {{v2(DeploymentStatus::rolled_back)}, {alarm_at(noon, Disposition::shadowed)}, {}}, shadow);
  EXPECT_EQ(result.count(Hindsight::right), 1U);
}

}  // namespace
}  // namespace stepback
