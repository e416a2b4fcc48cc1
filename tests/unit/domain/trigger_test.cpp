// SPDX-License-Identifier: Apache-2.0
#include "domain/trigger.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::deployment;
using support::noon;

Signal red_alarm() {
  Signal signal{.name = "kiro-worker-production-errors",
                .at = noon - seconds(10),
                .reason = "errors above 1%"};
  return signal;
}

SignalContext context() {
  SignalContext made{.head = support::head_running("v2", '2'),
                     .roles = {.trigger = true, .validate = true}};
  made.current = deployment("v2", '2');
  made.current->baseline = {{"kiro-worker-production-errors", AlarmState::ok}};
  return made;
}

Judgement judged(const Signal& signal, const SignalContext& given, Policy policy = {}) {
  return judge(signal, given, noon, policy);
}

TEST(Judging, OpensARollbackOfABakingDeployment) {
  const auto judgement = judged(red_alarm(), context());
  EXPECT_EQ(judgement.disposition, Disposition::opened);
  EXPECT_EQ(judgement.attribution.likelihood, Likelihood::likely);
  ASSERT_TRUE(judgement.opening);
  EXPECT_EQ(judgement.opening->rejected.version.text, "v2");
}

TEST(Judging, IgnoresAnAlarmThatIsOk) {
  auto signal = red_alarm();
  signal.state = AlarmState::ok;
  EXPECT_EQ(judged(signal, context()).disposition, Disposition::ignored);
}

TEST(Judging, WarnsAndLeavesWhenNothingIsDeployed) {
  auto given = context();
  given.current.reset();
  const auto judgement = judged(red_alarm(), given);
  EXPECT_EQ(judgement.disposition, Disposition::ignored);
  EXPECT_EQ(judgement.why, "no active deployment");
}

TEST(Judging, OnlyTellsOfAnAlarmAfterTheBakeTime) {
  auto given = context();
  given.current->ended_at = noon - hours(5);
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::notified);
}

TEST(Judging, OpensForAVersionThatNobodyCouldJudgeWhenItsBakeWasOver) {
  auto given = context();
  given.current->ended_at = noon - given.current->bake - minutes(1);
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::opened);
  given.current->good_at = noon - seconds(30);
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::notified);
}

TEST(Judging, NeverRollsARollbackBack) {
  auto given = context();
  given.current->kind = DeploymentKind::rollback;
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::notified);
}

TEST(Judging, TakesADeploymentUpOnce) {
  auto given = context();
  given.current->rollback = RollbackId{"rb-1"};
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::notified);
}

TEST(Judging, IsStaleWhenTheEventIsOldOrOlderThanTheDeployment) {
  auto signal = red_alarm();
  signal.at = noon - minutes(30);
  EXPECT_EQ(judged(signal, context()).disposition, Disposition::stale);
  signal.at = noon - minutes(15);  // the deployment began ten minutes ago
  EXPECT_EQ(judged(signal, context()).disposition, Disposition::stale);
}

TEST(Judging, RejectsTheFutureAndStrangers) {
  auto signal = red_alarm();
  signal.at = noon + hours(1);
  EXPECT_EQ(judged(signal, context()).disposition, Disposition::rejected);
  auto given = context();
  given.known_source = false;
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::rejected);
}

TEST(Judging, JoinsARollbackThatIsUnderWay) {
  auto given = context();
  given.head.slot = RollbackId{"rb-1"};
  const auto judgement = judged(red_alarm(), given);
  EXPECT_EQ(judgement.disposition, Disposition::joined);
  EXPECT_EQ(judgement.rollback->text, "rb-1");
}

TEST(Judging, LeavesToPeopleWhatWaitsForPeople) {
  auto given = context();
  given.head.waiting = Waiting{{"rb-1"}, "INC-1", noon};
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::waiting);
}

