// SPDX-License-Identifier: Apache-2.0
#include "domain/deploying.hpp"

#include <gtest/gtest.h>

#include "domain/advance.hpp"
#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

DeployChange begun() {
  Head head;
  head.environment = {"production"};
  DeployRequest request;
  request.environment = {"production"};
  request.version = {"v2"};
  request.started_by = "alice";
  return begin_deployment(head, {}, request, noon, {}, {"dep-1"}).value();
}

TEST(Deploying, TellsOfNothingWhenItBegins) { EXPECT_TRUE(begun().notices.empty()); }

TEST(Deploying, TellsOnceThatItSucceededAndHowLongItTook) {
  const auto change = begun();
  const auto done = succeed_deployment(change.head, change.deployment, noon + seconds(95)).value();
  ASSERT_EQ(done.notices.size(), 1u);
  const Notice& notice = done.notices[0];
  EXPECT_EQ(notice.kind, NoticeKind::deployment_ended);
  EXPECT_EQ(notice.key, "dep-1/ended");
  EXPECT_EQ(notice.severity, Severity::info);
  EXPECT_EQ(notice.environment.name, "production");
  EXPECT_EQ(notice.current_version.text, "v2");
  EXPECT_EQ(notice.at, noon + seconds(95));
  EXPECT_EQ(notice.took, seconds(95));
  EXPECT_EQ(notice.requested_by, "alice");
  EXPECT_EQ(notice.validation_status, "success");
}

TEST(Deploying, TellsThatItFailedAndWhy) {
  const auto change = begun();
  const auto done =
      fail_deployment(change.head, change.deployment, "no disk", noon + seconds(5)).value();
  ASSERT_EQ(done.notices.size(), 1u);
  EXPECT_EQ(done.notices[0].validation_status, "failed");
  EXPECT_EQ(done.notices[0].reason, "no disk");
}

// --- corrected by hand ---------------------------------------------------------------------------

AmendRequest amendment(DeploymentStatus status) {
  return {.status = status, .ended_at = {}, .by = "bob", .reason = "it died on the runner"};
}

TEST(Amending, EndsWhatIsStillInProgressAndTellsOfIt) {
  const auto change = begun();
  const auto done = amend_deployment(change.head, change.deployment,
                                     amendment(DeploymentStatus::failed), noon + minutes(9))
                        .value();
  EXPECT_EQ(done.deployment.status, DeploymentStatus::failed);
  EXPECT_EQ(done.deployment.ended_at, noon + minutes(9));
  EXPECT_EQ(done.deployment.failure, "it died on the runner");
  ASSERT_EQ(done.notices.size(), 1u);
  EXPECT_EQ(done.notices[0].kind, NoticeKind::deployment_ended);
}

TEST(Amending, KeepsWhatWasSaidBeforeWithWhoAndWhy) {
  auto deployment = support::deployment("v1", '1', DeploymentStatus::failed);
  deployment.failure = "no disk";
  deployment.ended_at = noon - days(1);
  Head head;
  head.environment = {"production"};
  const auto done =
      amend_deployment(head, deployment, amendment(DeploymentStatus::rolled_back), noon).value();
  ASSERT_EQ(done.deployment.amendments.size(), 1u);
  EXPECT_EQ(done.deployment.amendments[0], (Amendment{.at = noon,
                                                      .by = "bob",
                                                      .reason = "it died on the runner",
                                                      .from = DeploymentStatus::failed,
                                                      .to = DeploymentStatus::rolled_back,
                                                      .ended_before = noon - days(1)}));
  EXPECT_EQ(done.deployment.failure, "no disk");
  EXPECT_EQ(done.deployment.rollback_level, "manual");
  ASSERT_EQ(done.journal.size(), 1u);
  EXPECT_EQ(done.journal[0].kind, "record.amended");
  EXPECT_EQ(done.journal[0].actor, "bob");
  EXPECT_EQ(done.journal[0].deployment, deployment.id);
  EXPECT_TRUE(done.notices.empty());
}

TEST(Amending, LeavesNothingGoodThatWasNotJudgedAnew) {
  auto deployment = support::deployment("v1", '1', DeploymentStatus::succeeded);
  deployment.good_at = noon - days(1);
  Head head;
  head.environment = {"production"};
  const auto done =
      amend_deployment(head, deployment, amendment(DeploymentStatus::failed), noon).value();
  EXPECT_FALSE(done.deployment.good_at);
}

TEST(Amending, RefusesToFailWhatRunsForThatIsARollback) {
  const auto change = begun();
  const auto live = note_cutover(change.head, change.deployment, noon).value();
  const auto refused =
      amend_deployment(live.head, live.deployment, amendment(DeploymentStatus::failed), noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_TRUE(
      amend_deployment(live.head, live.deployment, amendment(DeploymentStatus::rolled_back), noon));
}

TEST(Amending, RefusesAnEndBeforeItsStartInTheFutureOrToNothingNew) {
  const auto change = begun();
  auto wanted = amendment(DeploymentStatus::failed);
  for (const auto end : {noon - seconds(1), noon + minutes(10)}) {
    wanted.ended_at = end;
    const auto refused =
        amend_deployment(change.head, change.deployment, wanted, noon + minutes(9));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::invalid);
  }
  EXPECT_FALSE(amend_deployment(change.head, change.deployment,
                                amendment(DeploymentStatus::in_progress), noon));
  auto failed = change.deployment;
  failed.status = DeploymentStatus::failed;
  EXPECT_FALSE(amend_deployment(change.head, failed, amendment(DeploymentStatus::failed), noon));
}

