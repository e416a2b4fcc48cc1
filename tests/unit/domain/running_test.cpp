// SPDX-License-Identifier: Apache-2.0
#include "domain/running.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

constexpr Instant noon{1'769'500'800'000};
const RunId id{"run-1"};

std::vector<StagePlan> stages() {
  return {{.name = "build", .command = {"make"}},
          {.name = "deploy-test", .kind = StageKind::deploy, .environment = Environment{"test"}},
          {.name = "approval", .kind = StageKind::approval, .limit = hours(1)},
          {.name = "deploy-live", .kind = StageKind::deploy, .environment = Environment{"live"}}};
}

Head begun() {
  auto change = begin_run({}, {.version = {"v2"}, .by = "alice", .stages = stages()}, noon, id);
  EXPECT_TRUE(change);
  return change->service;
}

Head asking() {
  auto change = ask_approval(begun(), id, 2, stages()[2], noon);
  EXPECT_TRUE(change);
  return change->service;
}

TEST(ARun, IsTheOnlyOneOfItsService) {
  const auto second = begin_run(begun(), {.version = {"v3"}, .stages = stages()}, noon, {"run-2"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_NE(second.error().message.find("run-1"), std::string::npos);
}

TEST(ARun, EndsWithTheStageThatFailsAndPeopleAreTold) {
  const auto change =
      end_stage(begun(), id, 1, {.state = StageState::failed, .why = "exit status 2"}, noon);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->service.run->state, RunState::failed);
  EXPECT_EQ(change->service.run->stages[3].state, StageState::waiting);
  ASSERT_EQ(change->notices.size(), 1U);
  EXPECT_EQ(change->notices[0].kind, NoticeKind::run_ended);
  EXPECT_EQ(change->notices[0].failed_step, "deploy-test");
}

TEST(ARun, HasPassedAfterItsLastStage) {
  const auto change = end_stage(begun(), id, 3, {}, noon);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->service.run->state, RunState::passed);
  EXPECT_TRUE(change->notices.empty());
}

TEST(ARun, IsNotChangedByOneThatItReplaced) {
  const auto change = end_stage(begun(), {"run-0"}, 0, {}, noon);
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().code, Code::conflict);
}

TEST(AnApproval, IsAskedWithAnEndAndAnsweredOnce) {
  const auto head = asking();
  EXPECT_EQ(head.run->approval->until, noon + hours(1));
  const auto given = answer_approval(head, {.approved = true, .by = "bob"}, noon + minutes(1));
  ASSERT_TRUE(given);
  EXPECT_FALSE(approval_end(*given->service.run, noon + hours(2)));
  const auto again = answer_approval(given->service, {.by = "eve"}, noon + minutes(2));
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("bob has approved"), std::string::npos);
}

TEST(AnApproval, ThatIsRefusedEndsTheRunAndIsNoFailure) {
  auto refused = answer_approval(asking(), {.by = "bob", .reason = "campaign"}, noon + minutes(1));
  ASSERT_TRUE(refused);
  const auto end = approval_end(*refused->service.run, noon + minutes(2));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->state, StageState::stopped);
  const auto ended = end_stage(refused->service, id, 2, *end, noon + minutes(2));
  EXPECT_EQ(ended->service.run->state, RunState::rejected);
}

TEST(AnApproval, IsForSomebodyElseThanWhoStartedTheRunWhereThatIsWanted) {
  auto head = asking();
  head.run->approval->second_person = true;
  const ApprovalAnswer own{.approved = true, .by = head.run->started_by};
  EXPECT_EQ(answer_approval(head, own, noon + minutes(1)).error().code, Code::denied);
  EXPECT_TRUE(answer_approval(head, {.by = head.run->started_by}, noon + minutes(1)))
      << "whoever started it may still end it";
  EXPECT_TRUE(answer_approval(head, {.approved = true, .by = "bob"}, noon + minutes(1)));
}

TEST(AnApproval, CannotBeGivenWhenTheQuestionNoLongerStands) {
  const auto late = answer_approval(asking(), {.approved = true, .by = "bob"}, noon + hours(1));
  EXPECT_FALSE(late);
  const auto end = approval_end(*asking().run, noon + hours(1));
  ASSERT_TRUE(end);
  const auto ended = end_stage(asking(), id, 2, *end, noon + hours(1));
  EXPECT_EQ(ended->service.run->state, RunState::expired);
}

TEST(AFailedStage, ConcernsItsEnvironmentOrAllThatComeLater) {
  auto plans = stages();
  EXPECT_EQ(concerned_by(plans, 0), (Environments{{"test"}, {"live"}}));
  EXPECT_EQ(concerned_by(plans, 1), (Environments{{"test"}}));
  EXPECT_EQ(concerned_by(plans, 2), (Environments{{"live"}}));
}

TEST(AStagesPlan, HasTheVersionFilledIn) {
  const auto plan = for_version({.command = {"make", "V={version}"}, .from = "out/{version}/x"},
                                {"v2-{version}"});
  EXPECT_EQ(plan.command[1], "V=v2-{version}");
  EXPECT_EQ(plan.from, "out/v2-{version}/x");
}

}  // namespace
}  // namespace stepback
