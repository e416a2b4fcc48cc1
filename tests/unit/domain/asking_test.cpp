// SPDX-License-Identifier: Apache-2.0
#include "domain/asking.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

ManualRequest wanted_by_alice() {
  ManualRequest request{
      .environment = support::production(), .reason = "checkout fails", .requested_by = "alice"};
  request.wish.target = Version{"v1"};
  return request;
}

Head asked() {
  return ask_for_rollback(support::head_running("v2", '2'), wanted_by_alice(), noon)->head;
}

TEST(AskingForARollback, IsOnRecordAndPagesWhoCanAgree) {
  const auto change =
      ask_for_rollback(support::head_running("v2", '2'), wanted_by_alice(), noon).value();
  EXPECT_EQ(change.journal.at(0).kind, "rollback.asked");
  const auto& notice = change.notices.at(0);
  EXPECT_EQ(notice.kind, NoticeKind::approval_wanted);
  EXPECT_EQ(notice.next_command, "stepback approve production --reason TEXT");
  EXPECT_EQ(notice.deadline, noon + question_stands);
}

TEST(AskingForARollback, IsAgreedToBySomebodyElseWhoIsNamedInIt) {
  const auto request = agreed_request(asked(), "bob", "seen it too", noon + minutes(5));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->requested_by, "alice");
  EXPECT_EQ(request->wish.target, Version{"v1"});
  EXPECT_EQ(request->agreed, "agreed to by bob: seen it too");
  const auto opening =
      judge(*request, {.head = asked(), .current = support::deployment("v2", '2')});
  ASSERT_TRUE(opening);
  EXPECT_EQ(opening->evidence, std::vector<std::string>{request->agreed});
}

TEST(AskingForARollback, IsNotAgreedToByWhoAskedNorTooLate) {
  EXPECT_EQ(agreed_request(asked(), "alice", "sure", noon).error().code, Code::denied);
  EXPECT_EQ(agreed_request(asked(), "bob", "sure", noon + question_stands).error().code,
            Code::not_found);
  EXPECT_EQ(agreed_request({}, "bob", "sure", noon).error().code, Code::not_found);
}

TEST(AskingForARollback, IsWantedOfAFullOneWhereAnyEnvironmentWantsIt) {
  const Environments seconded{support::production()};
  auto request = wanted_by_alice();
  EXPECT_TRUE(wants_second_person(request, seconded));
  request.environment = {"test"};
  EXPECT_FALSE(wants_second_person(request, seconded));
  request.level = Level::full;
  EXPECT_TRUE(wants_second_person(request, seconded));
  request.agreed = "agreed to by bob: yes";
  EXPECT_FALSE(wants_second_person(request, seconded));
}

TEST(AskingForARollback, CanBeRefusedOnce) {
  const auto change = refuse_request(asked(), "bob", "it is the network", noon).value();
  EXPECT_FALSE(change.head.asked);
  EXPECT_EQ(change.journal.at(0).actor, "bob");
  EXPECT_EQ(refuse_request(change.head, "bob", "", noon).error().code, Code::not_found);
}

TEST(AskingForARollback, EndsWithWhateverRollbackIsOpened) {
  World world{.environments = {support::production()}};
  world.heads.push_back({asked()});
  world.deployments.push_back({support::deployment("v2", '2')});
  Opening opening{.environment = support::production()};
  opening.rejected = support::release("v2", '2');
  opening.deployment = {"dep-v2"};
  const auto decision = open(std::move(world), opening, noon, {}, {1});
  EXPECT_FALSE(decision.next.heads.front().value.asked);
}

}  // namespace
}  // namespace stepback
