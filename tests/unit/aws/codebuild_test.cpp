// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/codebuild.hpp"

#include <gtest/gtest.h>

#include "unit/aws/delivery_fixture.hpp"

namespace stepback::aws {
namespace {

constexpr auto no_builds = R"({"ids":[]})";
constexpr auto two_builds = R"({"ids":["kiro-worker-test:2","kiro-worker-test:1"]})";

std::string build(const std::string& id, const std::string& status, const std::string& key,
                  const std::string& more = "") {
  return R"({"id":")" + id + R"(","buildStatus":")" + status + R"(","currentPhase":"BUILD",)" +
         more + R"("environment":{"environmentVariables":[{"name":"STEPBACK_KEY","value":")" + key +
         R"("}]}})";
}
std::string builds(const std::string& list) { return R"({"builds":[)" + list + "]}"; }
std::string started(const std::string& one) { return R"({"build":)" + one + "}"; }

class CodeBuild : public DeliveryTest {
 protected:
  CodeBuild() : DeliveryTest(CodeBuilds::dialect) {}

  const InfrastructureChange change{.environment = {"test"},
                                    .infrastructure_version = "v41-infra",
                                    .version = {"v41"},
                                    .operation = 7,
                                    .key = "rb-1/stage/test/infrastructure/7"};
  const Switch switched{.environment = {"test"},
                        .version = {"v41"},
                        .digest = {},
                        .operation = 8,
                        .key = "rb-1/stage/test/application/8"};
  CodeBuilds code_builds{*service, clock};
  InfrastructureByBuild infrastructure{
      {{.environment = {"test"}, .source_version = "{infrastructure_version}"}}, code_builds};
};

TEST_F(CodeBuild, StartsOneBuildWithTheKeyAsTokenAndAsMark) {
  says("ListBuildsForProject", no_builds);
  says("StartBuild", started(build("kiro-worker-test:1", "IN_PROGRESS", change.key)));
  const auto report = infrastructure.revert(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  const auto sent = body("StartBuild");
  EXPECT_NE(sent.find(R"("projectName":"kiro-worker-test")"), std::string::npos);
  EXPECT_NE(sent.find(R"("sourceVersion":"v41-infra")"), std::string::npos);
  EXPECT_NE(sent.find(R"("idempotencyToken":"stepback-)"), std::string::npos);
  EXPECT_NE(sent.find(R"("name":"STEPBACK_KEY","value":"rb-1/stage/test/infrastructure/7")"),
            std::string::npos);
  EXPECT_NE(sent.find(R"("name":"STEPBACK_OPERATION","value":"7")"), std::string::npos);
}

TEST_F(CodeBuild, TheSameKeyStartsNoSecondOne) {
  says("ListBuildsForProject", no_builds);
  says("StartBuild", started(build("kiro-worker-test:1", "IN_PROGRESS", change.key)));
  says("BatchGetBuilds", builds(build("kiro-worker-test:1", "SUCCEEDED", change.key)));
  ASSERT_TRUE(infrastructure.revert(change));
  const auto again = infrastructure.revert(change);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->progress, Progress::done);
  EXPECT_EQ(times("StartBuild"), 1u);
}

TEST_F(CodeBuild, ABuildWhoseAnswerWasLostIsFoundByItsMark) {
  says("ListBuildsForProject", two_builds);
  says("BatchGetBuilds", builds(build("kiro-worker-test:2", "FAILED", "another key") + "," +
                                build("kiro-worker-test:1", "IN_PROGRESS", change.key)));
  says("BatchGetBuilds", builds(build("kiro-worker-test:1", "IN_PROGRESS", change.key)));
  const auto report = infrastructure.look(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  ASSERT_TRUE(infrastructure.revert(change));
  EXPECT_EQ(times("StartBuild"), 0u);
}

TEST_F(CodeBuild, LookingStartsNothingAndWaitsForWhatMayBeOnItsWay) {
  says("ListBuildsForProject", no_builds);
  EXPECT_EQ(infrastructure.look(change).value().progress, Progress::under_way);
  clock.wait(seconds(19));
  EXPECT_EQ(infrastructure.look(change).value().progress, Progress::under_way);
  clock.wait(seconds(1));
  EXPECT_EQ(infrastructure.look(change).value().progress, Progress::not_started);
  EXPECT_EQ(times("StartBuild"), 0u);
}

TEST_F(CodeBuild, AfterALostAnswerNothingIsGivenUpAtOnce) {
  says("ListBuildsForProject", no_builds);
  loses("StartBuild");
  EXPECT_FALSE(infrastructure.revert(change));
  EXPECT_EQ(infrastructure.look(change).value().progress, Progress::under_way);
  clock.wait(seconds(30));
  EXPECT_EQ(infrastructure.look(change).value().progress, Progress::not_started);
}

TEST_F(CodeBuild, AConnectionThatBrokeMayHaveBegunIt) {
  says("ListBuildsForProject", no_builds);
  answers["StartBuild"].push_back(fail(Code::unavailable, "connection reset"));
  const auto broken = infrastructure.revert(change);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Code::timeout);
}

TEST_F(CodeBuild, ATokenIsNotSentAgainWhenItsTimeIsNearlyOver) {
  says("ListBuildsForProject", no_builds);
  loses("StartBuild");
  const auto lost = infrastructure.revert(change);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Code::timeout);
  const auto sent = times("StartBuild");

  clock.wait(minutes(3));
  EXPECT_FALSE(infrastructure.revert(change));
  EXPECT_GT(times("StartBuild"), sent);
  const auto sent_again = times("StartBuild");

  clock.wait(minutes(1));
  const auto over = infrastructure.revert(change);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->progress, Progress::not_started);
  EXPECT_EQ(times("StartBuild"), sent_again);
}