TEST(Amending, WaitsForARollbackThatIsThere) {
  auto change = begun();
  change.head.slot = RollbackId{"rb-1"};
  const auto refused =
      amend_deployment(change.head, change.deployment, amendment(DeploymentStatus::failed), noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
}

TEST(HandingBack, TellsOfEachThingThatPeopleWereWokenFor) {
  Head head;
  head.environment = {"production"};
  head.brake = Brake{"three in an hour", noon - hours(1)};
  head.waiting = Waiting{{"rb-1"}, "INC-1", noon - hours(1)};
  const auto change = hand_back(head, "bob", "looked at it", noon).value();
  ASSERT_EQ(change.notices.size(), 2u);
  EXPECT_EQ(change.notices[0].rollback, RollbackId{"rb-1"});
  EXPECT_FALSE(change.notices[1].rollback);
  EXPECT_NE(change.notices[0].key, change.notices[1].key);
  for (const auto& notice : change.notices) {
    EXPECT_EQ(notice.kind, NoticeKind::handed_back);
    EXPECT_EQ(notice.requested_by, "bob");
  }
}

TEST(Deploying, TellsThatARollbackEndedIt) {
  World world{.environments = {{"production"}}, .holder = "worker"};
  world.heads.push_back({support::head_running("v2", '2')});
  world.deployments.push_back({support::deployment("v2", '2', DeploymentStatus::in_progress)});
  Opening opening{.environment = {"production"}};
  opening.deployment = {"dep-v2"};
  opening.rejected = support::release("v2", '2');
  opening.reason = "red";
  const auto decision = open(std::move(world), opening, noon, {}, {1});
  ASSERT_EQ(decision.notices.size(), 2u);
  EXPECT_EQ(decision.notices[0].kind, NoticeKind::deployment_ended);
  EXPECT_EQ(decision.notices[0].took, minutes(10));
  EXPECT_EQ(decision.notices[0].validation_status, "failed");
  EXPECT_EQ(decision.notices[1].kind, NoticeKind::rollback_started);
}

DeployRequest one_way_to(const std::string& version) {
  return {.environment = {"production"},
          .version = {version},
          .digest = support::digest('2'),
          .started_by = "alice",
          .one_way = "drops a column"};
}

TEST(Deploying, TellsBeforeTheWayBackCloses) {
  const auto change =
      begin_deployment(support::head_running("v1", '1'), {}, one_way_to("v2"), noon, {}, {"dep-1"});
  ASSERT_TRUE(change);
  ASSERT_EQ(change->notices.size(), 1U);
  EXPECT_EQ(change->notices[0].kind, NoticeKind::door_closes);
  EXPECT_NE(change->notices[0].reason.find("drops a column"), std::string::npos);
}

TEST(Deploying, ClosesTheWayBackOnlyWhenThatIsConfirmedWherePolicyWantsIt) {
  const Policy policy{.refuse_one_way = true};
  auto request = one_way_to("v2");
  const auto head = support::head_running("v1", '1');
  EXPECT_EQ(begin_deployment(head, {}, request, noon, policy, {"dep-1"}).error().code,
            Code::denied);
  request.one_way_confirmed = true;
  EXPECT_TRUE(begin_deployment(head, {}, request, noon, policy, {"dep-1"}));
}

TEST(Deploying, LiftsTheHoldOfTheRollbackItUndoesAndNoPersonsHold) {
  DeployRequest request{
      .environment = {"production"}, .version = {"v2"}, .digest = support::digest('2')};
  request.undoes = RollbackId{"rb-1"};
  auto head = support::head_running("v1", '1');
  add_hold(head,
           {.version = {"v2"}, .digest = support::digest('2'), .rollback = RollbackId{"rb-1"}});
  const auto change = begin_deployment(head, {}, request, noon, {}, {"dep-1"});
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->head.holds.empty());
  EXPECT_EQ(change->journal.front().kind, "hold.lifted");
  head.holds.front().rollback.reset();
  EXPECT_EQ(begin_deployment(head, {}, request, noon, {}, {"dep-1"}).error().code, Code::denied);
}

TEST(SameCommit, IsToldByABeginningOfAWholeName) {
  const std::string whole(40, 'a');
  EXPECT_TRUE(same_commit({"aaaaaaa"}, {whole}));
  EXPECT_TRUE(same_commit({whole}, {std::string(12, 'a')}));
  EXPECT_FALSE(same_commit({"aaaaaa"}, {whole})) << "too short to be sure";
  EXPECT_FALSE(same_commit({"20260127"}, {"2026012701"})) << "dates begin alike";
  EXPECT_FALSE(same_commit({"bbbbbbb"}, {whole}));
  EXPECT_TRUE(same_commit({"v2"}, {"v2"}));
}

}  // namespace
}  // namespace stepback