TEST(Judging, TripsTheBrakeByTheBrakeAlarmAndStartsNothing) {
  auto given = context();
  given.roles = {.brake = true, .notify = true};
  const auto judgement = judged(red_alarm(), given);
  EXPECT_TRUE(judgement.engage_brake);
  EXPECT_FALSE(judgement.opening);
}

TEST(Judging, HoldsWhenTheBudgetOfRollbacksIsUsedUp) {
  auto given = context();
  given.head.automatic = {noon - minutes(20), noon - minutes(5)};
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::held);
  given.head.automatic = {noon - hours(2), noon - minutes(5)};
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::opened);
}

TEST(Judging, DoesNotActOnAnAlarmThatHasClearedMeanwhile) {
  auto given = context();
  given.state_now = AlarmState::ok;
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::ignored);
}

TEST(Judging, HasNothingToRevertBeforeAnythingIsLive) {
  auto given = context();
  given.current->status = DeploymentStatus::failed;
  given.current->cutover_at.reset();
  auto signal = failure_signal(*given.current, "gate");
  signal.at = noon;
  const auto judgement = judged(signal, given);
  EXPECT_EQ(judgement.disposition, Disposition::notified);
  EXPECT_NE(judgement.why.find("nothing to revert"), std::string::npos);
}

TEST(Judging, SaysWhatItWouldDoInShadowMode) {
  Policy policy;
  policy.automatic = false;
  const auto judgement = judged(red_alarm(), context(), policy);
  EXPECT_EQ(judgement.disposition, Disposition::shadowed);
  EXPECT_FALSE(judgement.opening);
}

TEST(Attributing, SaysUnlikelyForWhatWasRedBefore) {
  auto given = context();
  given.current->baseline = {{"kiro-worker-production-errors", AlarmState::alarm}};
  EXPECT_EQ(attribute(red_alarm(), given).likelihood, Likelihood::unlikely);
  EXPECT_EQ(judged(red_alarm(), given).disposition, Disposition::notified);
}

TEST(Attributing, SaysUnlikelyForABreachBeforeTheSwitch) {
  auto signal = red_alarm();
  signal.first_breach = noon - minutes(30);
  EXPECT_EQ(attribute(signal, context()).likelihood, Likelihood::unlikely);
}

TEST(Attributing, SaysUnlikelyWhenOthersAreRedWithoutThisVersion) {
  auto given = context();
  given.elsewhere = {{{"staging"}, true}};
  EXPECT_EQ(attribute(red_alarm(), given).likelihood, Likelihood::unlikely);
}

TEST(Attributing, SaysUnknownWithoutABaseline) {
  auto given = context();
  given.current->baseline.clear();
  EXPECT_EQ(attribute(red_alarm(), given).likelihood, Likelihood::unknown);
}

TEST(ContentKeys, NameTheFactAndNotTheMessage) {
  auto again = red_alarm();
  again.source = "reconciler";
  again.reason = "worded otherwise";
  EXPECT_EQ(content_key(red_alarm()), content_key(again));
  again.at = again.at + seconds(1);
  EXPECT_NE(content_key(red_alarm()), content_key(again));
}

Signal failed_gate(const std::string& version) {
  Signal signal{.kind = SignalKind::gate_failed, .name = "scan", .at = noon - seconds(10)};
  signal.reason = "1 finding counts: CVE-2021-44906 (critical)";
  signal.version = {version};
  signal.findings = {"CVE-2021-44906"};
  return signal;
}

TEST(JudgingAVersion, TakesBackWhatRunsOfItWithWhatWasFound) {
  const auto judgement = judged(failed_gate("v2"), context());
  EXPECT_EQ(judgement.disposition, Disposition::opened);
  ASSERT_TRUE(judgement.opening);
  EXPECT_EQ(judgement.opening->findings, std::vector<std::string>{"CVE-2021-44906"});
  EXPECT_EQ(judgement.attribution.likelihood, Likelihood::likely);
}

