// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/codepipeline.hpp"

#include <gtest/gtest.h>

#include "adapters/aws/delivery_names.hpp"
#include "unit/aws/delivery_fixture.hpp"

namespace stepback::aws {
namespace {

constexpr auto nothing_runs = R"({"stageStates":[
  {"stageName":"Source","latestExecution":{"pipelineExecutionId":"e-1","status":"Succeeded"}},
  {"stageName":"Deploy","inboundTransitionState":{"enabled":true}}]})";
constexpr auto three_run = R"({"stageStates":[
  {"stageName":"Source","latestExecution":{"pipelineExecutionId":"e-3","status":"InProgress"}},
  {"stageName":"Build","latestExecution":{"pipelineExecutionId":"e-1","status":"Failed"},
   "inboundExecutions":[{"pipelineExecutionId":"e-2","status":"InProgress"}]},
  {"stageName":"Deploy","latestExecution":{"pipelineExecutionId":"e-0","status":"Stopping"},
   "inboundTransitionState":{"enabled":true}}]})";
constexpr auto closed_by_us = R"({"stageStates":[{"stageName":"Deploy",
  "inboundTransitionState":{"enabled":false,"disabledReason":"Stepback - alarm"}}]})";
constexpr auto closed_by_a_person = R"({"stageStates":[{"stageName":"Deploy",
  "inboundTransitionState":{"enabled":false,"disabledReason":"holidays"}}]})";

class CodePipeline : public DeliveryTest {
 protected:
  CodePipeline() : DeliveryTest(CodePipelines::dialect) {
    says("ListPipelineExecutions", R"({"pipelineExecutionSummaries":[]})");
  }
  CodePipelines make(StopMode mode = StopMode::abandon, std::string frozen = "",
                     std::string own = "") {
    return CodePipelines({.sources = {{.environment = test, .mode = mode, .frozen_stage = frozen}},
                          .own_execution = own},
                         *service);
  }
  const Environment test{"test"};
};

TEST_F(CodePipeline, NothingRunningIsSuccess) {
  says("GetPipelineState", nothing_runs);
  const auto stopped = make().stop(test, "alarm");
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(*stopped, "nothing was deploying through kiro-pipeline-test");
  EXPECT_EQ(times("StopPipelineExecution"), 0u);
}

TEST_F(CodePipeline, StopsWhatIsInAnyStageAndWhatWaitsBeforeOne) {
  says("GetPipelineState", three_run);
  says("GetPipelineState", nothing_runs);
  says("StopPipelineExecution", "{}");
  const auto stopped = make().stop(test, "alarm");
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(*stopped, "stopped e-0, e-2, e-3 of kiro-pipeline-test");
  EXPECT_EQ(times("StopPipelineExecution"), 3u);
  EXPECT_NE(body("StopPipelineExecution").find(R"("abandon":true)"), std::string::npos);
}

TEST_F(CodePipeline, FindsExecutionsThatRunInParallelByTheList) {
  forget("ListPipelineExecutions");
  says("ListPipelineExecutions", R"({"pipelineExecutionSummaries":[
    {"pipelineExecutionId":"p-1","status":"InProgress"},
    {"pipelineExecutionId":"p-0","status":"Succeeded"}]})");
  says("ListPipelineExecutions", R"({"pipelineExecutionSummaries":[]})");
  says("GetPipelineState", nothing_runs);
  says("StopPipelineExecution", "{}");
  const auto stopped = make().stop(test, "alarm");
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(*stopped, "stopped p-1 of kiro-pipeline-test");
}

TEST_F(CodePipeline, SaysWhatItMayNotSee) {
  forget("ListPipelineExecutions");
  refuses("ListPipelineExecutions", "AccessDeniedException");
  says("GetPipelineState", nothing_runs);
  const auto stopped = make().stop(test, "alarm");
  ASSERT_TRUE(stopped);
  EXPECT_NE(stopped->find("not allowed to list"), std::string::npos);
}

TEST_F(CodePipeline, WhatStillStopsIsAskedForAgain) {
  says("GetPipelineState", three_run);
  says("StopPipelineExecution", "{}");
  const auto stopped = make().stop(test, "alarm");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::unavailable);
  EXPECT_NE(stopped.error().message.find("still stopping"), std::string::npos);
}

TEST_F(CodePipeline, StoppedAlreadyIsSuccess) {
  for (const auto* type :
       {"PipelineExecutionNotStoppableException", "DuplicatedStopRequestException"}) {
    forget("GetPipelineState");
    forget("StopPipelineExecution");
    says("GetPipelineState", three_run);
    says("GetPipelineState", nothing_runs);
    refuses("StopPipelineExecution", type);
    EXPECT_TRUE(make().stop(test, "alarm")) << type;
  }
}

TEST_F(CodePipeline, WhatOnlyWaitsBeforeAClosedStageHoldsNobodyUp) {
  says("GetPipelineState", three_run);
  refuses("StopPipelineExecution", "PipelineExecutionNotStoppableException");
  EXPECT_TRUE(make().stop(test, "alarm"));
}

TEST_F(CodePipeline, ABusyPipelineIsAskedAgain) {
  says("GetPipelineState", three_run);
  refuses("StopPipelineExecution", "ConflictException");
  const auto stopped = make().stop(test, "alarm");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::unavailable);
}

TEST_F(CodePipeline, AMissingPipelineIsNamedWithWhatToCheck) {
  refuses("GetPipelineState", "PipelineNotFoundException");
  const auto stopped = make().stop(test, "alarm");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::not_found);
  EXPECT_NE(stopped.error().message.find("kiro-pipeline-test"), std::string::npos);
  EXPECT_NE(stopped.error().message.find("region"), std::string::npos);
}

