// SPDX-License-Identifier: Apache-2.0
#include "domain/validation.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::alarm;
using support::healthy_observation;
using support::noon;

Expectation expecting() {
  return {.version = {"v1"}, .digest = support::digest('1'), .operation = 7, .cutover = noon};
}

Validation judge(const Observation& seen, const Expectation& expected = expecting()) {
  return validate(seen, expected, Policy{});
}

TEST(Validation, PassesWhenEverythingWasSeenAndIsWell) {
  const auto result = judge(healthy_observation(noon + seconds(90), "v1", '1', 7));
  EXPECT_EQ(result.verdict, Verdict::passed);
  EXPECT_TRUE(result.success);
  EXPECT_TRUE(result.reason.empty());
  EXPECT_EQ(result.version_match, true);
  EXPECT_EQ(result.health_check_status, "api 200 3/3");
}

TEST(Validation, IsInconclusiveWhenNothingProvesIt) {
  Observation seen{.at = noon + seconds(90)};
  const auto result = judge(seen);
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_FALSE(result.reason.empty());
}

TEST(Validation, NeverPassesByAGlance) {
  auto seen = healthy_observation(noon + seconds(90), "v1", '1', 7);
  seen.alarms_only = true;
  EXPECT_EQ(judge(seen).verdict, Verdict::inconclusive);
}

TEST(Validation, FailsByAnotherVersionAndSaysBoth) {
  const auto result = judge(healthy_observation(noon + seconds(90), "v2", '2', 7));
  EXPECT_EQ(result.verdict, Verdict::failed);
  EXPECT_EQ(result.version_match, false);
  EXPECT_NE(result.reason.find("deployed=v2, target=v1"), std::string::npos);
}

TEST(Validation, FailsWhenSomebodyElseWroteThePointer) {
  EXPECT_EQ(judge(healthy_observation(noon + seconds(90), "v1", '1', 9)).verdict, Verdict::failed);
}

TEST(Validation, IsInconclusiveWhereSomethingCouldNotBeSeen) {
  auto seen = healthy_observation(noon + seconds(90), "v1", '1', 7);
  seen.unseen = {"alarms: throttled"};
  EXPECT_EQ(judge(seen).verdict, Verdict::inconclusive);
}

TEST(Validation, FailsByAnUnhealthyProbe) {
  auto seen = healthy_observation(noon + seconds(90), "v1", '1', 7);
  seen.health[0] = {.name = "api", .healthy = false, .detail = "503 0/3"};
  EXPECT_EQ(judge(seen).verdict, Verdict::failed);
}

TEST(ValidationOfAlarms, WaitsForOneThatCannotHaveClearedYet) {
  auto seen = healthy_observation(noon + seconds(61), "v1", '1', 7);
  seen.alarms = {alarm(AlarmState::alarm, noon - minutes(3))};
  const auto result = judge(seen);
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_TRUE(result.not_before);
}

TEST(ValidationOfAlarms, BelievesCleanPointsBeforeTheStateFollows) {
  auto seen = healthy_observation(noon + seconds(130), "v1", '1', 7);
  seen.alarms = {alarm(AlarmState::alarm, noon - minutes(3))};
  seen.alarms[0].points = {{noon - seconds(60), true}, {noon + seconds(1), false}};
  EXPECT_EQ(judge(seen).verdict, Verdict::passed);
}

TEST(ValidationOfAlarms, FailsByPointsThatBreachAfterTheSwitch) {
  auto seen = healthy_observation(noon + seconds(130), "v1", '1', 7);
  seen.alarms = {alarm(AlarmState::alarm, noon - minutes(3))};
  seen.alarms[0].points = {{noon + seconds(1), true}};
  const auto result = judge(seen);
  EXPECT_EQ(result.verdict, Verdict::failed);
  ASSERT_EQ(result.failed_alarms.size(), 1U);
}

TEST(ValidationOfAlarms, FailsByOneThatTurnedRedAfterTheSwitchEvenAtAGlance) {
  Observation glance{.at = noon + seconds(70), .alarms_only = true};
  glance.alarms = {alarm(AlarmState::alarm, noon + seconds(65))};
  EXPECT_EQ(judge(glance).verdict, Verdict::failed);
}

