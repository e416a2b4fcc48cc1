// SPDX-License-Identifier: Apache-2.0
#include "domain/undo.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

// Production went from v2 back to v1.
Rollback gone_back(const std::string& id = "rb-1") {
  Rollback it{.id = {id}, .environment = support::production(), .reason = "alarm errors"};
  Lane lane{.environment = support::production(), .from = support::release("v2", '2')};
  lane.target = support::candidate("v1", '1');
  lane.cutover_at = noon;
  it.lanes.push_back(lane);
  return it;
}

Head on_v1() { return support::head_running("v1", '1'); }

TEST(Undoing, NamesWhatTheNewestRollbackWentBackFrom) {
  const auto undo = undo_of(on_v1(), std::vector{gone_back("rb-2"), gone_back("rb-1")});
  ASSERT_TRUE(undo);
  EXPECT_EQ(undo->rollback.text, "rb-2");
  EXPECT_EQ(undo->release.version.text, "v2");
}

TEST(Undoing, IsRefusedWhileSomebodyHasTheEnvironmentOrSomethingElseRuns) {
  auto head = on_v1();
  head.slot = RollbackId{"rb-9"};
  EXPECT_EQ(undo_of(head, std::vector{gone_back()}).error().code, Code::conflict);
  EXPECT_EQ(undo_of(support::head_running("v3", '3'), std::vector{gone_back()}).error().code,
            Code::conflict);
}

TEST(Undoing, FindsNothingInRehearsalsAndInWhatNeverSwitched) {
  auto drill = gone_back();
  drill.origin = Origin::drill;
  auto cancelled = gone_back();
  cancelled.lanes[0].cutover_at.reset();
  EXPECT_EQ(undo_of(on_v1(), std::vector{drill, cancelled}).error().code, Code::not_found);
}

TEST(Undoing, LeavesInfrastructureThatWentBackToItsPipeline) {
  auto both = gone_back();
  both.lanes[0].steps.push_back({.kind = StepKind::infrastructure, .attempt = 1});
  EXPECT_EQ(undo_of(on_v1(), std::vector{both}).error().code, Code::denied);
  both.lanes[0].steps[0].attempt = 0;  // it was skipped
  EXPECT_TRUE(undo_of(on_v1(), std::vector{both}));
}

TEST(Undoing, ClosesTheWayBackAgainWhereItWasClosed) {
  auto first = support::deployment("v2", '2');
  first.one_way = "drops a column";
  const auto undo = undo_of(on_v1(), std::vector{gone_back()}).value();
  const auto request = request_to_undo(undo, first, "alice");
  EXPECT_EQ(request.one_way, "drops a column");
  EXPECT_EQ(request.undoes, undo.rollback);
  const Policy strict{.refuse_one_way = true};
  const auto begun = begin_deployment(on_v1(), {}, request, noon, strict, {"dep-9"});
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->deployment.one_way, "drops a column");
}

}  // namespace
}  // namespace stepback
