// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/logs.hpp"

#include <gtest/gtest.h>

#include "support/pretend_aws.hpp"

namespace stepback::aws {
namespace {

const Environment production{"production"};
const Instant cutover{1'769'509'000'000};

std::string an_event(std::string_view id, Instant at, std::string_view message) {
  json::Object event{{"eventId", id}, {"timestamp", at.ms}, {"message", message}};
  return json::write(event);
}

std::string a_page(std::string_view events, std::string_view token = "") {
  std::string page = R"({"events":[)" + std::string(events) + "]";
  if (!token.empty()) page += R"(,"nextToken":")" + std::string(token) + "\"";
  return page + "}";
}

class LogsOfAGroup : public ::testing::Test {
 protected:
  LogsOfAGroup() {
    config_.groups[0].patterns = {.errors = {"Error:"}, .critical = {}, .allow = {}};
  }

  std::vector<LogsSeen> look() {
    CloudWatchLogs logs(service_, config_);
    auto all = logs.look(production, cutover, minutes(10));
    EXPECT_TRUE(all);
    return all ? *std::move(all) : std::vector<LogsSeen>();
  }
  LogsSeen seen() {
    const auto all = look();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? LogsSeen{} : all.front();
  }

  PretendAws aws_;
  Service& service_ = aws_.speak(CloudWatchLogs::dialect);
  CloudWatchLogsConfig config_{
      .groups = {{.name = "worker", .group = "/aws/lambda/kiro-worker-{environment}"}}};
};

TEST_F(LogsOfAGroup, ThatIsMissingAreNotSeen) {
  aws_.refuses("ResourceNotFoundException");
  const auto logs = seen();
  EXPECT_FALSE(logs.seen);
  EXPECT_EQ(logs.name, "worker");
  EXPECT_EQ(logs.detail, "there is no log group /aws/lambda/kiro-worker-production");
}

TEST_F(LogsOfAGroup, ThatMayNotBeReadAreNotSeenWithTheReason) {
  aws_.refuses("AccessDeniedException");
  EXPECT_FALSE(seen().seen);
  EXPECT_TRUE(seen().detail.contains("AccessDeniedException: because")) << seen().detail;
}

TEST_F(LogsOfAGroup, ThatCannotBeUnderstoodAreNotSeen) {
  aws_.says(R"({"events":[{"timestamp":"yesterday","message":"x"}]})");
  EXPECT_FALSE(seen().seen);
}

TEST_F(LogsOfAGroup, AreAskedForByTermAfterTheCutoverAndBeforeIt) {
  aws_.says(a_page(""));
  EXPECT_TRUE(seen().seen);
  ASSERT_EQ(aws_.sent.size(), 2u);
  EXPECT_EQ(aws_.operation(0), "Logs_20140328.FilterLogEvents");
  EXPECT_EQ(aws_.sent[0].headers.find("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(aws_.body(0), R"({"logGroupName":"/aws/lambda/kiro-worker-production",)"
                          R"("filterPattern":"\"Error:\"","startTime":1769509000000})");
  EXPECT_EQ(aws_.body(1),
            R"({"logGroupName":"/aws/lambda/kiro-worker-production",)"
            R"("filterPattern":"\"Error:\"","startTime":1769508400000,"endTime":1769509000000})");
}

TEST_F(LogsOfAGroup, AreCountedFromAllPagesAndHeldAgainstTheTimeBefore) {
  config_.groups[0].patterns.allow = {"harmless"};
  aws_.says(a_page(an_event("a", cutover + seconds(9), "Error: one\n"), "more"));
  aws_.says(a_page("", "still searching"));
  aws_.says(a_page(an_event("b", cutover + seconds(5), "Error: two") + "," +
                   an_event("c", cutover + seconds(20), "Error: harmless")));
  aws_.says(a_page(an_event("d", cutover - minutes(2), "Error: three")));
  const auto logs = seen();
  EXPECT_EQ(logs.lines, 3);
  EXPECT_EQ(logs.errors, 2);
  EXPECT_EQ(logs.last_error_at, cutover + seconds(9));
  EXPECT_EQ(logs.samples, (std::vector<std::string>{"Error: two", "Error: one"}));
  EXPECT_DOUBLE_EQ(logs.usual_errors_per_minute, 0.1);
  EXPECT_EQ(json::Reader(aws_.parameters(1)).text("nextToken").value(), "more");
}

TEST_F(LogsOfAGroup, CountAnEventOnceThatTwoTermsFind) {
  config_.groups[0].patterns.errors = {"Error:", "timeout:"};
  aws_.says(a_page(an_event("a", cutover + seconds(9), "Error: timeout: x")));
  const auto logs = seen();  // the same page for every call
  EXPECT_EQ(logs.errors, 1);
  EXPECT_EQ(logs.usual_errors_per_minute, 0);  // it is not from before
}

TEST_F(LogsOfAGroup, CountNothingThatTheServiceFindsAndThePatternsDoNot) {
  aws_.says(a_page(an_event("a", cutover, "No error: fine")));
  EXPECT_EQ(seen().errors, 0);
}

TEST_F(LogsOfAGroup, AreReadFromJsonByLevelAndMessage) {
  config_.groups[0].patterns = {.critical = {}};  // ERROR
  aws_.says(a_page(an_event("a", cutover, R"({"level":"error","message":"no database"})") + "," +
                   an_event("b", cutover, R"({"level":"info","message":"x","n":"ERROR"})")));
  const auto logs = seen();
  EXPECT_EQ(logs.errors, 1);
  EXPECT_EQ(logs.samples.at(0), "ERROR no database");
  EXPECT_EQ(aws_.sent.size(), 4u);  // in capitals and in small letters
}

TEST_F(LogsOfAGroup, AreReadUpToALimitAndThatIsSaid) {
  config_.most_events = 2;
  aws_.says(a_page(an_event("a", cutover, "Error: 1") + "," +
                       an_event("b", cutover + seconds(1), "Error: 2") + "," +
                       an_event("c", cutover + seconds(2), "Error: 3"),
                   "more"));
  aws_.says(a_page(""));
  const auto logs = seen();
  EXPECT_EQ(logs.errors, 2);
  EXPECT_TRUE(logs.detail.contains("at least")) << logs.detail;
  EXPECT_EQ(aws_.sent.size(), 2u);
}

TEST_F(LogsOfAGroup, HaveTheUsualRateOfTheTimeThatWasRead) {
  config_.most_bytes = 10;
  aws_.says(a_page(""));
  aws_.says(a_page(an_event("a", cutover - minutes(9), "Error: 1") + "," +
                       an_event("b", cutover - minutes(8), "Error: 2"),
                   "more"));
  EXPECT_DOUBLE_EQ(seen().usual_errors_per_minute, 1);
}

TEST_F(LogsOfAGroup, OfAnotherEnvironmentAreNotLookedAt) {
  config_.groups[0].environments = {{"test"}};
  EXPECT_TRUE(look().empty());
  EXPECT_TRUE(aws_.sent.empty());
}

TEST(LogTerms, AreEachOnceAndCapitalsInSmallLettersToo) {
  EXPECT_EQ(log_terms({.errors = {"ERROR", "Exception", "ERROR", ""}}),
            (std::vector<std::string>{"FATAL", "fatal", "ERROR", "error", "Exception"}));
}

}  // namespace
}  // namespace stepback::aws