// What it saw may all be from before: the period that straddles the switch is not over.
TEST(ValidationOfAlarms, WaitsForOneThatTurnedRedWithinTheLastPeriodBeforeTheSwitch) {
  Observation glance{.at = noon + seconds(20), .alarms_only = true};
  glance.alarms = {alarm(AlarmState::alarm, noon + seconds(5))};
  EXPECT_NE(judge(glance).verdict, Verdict::failed);
}

TEST(ValidationOfAlarms, FailsByOneThatCouldHaveClearedLongAgo) {
  auto seen = healthy_observation(noon + minutes(10), "v1", '1', 7);
  seen.alarms = {alarm(AlarmState::alarm, noon - minutes(3))};
  EXPECT_EQ(judge(seen).verdict, Verdict::failed);
}

TEST(ValidationOfAlarms, ForgivesOneThatWasRedBeforeTheDeployment) {
  auto expected = expecting();
  expected.baseline = {{"kiro-worker-production-errors", AlarmState::alarm}};
  auto seen = healthy_observation(noon + minutes(10), "v1", '1', 7);
  seen.alarms = {alarm(AlarmState::alarm, noon - hours(9))};
  EXPECT_EQ(judge(seen, expected).verdict, Verdict::passed);
}

TEST(ValidationOfAlarms, TakesMissingDataAsPositiveOnlyBesideOtherEvidence) {
  auto seen = healthy_observation(noon + minutes(2), "v1", '1', 7);
  seen.alarms = {alarm(AlarmState::insufficient_data, noon)};
  EXPECT_EQ(judge(seen).verdict, Verdict::passed);
  seen.health.clear();
  EXPECT_EQ(judge(seen).verdict, Verdict::inconclusive);
}

TEST(ValidationOfAlarms, MissesOneThatVanished) {
  auto expected = expecting();
  expected.baseline = {{"kiro-worker-production-errors", AlarmState::ok}};
  auto seen = healthy_observation(noon + minutes(2), "v1", '1', 7);
  seen.alarms.clear();
  EXPECT_EQ(judge(seen, expected).verdict, Verdict::inconclusive);
}

TEST(ValidationOfAlarms, AcceptsWhatAPersonAccepted) {
  auto expected = expecting();
  expected.accepted = {{"alarm kiro-worker-production-errors", "accepted by alice"}};
  auto seen = healthy_observation(noon + minutes(10), "v1", '1', 7);
  seen.alarms = {alarm(AlarmState::alarm, noon - minutes(3))};
  EXPECT_EQ(judge(seen, expected).verdict, Verdict::passed);
}

Validation judge_logs(LogsSeen logs, Instant at) {
  auto seen = healthy_observation(at, "v1", '1', 7);
  seen.logs = {std::move(logs)};
  return judge(seen);
}

TEST(ValidationOfLogs, FailsByACriticalLine) {
  EXPECT_EQ(judge_logs({.name = "app", .critical = 1}, noon + minutes(2)).verdict, Verdict::failed);
}

TEST(ValidationOfLogs, ForgivesErrorsWhileStartingOnceItIsQuiet) {
  EXPECT_EQ(judge_logs({.name = "app", .errors = 3, .last_error_at = noon + seconds(10)},
                       noon + seconds(90))
                .verdict,
            Verdict::passed);
  EXPECT_EQ(judge_logs({.name = "app", .errors = 3, .last_error_at = noon + seconds(50)},
                       noon + seconds(90))
                .verdict,
            Verdict::inconclusive);
}

TEST(ValidationOfLogs, FailsByErrorsThatGoOn) {
  EXPECT_EQ(judge_logs({.name = "app", .errors = 30, .last_error_at = noon + seconds(170)},
                       noon + seconds(180))
                .verdict,
            Verdict::failed);
}

TEST(ValidationOfLogs, HoldsErrorsAgainstTheUsualRate) {
  EXPECT_EQ(judge_logs({.name = "app",
                        .errors = 4,
                        .usual_errors_per_minute = 3,
                        .last_error_at = noon + seconds(110)},
                       noon + minutes(2))
                .verdict,
            Verdict::passed);
}

TEST(ValidationOfLogs, DoesNotTakeAnUnreadableFileForAQuietOne) {
  EXPECT_EQ(
      judge_logs({.name = "app", .seen = false, .detail = "denied"}, noon + minutes(2)).verdict,
      Verdict::inconclusive);
}

}  // namespace
}  // namespace stepback