TEST_F(CodeBuild, SearchesTheNewestPagesOnly) {
  for (int page = 0; page < 9; ++page)
    says("ListBuildsForProject", R"({"ids":["p:1"],"nextToken":"more"})");
  says("BatchGetBuilds", builds(build("p:1", "SUCCEEDED", "another key")));
  ASSERT_TRUE(infrastructure.look(change));
  EXPECT_EQ(times("ListBuildsForProject"), 3u);
}

TEST_F(CodeBuild, AFailedBuildIsAnErrorWithItsPhaseAndItsLog) {
  says("ListBuildsForProject", two_builds);
  says("BatchGetBuilds",
       builds(build("kiro-worker-test:1", "FAILED", change.key,
                    R"("phases":[{"phaseType":"INSTALL","phaseStatus":"SUCCEEDED"},
                    {"phaseType":"BUILD","phaseStatus":"FAILED",
                     "contexts":[{"message":"cdk deploy: exit status 1"}]}],
                    "logs":{"deepLink":"https://console.aws/log"},)")));
  const auto report = infrastructure.look(change);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::invalid);
  EXPECT_EQ(report.error().message,
            "the build kiro-worker-test:1 ended with FAILED in BUILD (FAILED): cdk deploy: exit "
            "status 1; its log: https://console.aws/log");
}

TEST_F(CodeBuild, HowABuildEndedTellsWhetherTryingAgainMayHelp) {
  for (const auto& [status, code] :
       {std::pair("FAULT", Code::unavailable), std::pair("TIMED_OUT", Code::unavailable),
        std::pair("STOPPED", Code::denied)}) {
    forget("BatchGetBuilds");
    says("ListBuildsForProject", two_builds);
    says("BatchGetBuilds", builds(build("kiro-worker-test:1", status, change.key)));
    const auto report = infrastructure.look(change);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, code) << status;
  }
}

TEST_F(CodeBuild, AMissingProjectIsNamed) {
  refuses("ListBuildsForProject", "ResourceNotFoundException");
  const auto report = infrastructure.revert(change);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::not_found);
  EXPECT_NE(report.error().message.find("kiro-worker-test"), std::string::npos);
}

TEST_F(CodeBuild, AVersionThatIsNoneNeverReachesABuild) {
  auto hostile = change;
  hostile.infrastructure_version = "v1; rm -rf x";
  const auto report = infrastructure.revert(hostile);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::invalid);
  EXPECT_TRUE(log.empty());
}

TEST_F(CodeBuild, WaitsForWhatTheProjectStillBuilds) {
  const auto other = builds(build("kiro-worker-test:1", "IN_PROGRESS", "somebody else's"));
  says("ListBuildsForProject", R"({"ids":["kiro-worker-test:1"]})");
  says("BatchGetBuilds", other);
  refuses("StartBuild", "AccountLimitExceededException");
  const auto report = infrastructure.revert(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  EXPECT_EQ(infrastructure.look(change)->progress, Progress::under_way);
  clock.wait(minutes(10));
  forget("BatchGetBuilds");
  says("BatchGetBuilds", builds(build("kiro-worker-test:1", "SUCCEEDED", "somebody else's")));
  EXPECT_EQ(infrastructure.look(change)->progress, Progress::not_started);
}

TEST_F(CodeBuild, FollowsASwitchToItsEnd) {
  const auto hook = build_after_switch({{.environment = {"test"}}}, code_builds);
  says("ListBuildsForProject", no_builds);
  says("StartBuild", started(build("kiro-worker-test:1", "IN_PROGRESS", switched.key)));
  says("BatchGetBuilds", builds(build("kiro-worker-test:1", "SUCCEEDED", switched.key)));
  EXPECT_EQ(hook.begin_or_look(switched).value(), Progress::under_way);
  EXPECT_NE(body("StartBuild").find(R"("sourceVersion":"v41")"), std::string::npos);
  EXPECT_EQ(hook.begin_or_look(switched).value(), Progress::done);
}

TEST_F(CodeBuild, WithoutASourceNothingFollowsASwitch) {
  const auto hook = build_after_switch({}, code_builds);
  EXPECT_EQ(hook.begin_or_look(switched).value(), Progress::done);
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace stepback::aws
