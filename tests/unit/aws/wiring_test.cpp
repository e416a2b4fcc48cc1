// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/wiring.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "adapters/aws/cloudformation.hpp"
#include "adapters/aws/codepipeline.hpp"
#include "adapters/aws/lambda.hpp"
#include "adapters/aws/logs.hpp"
#include "support/pretend_wire.hpp"

namespace stepback::aws {
namespace {

const Environment production{"production"};

// Answers by what is asked, whichever service it is.
class WiringTest : public ::testing::Test {
 protected:
  WiringTest() {
    answers_["DescribeRule"] = {200, R"({"State":"ENABLED"})"};
    answers_["ListTargetsByRule"] = {200, R"({"Targets":[{"Id":"1","Arn":"arn:f"}]})"};
    answers_["configuration"] = {200, R"({"State":"Active"})"};
    answers_["FilterLogEvents"] = {200, R"({"events":[]})"};
    answers_["GetQueueUrl"] = {200, R"({"QueueUrl":"https://sqs/q"})"};
    answers_["GetQueueAttributes"] = {200, R"({"Attributes":{"ApproximateNumberOfMessages":"0"}})"};
    answers_["GetCallerIdentity"] = {200,
                                     "<R><GetCallerIdentityResult><Arn>arn:aws:iam::1:role/x</"
                                     "Arn></GetCallerIdentityResult></R>"};
    answers_["DescribeStacks"] = {200,
                                  "<R><DescribeStacksResult><Stacks><member><DriftInformation>"
                                  "<StackDriftStatus>IN_SYNC</StackDriftStatus></DriftInformation>"
                                  "</member></Stacks></DescribeStacksResult></R>"};
    answers_["GetPipeline"] = {200, R"({"metadata":{"updated":1769500000}})"};
  }

  Result<http::Response> answer(const http::Call& call) {
    const auto asked =
        std::string(call.headers.find("X-Amz-Target").value_or("")) + call.url.target + call.body;
    for (const auto& [word, said] : answers_)
      if (asked.find(word) != std::string::npos)
        return http::Response{.status = said.first, .type = {}, .headers = {}, .body = said.second};
    return fail(Code::unavailable, "nobody answers " + asked);
  }
  Service& speak(const Dialect& dialect) {
    services_.push_back(*Service::make(dialect, wire_.connection, Random(1)));
    return *services_.back();
  }
  WireSeen seen(WirePart part) {
    const auto all = wiring_.look_at_wiring(production);
    const auto found = std::ranges::find(all, part, &WireSeen::part);
    EXPECT_NE(found, all.end()) << name_of(part);
    return found == all.end() ? WireSeen{} : *found;
  }
  void expect_wrong(WirePart part, std::string_view word) {
    const auto part_seen = seen(part);
    EXPECT_TRUE(part_seen.looked && !part_seen.sound) << part_seen.detail;
    EXPECT_NE(part_seen.detail.find(word), std::string::npos) << part_seen.detail;
  }

  std::map<std::string, std::pair<int, std::string>> answers_;
  testing::PretendWire wire_{[this](const http::Call& call) { return answer(call); }};
  std::vector<std::unique_ptr<Service>> services_;
  WorkQueue queue_{speak(WorkQueue::dialect), {.queue = "q", .dead_letters = "dead"}};
  AwsWiring wiring_{{.rule = "kiro-{environment}-rule",
                     .function = "kiro-{environment}-rollback",
                     .dead_letters = true,
                     .places = {{.environment = production,
                                 .stacks = {"core"},
                                 .pipeline = "kiro-pipeline-{environment}"}}},
                    {.events = speak(AwsWiring::events_dialect),
                     .lambda = speak(FunctionVersions::dialect),
                     .logs = speak(CloudWatchLogs::dialect),
                     .identity = speak(AwsWiring::identity_dialect),
                     .stacks = speak(InfrastructureByStack::dialect),
                     .pipelines = speak(CodePipelines::dialect),
                     .queue = queue_},
                    wire_.clock};
};

TEST_F(WiringTest, FindsEveryPartWellWhereNothingIsWrong) {
  const auto all = wiring_.look_at_wiring(production);
  EXPECT_EQ(all.size(), names_of<WirePart>.size());
  for (const auto& each : all)
    EXPECT_TRUE(each.looked && each.sound) << name_of(each.part) << ": " << each.detail;
  EXPECT_NE(seen(WirePart::rule).detail.find("kiro-production-rule"), std::string::npos);
  EXPECT_EQ(seen(WirePart::pipeline_changes).changed_at, Instant{1'769'500'000'000});
}

TEST_F(WiringTest, FindsARuleThatIsOffGoneOrReachesNobody) {
  answers_["DescribeRule"] = {200, R"({"State":"DISABLED"})"};
  expect_wrong(WirePart::rule, "aws events enable-rule --name kiro-production-rule");
  answers_["DescribeRule"] = {400, R"({"__type":"ResourceNotFoundException"})"};
  expect_wrong(WirePart::rule, "there is no rule");
  answers_["DescribeRule"] = {200, R"({"State":"ENABLED"})"};
  answers_["ListTargetsByRule"] = {200, R"({"Targets":[]})"};
  expect_wrong(WirePart::rule, "no target");
}

TEST_F(WiringTest, FindsAFunctionThatIsGoneOrComplains) {
  answers_["configuration"] = {404, R"({"Message":"not found"})"};
  expect_wrong(WirePart::function, "there is no function kiro-production-rollback");
  answers_["FilterLogEvents"] = {200, R"({"events":[{"message":"error: no table"}]})"};
  expect_wrong(WirePart::function_log, "no table");
}

TEST_F(WiringTest, CountsDeadLetters) {
  answers_["GetQueueAttributes"] = {200, R"({"Attributes":{"ApproximateNumberOfMessages":"3"}})"};
  expect_wrong(WirePart::dead_letters, "3 events");
}

TEST_F(WiringTest, FindsAStackThatDriftedAndSaysThatNobodyLooked) {
  auto& body = answers_["DescribeStacks"].second;
  const auto whole = body;
  body.replace(body.find("IN_SYNC"), 7, "DRIFTED");
  expect_wrong(WirePart::drift, "core");
  body = whole;
  body.replace(body.find("IN_SYNC"), 7, "NOT_CHECKED");
  EXPECT_FALSE(seen(WirePart::drift).looked);
}

TEST_F(WiringTest, SaysOfEachPartThatItMayNotAskWhyAndGoesOn) {
  for (auto& [word, said] : answers_) said = {403, R"({"__type":"AccessDeniedException"})"};
  const auto all = wiring_.look_at_wiring(production);
  EXPECT_EQ(all.size(), names_of<WirePart>.size());
  for (const auto& each : all) {
    EXPECT_FALSE(each.looked) << name_of(each.part) << ": " << each.detail;
    EXPECT_FALSE(each.detail.empty());
  }
}

}  // namespace
}  // namespace stepback::aws