TEST_F(CodePipeline, ADeniedStopSaysSo) {
  says("GetPipelineState", three_run);
  refuses("StopPipelineExecution", "AccessDeniedException");
  const auto stopped = make().stop(test, "alarm");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::denied);
}

TEST_F(CodePipeline, OneThatIsAskedToFinishIsNotAskedTwice) {
  says("GetPipelineState", three_run);
  says("StopPipelineExecution", "{}");
  EXPECT_FALSE(make(StopMode::finish).stop(test, "alarm"));
  EXPECT_EQ(times("StopPipelineExecution"), 2u);  // e-0 is stopping
  EXPECT_NE(body("StopPipelineExecution").find(R"("abandon":false)"), std::string::npos);
}

TEST_F(CodePipeline, PassesOverTheExecutionThatItIsPartOf) {
  says("GetPipelineState", three_run);
  says("StopPipelineExecution", "{}");
  static_cast<void>(make(StopMode::abandon, "", "e-3").stop(test, "alarm"));
  for (const auto& each : asked("StopPipelineExecution"))
    EXPECT_EQ(each.body.find("e-3"), std::string::npos);
}

TEST_F(CodePipeline, TheReasonIsCutAndCleaned) {
  says("GetPipelineState", three_run);
  says("GetPipelineState", nothing_runs);
  says("StopPipelineExecution", "{}");
  ASSERT_TRUE(make().stop(test, "a\nb\x1b[31m" + std::string(400, 'x')));
  const auto sent = json::parse(body("StopPipelineExecution"));
  ASSERT_TRUE(sent);
  const auto reason = json::Reader(*sent).text("reason");
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->size(), 200u);
  EXPECT_TRUE(reason->starts_with("a b [31mxxx")) << *reason;
}

TEST_F(CodePipeline, KeepsTheNextExecutionOutAndLetsItInAgain) {
  says("GetPipelineState", nothing_runs);
  says("DisableStageTransition", "{}");
  auto pipelines = make(StopMode::abandon, "Deploy");
  const auto stopped = pipelines.stop(test, "alarm: \"errors\" > 5%");
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_NE(stopped->find("nothing enters Deploy"), std::string::npos);
  // Only what the service takes in a reason.
  EXPECT_NE(body("DisableStageTransition").find("Stepback - alarm- -errors- - 5-"),
            std::string::npos)
      << body("DisableStageTransition");

  forget("GetPipelineState");
  says("GetPipelineState", closed_by_us);
  says("EnableStageTransition", "{}");
  ASSERT_TRUE(pipelines.stop(test, "alarm"));
  EXPECT_EQ(times("DisableStageTransition"), 1u);
  ASSERT_TRUE(pipelines.thaw(test));
  EXPECT_EQ(times("EnableStageTransition"), 1u);
}

TEST_F(CodePipeline, APersonsFreezeStays) {
  says("GetPipelineState", closed_by_a_person);
  auto pipelines = make(StopMode::abandon, "Deploy");
  ASSERT_TRUE(pipelines.stop(test, "alarm"));
  ASSERT_TRUE(pipelines.thaw(test));
  EXPECT_EQ(times("DisableStageTransition"), 0u);
  EXPECT_EQ(times("EnableStageTransition"), 0u);
}

TEST_F(CodePipeline, AStageThatIsNotThereIsNamed) {
  says("GetPipelineState", nothing_runs);
  const auto stopped = make(StopMode::abandon, "Depoly").stop(test, "alarm");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::not_found);
  EXPECT_NE(stopped.error().message.find("Depoly"), std::string::npos);
}

TEST_F(CodePipeline, SaysItsStateInOneLine) {
  says("GetPipelineState", three_run);
  const auto state = make().state(test);
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->idle);
  EXPECT_EQ(state->text,
            "kiro-pipeline-test: Source InProgress, Build Failed, Deploy Stopping; deploying: e-0 "
            "(stopping), e-2, e-3");
}

TEST_F(CodePipeline, AnEnvironmentWithoutAPipelineHasNothingToStop) {
  const auto stopped = make().stop(Environment{"other"}, "alarm");
  ASSERT_TRUE(stopped);
  EXPECT_NE(stopped->find("no pipeline is configured"), std::string::npos);
  EXPECT_TRUE(log.empty());
}

TEST_F(CodePipeline, AnAnswerOfAnotherShapeIsAnError) {
  says("GetPipelineState", R"({"stageStates":[{"stageName":7}]})");
  EXPECT_FALSE(make().stop(test, "alarm"));
}

TEST(DeliveryNames, WhatIsFilledInIsNotFilledInAgain) {
  EXPECT_EQ(fill_in("a-{x}-{y}-{z}", {{"x", "{y}"}, {"y", "1"}}), "a-{y}-1-{z}");
}

TEST(DeliveryNames, ACutFallsBetweenCharacters) {
  EXPECT_EQ(delivery::cut_line("ab\xc3\xa4", 3), "ab");
  EXPECT_EQ(delivery::cut_line("ab\xc3\xa4", 4), "ab\xc3\xa4");
}

TEST(DeliveryNames, ATokenIsTheSameForTheSameKeyOnly) {
  const auto token = delivery::token_of("rb-1/stage/test/infrastructure/7");
  EXPECT_EQ(token, delivery::token_of("rb-1/stage/test/infrastructure/7"));
  EXPECT_NE(token, delivery::token_of("rb-1/stage/test/infrastructure/8"));
  EXPECT_LE(token.size(), 64u);
}

}  // namespace
}  // namespace stepback::aws
