// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/pipeline_rollback.hpp"

#include <gtest/gtest.h>

#include "unit/aws/delivery_fixture.hpp"

namespace stepback::aws {
namespace {

std::string stage(const std::string& execution, const std::string& status,
                  const std::string& type = "STANDARD") {
  return R"({"stageStates":[{"stageName":"Deploy","latestExecution":{"pipelineExecutionId":")" +
         execution + R"(","status":")" + status + R"(","type":")" + type + R"("}}]})";
}
// The list is asked for all executions and for those that succeeded in the stage: the same here.
constexpr auto listed = R"({"pipelineExecutionSummaries":[
  {"pipelineExecutionId":"e-4","status":"Failed","executionType":"ROLLBACK",
   "rollbackMetadata":{"rollbackTargetPipelineExecutionId":"e-1"}},
  {"pipelineExecutionId":"e-3","status":"Succeeded","executionType":"STANDARD",
   "sourceRevisions":[{"actionName":"Source","revisionId":"bad5678abc"}]},
  {"pipelineExecutionId":"e-2","status":"Succeeded","executionType":"ROLLBACK",
   "rollbackMetadata":{"rollbackTargetPipelineExecutionId":"e-1"},
   "sourceRevisions":[{"actionName":"Source","revisionId":"good1234abc"}]},
  {"pipelineExecutionId":"e-1","status":"Succeeded","executionType":"STANDARD",
   "sourceRevisions":[{"actionName":"Source","revisionId":"good1234abc"}]}]})";

class RollbackOfAStage : public DeliveryTest {
 protected:
  RollbackOfAStage() : DeliveryTest(CodePipelines::dialect) {
    says("ListPipelineExecutions", listed);
    says("RollbackStage", R"({"pipelineExecutionId":"e-9"})");
  }
  void lists(const std::string& status) {
    forget("ListPipelineExecutions");
    says("ListPipelineExecutions",
         R"({"pipelineExecutionSummaries":[{"pipelineExecutionId":"e-9","status":")" + status +
             R"(","executionType":"ROLLBACK"}]})");
  }
  const Switch change{.environment = {"test"},
                      .version = {"good1234"},
                      .digest = {},
                      .operation = 7,
                      .key = "rb-1/stage/test/application/7"};
  PipelineRollback rollback{{{.environment = {"test"}}}, *service, clock};
};

TEST_F(RollbackOfAStage, GoesBackToTheExecutionOfTheVersionAndFollowsIt) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::under_way);
  EXPECT_NE(body("RollbackStage").find(R"("targetPipelineExecutionId":"e-1")"), std::string::npos);
  // It may take a moment until it is listed.
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::under_way);
  lists("InProgress");
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::under_way);
  lists("Succeeded");
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::done);
  EXPECT_EQ(times("RollbackStage"), 1u);
}

TEST_F(RollbackOfAStage, ALostAnswerIsNotRepeatedButFoundInTheStage) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  forget("RollbackStage");
  loses("RollbackStage");
  const auto lost = rollback.begin_or_look(change);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Code::timeout);
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::under_way);
  EXPECT_EQ(times("RollbackStage"), 1u);
  forget("GetPipelineState");
  says("GetPipelineState", stage("e-4", "Succeeded", "ROLLBACK"));
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::done);
  EXPECT_EQ(times("RollbackStage"), 1u);
}

TEST_F(RollbackOfAStage, ARequestThatNeverArrivedIsSentAgainAfterItsTime) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  forget("RollbackStage");
  loses("RollbackStage");
  says("RollbackStage", R"({"pipelineExecutionId":"e-9"})");
  EXPECT_FALSE(rollback.begin_or_look(change));
  clock.wait(seconds(21));
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::under_way);
  EXPECT_EQ(times("RollbackStage"), 2u);
}

TEST_F(RollbackOfAStage, ARollbackToAnotherExecutionIsNotOurs) {
  says("GetPipelineState", stage("e-4", "Succeeded", "ROLLBACK"));
  auto other = change;
  other.version = {"bad5678"};
  EXPECT_EQ(rollback.begin_or_look(other).value(), Progress::under_way);
  EXPECT_NE(body("RollbackStage").find(R"("targetPipelineExecutionId":"e-3")"), std::string::npos);
}

TEST_F(RollbackOfAStage, OneThatFailedIsAnErrorOfItsKey) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  ASSERT_TRUE(rollback.begin_or_look(change));
  lists("Failed");
  const auto failed = rollback.begin_or_look(change);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("Failed"), std::string::npos);
  EXPECT_EQ(times("RollbackStage"), 1u);
}

TEST_F(RollbackOfAStage, AnEarlierFailureIsTriedAgain) {
  says("GetPipelineState", stage("e-4", "Failed", "ROLLBACK"));
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::under_way);
  EXPECT_EQ(times("RollbackStage"), 1u);
}

TEST_F(RollbackOfAStage, NothingIsSentWhileSomethingRunsThere) {
  says("GetPipelineState", stage("e-3", "InProgress"));
  EXPECT_EQ(rollback.begin_or_look(change).value(), Progress::under_way);
  EXPECT_EQ(times("RollbackStage"), 0u);
}

TEST_F(RollbackOfAStage, AVersionThatNeverRanThereIsNamed) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  auto unknown = change;
  unknown.version = {"other999"};
  const auto failed = rollback.begin_or_look(unknown);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::not_found);
  EXPECT_NE(failed.error().message.find("other999"), std::string::npos);
  EXPECT_EQ(times("RollbackStage"), 0u);
}

TEST_F(RollbackOfAStage, AShortBeginningIsNoCommit) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  auto brief = change;
  brief.version = {"good12"};
  EXPECT_FALSE(rollback.begin_or_look(brief));
}

TEST_F(RollbackOfAStage, WithoutRevisionsItGoesBackByOne) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  PipelineRollback by_order({{.environment = {"test"}, .by_revision = false}}, *service, clock);
  EXPECT_EQ(by_order.begin_or_look(change).value(), Progress::under_way);
  EXPECT_NE(body("RollbackStage").find(R"("targetPipelineExecutionId":"e-1")"), std::string::npos);
}

TEST_F(RollbackOfAStage, AnExecutionFromBeforeAChangeOfThePipelineIsRefused) {
  says("GetPipelineState", stage("e-3", "Succeeded"));
  forget("RollbackStage");
  refuses("RollbackStage", "PipelineExecutionOutdatedException");
  const auto failed = rollback.begin_or_look(change);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::invalid);
  EXPECT_NE(failed.error().message.find("has changed since"), std::string::npos);
}

TEST_F(RollbackOfAStage, WithoutASourceNothingFollowsASwitch) {
  auto elsewhere = change;
  elsewhere.environment = {"other"};
  EXPECT_EQ(stage_after_switch(rollback).begin_or_look(elsewhere).value(), Progress::done);
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace stepback::aws
