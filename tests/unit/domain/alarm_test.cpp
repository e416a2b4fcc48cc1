// SPDX-License-Identifier: Apache-2.0
#include "domain/alarm.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

const Environments environments{{"test"}, {"prod"}, {"prod-eu"}, {"production"}};

std::optional<AlarmMatch> match(std::string_view name) {
  return match_alarm(name, environments, default_alarm_rules("kiro"));
}

TEST(AlarmNames, BelongToTheLongestEnvironmentThatFits) {
  EXPECT_EQ(match("kiro-worker-prod-eu-errors")->environment.name, "prod-eu");
  EXPECT_EQ(match("kiro-worker-prod-errors")->environment.name, "prod");
  EXPECT_EQ(match("kiro-worker-production-errors")->environment.name, "production");
  EXPECT_FALSE(match("kiro-worker-staging-errors"));
  EXPECT_FALSE(match("other-worker-prod-errors"));
  EXPECT_FALSE(match("kiro-worker-prod"));
}

TEST(AlarmNames, GiveTheRunbooksRoles) {
  EXPECT_TRUE(match("kiro-pipeline-prod-rollbacks")->roles.brake);
  EXPECT_FALSE(match("kiro-pipeline-prod-rollbacks")->roles.trigger);
  EXPECT_FALSE(match("kiro-pipeline-prod-rollbacks")->roles.validate);
  EXPECT_TRUE(match("kiro-pipeline-prod-failures")->roles.notify);
  EXPECT_FALSE(match("kiro-pipeline-prod-failures")->roles.trigger);
  EXPECT_TRUE(match("kiro-pipeline-prod-duration")->roles.while_deploying);
  EXPECT_TRUE(match("kiro-pipeline-prod-latency")->roles.trigger);
  EXPECT_TRUE(match("kiro-worker-prod-latency")->roles.validate);
}

TEST(EarliestOk, CountsTheCleanPeriodsThatAreNeeded) {
  AlarmSeen alarm{.name = "a"};
  alarm.period = seconds(60);
  alarm.evaluated = 3;
  alarm.to_alarm = 2;
  const Instant aligned{noon.ms / 60'000 * 60'000};
  // All before breach: two clean periods of three bring it below two.
  EXPECT_EQ(earliest_ok(alarm, aligned), aligned + seconds(120));
  alarm.publishing_delay = seconds(5);
  EXPECT_EQ(earliest_ok(alarm, aligned), aligned + seconds(125));
}

// The alarm as CloudWatch evaluates it: over every later window, with all of them clean.
Instant truly_ok(const AlarmSeen& alarm, Instant cutover) {
  const auto period = alarm.period.count();
  for (auto last = cutover.ms / period;; ++last) {
    int breaching = 0;
    for (auto window = last - alarm.evaluated + 1; window <= last; ++window) {
      for (const auto& point : alarm.points) {
        if (point.breaching && point.from.ms / period == window) ++breaching;
      }
    }
    if (breaching < alarm.to_alarm) return Instant{(last + 1) * period} + alarm.publishing_delay;
  }
}

TEST(EarliestOk, IsNeverAfterTheTrueOne) {
  EXPECT_TRUE(rc::check([] {
    AlarmSeen alarm{.name = "a"};
    alarm.period = seconds(*rc::gen::element(10, 30, 60, 300));
    alarm.evaluated = *rc::gen::inRange(1, 6);
    alarm.to_alarm = *rc::gen::inRange(1, alarm.evaluated + 1);
    const auto cutover = noon + Duration(*rc::gen::inRange(0, 600'000));
    const auto straddling = cutover.ms / alarm.period.count();
    // History up to and with the period that straddles the cutover, which may breach or not.
    for (int back = 8; back >= 0; --back) {
      alarm.points.push_back(
          {Instant{(straddling - back) * alarm.period.count()}, *rc::gen::arbitrary<bool>()});
    }
    AlarmSeen known = alarm;
    known.points.pop_back();  // the straddling one is not known yet
    RC_ASSERT(earliest_ok(known, cutover) <= truly_ok(alarm, cutover));
  }));
}

TEST(EnvironmentInAName, IsAWholeWordTheLastOneAndTheLongest) {
  const Environments all{{"test"}, {"prod"}, {"prod-eu"}, {"production"}};
  const auto in = [&](std::string_view name) {
    const auto found = environment_in(name, all);
    return found ? found->name : "none";
  };
  EXPECT_EQ(in("kiro-pipeline-production/Deploy/CdkDeploy"), "production");
  EXPECT_EQ(in("kiro-pipeline-prod-eu"), "prod-eu");
  EXPECT_EQ(in("kiro-pipeline/DeployTest"), "test");
  EXPECT_EQ(in("kiro-pipeline-prod/deploy-test"), "test");
  EXPECT_EQ(in("kiro-latest-build"), "none");
  EXPECT_EQ(in("production2"), "none");
  EXPECT_EQ(in(""), "none");
}

TEST(AnAlertThatSaysItsEnvironment, IsOursOnlyIfThatIs) {
  const Environments all{{"test"}, {"production"}};
  const auto rules = default_alarm_rules("kiro");
  EXPECT_FALSE(match_alarm_in({"elsewhere"}, "HighErrorRate", all, rules));
  const auto ours = match_alarm_in({"production"}, "HighErrorRate", all, rules);
  ASSERT_TRUE(ours);
  EXPECT_TRUE(ours->roles.trigger && ours->roles.validate);
  const auto ruled = match_alarm_in({"test"}, "kiro-pipeline-test-rollbacks", all, rules);
  ASSERT_TRUE(ruled);
  EXPECT_TRUE(ruled->roles.brake);
}

}  // namespace
}  // namespace stepback