TEST(JudgingAVersion, KeepsOutWhatWasNeverDeployedAndTouchesNothing) {
  const auto judgement = judged(failed_gate("v3"), context());
  EXPECT_EQ(judgement.disposition, Disposition::blocked);
  EXPECT_FALSE(judgement.opening);
  ASSERT_TRUE(judgement.hold);
  EXPECT_EQ(judgement.hold->version.text, "v3");
  EXPECT_EQ(judgement.hold->by, held_by_gate(GateKind::scan));
}

TEST(JudgingAVersion, KeepsItOutAlsoWhileARollbackHasTheEnvironment) {
  auto given = context();
  given.head.slot = RollbackId{"rb-1"};
  EXPECT_EQ(judged(failed_gate("v3"), given).disposition, Disposition::blocked);
  EXPECT_EQ(judged(failed_gate("v2"), given).disposition, Disposition::joined);
}

TEST(JudgingAVersion, KeepsOutOneThatIsBeingDeployedAndNotYetLive) {
  auto given = context();
  given.head.live = support::release("v1", '1');
  given.current->status = DeploymentStatus::in_progress;
  given.current->cutover_at.reset();
  given.current->ended_at.reset();
  const auto judgement = judged(failed_gate("v2"), given);
  EXPECT_EQ(judgement.disposition, Disposition::blocked);
  EXPECT_EQ(judgement.hold->digest, given.current->digest);
}

TEST(JudgingAVersion, OnlyTellsOfOneThatIsGoodAndRuns) {
  auto given = context();
  given.current->good_at = noon - minutes(1);
  given.current->ended_at = noon - hours(5);
  EXPECT_EQ(judged(failed_gate("v2"), given).disposition, Disposition::notified);
}

TEST(JudgingAVersion, NeverTakesBackAnotherVersionThanTheOneThatFailed) {
  auto stage = failed_gate("v3");
  stage.kind = SignalKind::stage_failed;
  stage.name = "kiro-pipeline-production/Deploy";
  EXPECT_FALSE(judged(stage, context()).opening);
  stage.version = {};  // it does not say which: what bakes is not to blame for the next one's build
  EXPECT_EQ(judged(stage, context()).disposition, Disposition::notified);
}

TEST(JudgingAVersion, IsUnsureOfANamelessFailureWhileSomethingIsDeployed) {
  auto given = context();
  given.current->status = DeploymentStatus::in_progress;
  given.current->ended_at.reset();
  auto stage = failed_gate("");
  stage.kind = SignalKind::stage_failed;
  const auto judgement = judged(stage, given);
  EXPECT_EQ(judgement.attribution.likelihood, Likelihood::unknown);
  EXPECT_EQ(judgement.disposition, Disposition::opened);
  Policy careful;
  careful.act_when_unknown = false;
  EXPECT_EQ(judged(stage, given, careful).disposition, Disposition::notified);
}

TEST(Attributing, SaysUnlikelyWhileTheProviderIsInTrouble) {
  auto given = context();
  given.provider_trouble = {"kiro-provider-production-health"};
  EXPECT_EQ(attribute(red_alarm(), given).likelihood, Likelihood::unlikely);
}

TEST(Attributing, NamesAPredecessorThatWasNotYetKnownToBeGood) {
  auto given = context();
  given.before = deployment("v1", '1');
  const auto evidence = attribute(red_alarm(), given).evidence;
  EXPECT_NE(evidence.back().find("v1 before it was not yet known to be good"), std::string::npos)
      << evidence.back();
}

TEST(ManualRequests, AreRefusedWhileSomebodyHasTheEnvironment) {
  auto given = context();
  given.head.slot = RollbackId{"rb-1"};
  const auto refused = judge(ManualRequest{.environment = support::production()}, given);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_NE(refused.error().message.find("rb-1"), std::string::npos);
}

}  // namespace
}  // namespace stepback
