// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/cloudwatch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/pretend_aws.hpp"

namespace stepback::aws {
namespace {

const Environment prod{"prod"};
const Environment prod_eu{"prod-eu"};

std::string an_alarm(std::string_view name, std::string_view more = "") {
  return R"({"AlarmName":")" + std::string(name) +
         R"(","ActionsEnabled":true,"StateValue":"OK","StateReason":"fine",)"
         R"("StateUpdatedTimestamp":1769509000.25,"Period":60,"EvaluationPeriods":3,)"
         R"("DatapointsToAlarm":2,"Threshold":5.0,"ComparisonOperator":"GreaterThanThreshold",)"
         R"("TreatMissingData":"notBreaching")" +
         std::string(more) + "}";
}

std::string a_page(std::string_view metric, std::string_view composite = "",
                   std::string_view token = "") {
  std::string page = R"({"MetricAlarms":[)" + std::string(metric) + R"(],"CompositeAlarms":[)" +
                     std::string(composite) + "]";
  if (!token.empty()) page += R"(,"NextToken":")" + std::string(token) + "\"";
  return page + "}";
}

class CloudWatchAlarmsTest : public ::testing::Test {
 protected:
  std::vector<AlarmSeen> listed(const Environment& environment = prod) {
    auto alarms = alarms_.list(environment);
    EXPECT_TRUE(alarms) << (alarms ? "" : alarms.error().message);
    return alarms ? *std::move(alarms) : std::vector<AlarmSeen>();
  }
  // One alarm on the first page, none for the second prefix.
  AlarmSeen seen(std::string_view more) {
    aws_.says(a_page(an_alarm("kiro-pipeline-prod-errors", more)));
    aws_.says(a_page(""));
    const auto alarms = listed();
    EXPECT_EQ(alarms.size(), 1u);
    return alarms.empty() ? AlarmSeen{} : alarms.front();
  }

  PretendAws aws_;
  CloudWatchAlarms alarms_{
      aws_.speak(CloudWatchAlarms::dialect),
      {.environments = {{"test"}, prod, prod_eu}, .rules = default_alarm_rules("kiro")},
      aws_.clock};
};

TEST_F(CloudWatchAlarmsTest, ThatCannotBeSeenAreAnErrorNeverNone) {
  aws_.refuses("AccessDeniedException");
  const auto denied = alarms_.list(prod);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, Code::denied);
  EXPECT_TRUE(denied.error().message.starts_with("DescribeAlarms: ")) << denied.error().message;
}

TEST_F(CloudWatchAlarmsTest, OfASecondPrefixThatCannotBeSeenAreAnErrorToo) {
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-errors")));
  aws_.refuses("InvalidNextToken");
  EXPECT_FALSE(alarms_.list(prod));
}

TEST_F(CloudWatchAlarmsTest, WithAStateThatIsUnknownAreAnError) {
  aws_.says(R"({"MetricAlarms":[{"AlarmName":"kiro-pipeline-prod-x","StateValue":"PURPLE",)"
            R"("StateUpdatedTimestamp":1}]})");
  const auto alarms = alarms_.list(prod);
  ASSERT_FALSE(alarms);
  EXPECT_EQ(alarms.error().code, Code::corrupt);
}

TEST_F(CloudWatchAlarmsTest, WithoutEndAreAnError) {
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-errors"), "", "again"));
  const auto alarms = alarms_.list(prod);
  ASSERT_FALSE(alarms);
  EXPECT_EQ(alarms.error().code, Code::corrupt);
}

TEST_F(CloudWatchAlarmsTest, AreAskedForByBothPrefixesAndAllTypes) {
  aws_.says(a_page(""));
  EXPECT_TRUE(listed().empty());
  ASSERT_EQ(aws_.sent.size(), 2u);
  EXPECT_EQ(aws_.operation(0), "GraniteServiceVersion20100801.DescribeAlarms");
  // Side by side, so either may be first.
  EXPECT_EQ(std::set({aws_.body(0), aws_.body(1)}),
            (std::set<std::string>{
                R"({"AlarmNamePrefix":"kiro-pipeline-prod-",)"
                R"("AlarmTypes":["MetricAlarm","CompositeAlarm"],"MaxRecords":100})",
                R"({"AlarmNamePrefix":"kiro-worker-prod-",)"
                R"("AlarmTypes":["MetricAlarm","CompositeAlarm"],"MaxRecords":100})"}));
  EXPECT_EQ(aws_.sent[0].url.text(), "https://monitoring.us-east-1.amazonaws.com/");
}

TEST_F(CloudWatchAlarmsTest, ComeFromAllPagesAndOfBothKinds) {
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-b"), "", "more"));
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-a"),
                   R"({"AlarmName":"kiro-pipeline-prod-whole","StateValue":"ALARM",)"
                   R"("StateReason":"both","StateTransitionedTimestamp":1769509100})"));
  aws_.says(a_page(an_alarm("kiro-worker-prod-c")));
  const auto alarms = listed();
  ASSERT_EQ(alarms.size(), 4u);
  EXPECT_EQ(alarms[0].name, "kiro-pipeline-prod-a");
  EXPECT_EQ(alarms[2].name, "kiro-pipeline-prod-whole");
  EXPECT_EQ(alarms[2].state, AlarmState::alarm);
  EXPECT_EQ(alarms[2].period, Duration(60'000));
  EXPECT_EQ(alarms[2].evaluated, 1);
  EXPECT_EQ(alarms[2].to_alarm, 1);
  EXPECT_EQ(alarms[2].since, (Instant{1'769'509'100'000}));
  const auto asks_for_more = [](const http::Call& call) {
    return call.body.contains(R"("NextToken":"more")");
  };
  EXPECT_EQ(std::ranges::count_if(aws_.sent, asks_for_more), 1);
}

TEST_F(CloudWatchAlarmsTest, OfAnEnvironmentWithALongerNameAreNotItsOwn) {
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-eu-errors") + "," +
                   an_alarm("kiro-pipeline-prod-errors") + "," +
                   an_alarm("kiro-pipeline-production-errors")));
  aws_.says(a_page(""));
  const auto alarms = listed();
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].name, "kiro-pipeline-prod-errors");
  aws_.forgets();
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-eu-errors")));
  aws_.says(a_page(""));
  EXPECT_EQ(listed(prod_eu).size(), 1u);
}

TEST_F(CloudWatchAlarmsTest, HaveTheRolesOfTheFirstRuleThatMatches) {
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-rollbacks") + "," +
                   an_alarm("kiro-pipeline-prod-errors")));
  aws_.says(a_page(""));
  const auto alarms = listed();
  ASSERT_EQ(alarms.size(), 2u);
  EXPECT_EQ(alarms[0].roles, (AlarmRoles{.trigger = true, .validate = true}));
  EXPECT_EQ(alarms[1].roles, (AlarmRoles{.brake = true, .notify = true}));
}

TEST_F(CloudWatchAlarmsTest, AreOneWhenTwoPagesNameIt) {
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-errors"), "", "more"));
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-errors")));
  aws_.says(a_page(""));
  EXPECT_EQ(listed().size(), 1u);
}

TEST_F(CloudWatchAlarmsTest, AreReadWithTheirPeriodsAndWhatMissingDataMeans) {
  const AlarmSeen alarm = seen("");
  EXPECT_EQ(alarm.state, AlarmState::ok);
  EXPECT_EQ(alarm.reason, "fine");
  EXPECT_EQ(alarm.since, (Instant{1'769'509'000'250}));
  EXPECT_EQ(alarm.period, Duration(60'000));
  EXPECT_EQ(alarm.evaluated, 3);
  EXPECT_EQ(alarm.to_alarm, 2);
  EXPECT_EQ(alarm.missing, MissingData::not_breaching);
  EXPECT_EQ(alarm.publishing_delay, Duration(60'000));
  EXPECT_TRUE(alarm.enabled);
}

TEST_F(CloudWatchAlarmsTest, AreSinceTheirTransitionNotSinceTheirLastUpdate) {
  EXPECT_EQ(seen(R"(,"StateTransitionedTimestamp":1769500000)").since,
            (Instant{1'769'500'000'000}));
}

TEST_F(CloudWatchAlarmsTest, WithoutActionsAreSeenAndSaidToBeSo) {
  aws_.says(R"({"MetricAlarms":[{"AlarmName":"kiro-pipeline-prod-x","StateValue":"ALARM",)"
            R"("ActionsEnabled":false,"StateUpdatedTimestamp":1,"EvaluationPeriods":4}]})");
  aws_.says(a_page(""));
  const auto alarms = listed();
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_FALSE(alarms[0].enabled);
  EXPECT_EQ(alarms[0].to_alarm, 4);  // M is N unless said
}

TEST_F(CloudWatchAlarmsTest, OfAComputedSeriesHaveItsLongestPeriod) {
  aws_.says(R"({"MetricAlarms":[{"AlarmName":"kiro-pipeline-prod-x","StateValue":"OK",)"
            R"("StateUpdatedTimestamp":1,"Metrics":[{"Id":"a","MetricStat":{"Period":60}},)"
            R"({"Id":"b","MetricStat":{"Period":300}},{"Id":"c","Expression":"a/b"}]}]})");
  aws_.says(a_page(""));
  EXPECT_EQ(listed().at(0).period, seconds(300));
}

constexpr std::string_view two_points =
    R"(,"StateReasonData":"{\"version\":\"1.0\",\"period\":60,\"threshold\":5.0,)"
    R"(\"recentDatapoints\":[9.0,5.0],\"evaluatedDatapoints\":[)"
    R"({\"timestamp\":\"2026-01-27T10:21:00.000+0000\",\"value\":5.0},)"
    R"({\"timestamp\":\"2026-01-27T10:20:00.000+0000\",\"value\":9.0},)"
    R"({\"timestamp\":\"2026-01-27T10:19:00.000+0000\"}]}")";

TEST_F(CloudWatchAlarmsTest, HaveTheirPointsOldestFirst) {
  const AlarmSeen alarm = seen(two_points);
  const auto from = parse_rfc3339("2026-01-27T10:20:00Z").value();
  EXPECT_EQ(alarm.points, (std::vector<AlarmPoint>{{from, true}, {from + minutes(1), false}}));
}

TEST_F(CloudWatchAlarmsTest, HaveTheirPointsInTheOlderForm) {
  const AlarmSeen alarm =
      seen(R"(,"StateReasonData":"{\"startDate\":\"2026-01-27T10:19:00.000+0000\",\"period\":60,)"
           R"(\"recentDatapoints\":[1.0,7.0,8.0],\"threshold\":5.0}")");
  const auto from = parse_rfc3339("2026-01-27T10:19:00Z").value();
  EXPECT_EQ(alarm.points,
            (std::vector<AlarmPoint>{
                {from, false}, {from + minutes(1), true}, {from + minutes(2), true}}));
}

TEST_F(CloudWatchAlarmsTest, ThatStayRedHaveNoPointsOfLongAgo) {
  std::string alarm = an_alarm("kiro-pipeline-prod-errors", two_points);
  alarm.replace(alarm.find("\"OK\""), 4, "\"ALARM\"");
  aws_.says(a_page(alarm));
  aws_.says(a_page(""));
  EXPECT_EQ(listed().at(0).points.size(), 2u);
  aws_.clock.wait(minutes(5));
  aws_.forgets();
  aws_.says(a_page(alarm));
  aws_.says(a_page(""));
  EXPECT_TRUE(listed().at(0).points.empty());
}

TEST_F(CloudWatchAlarmsTest, WhosePointsCannotBeReadAreStillAlarms) {
  EXPECT_TRUE(seen(R"(,"StateReasonData":"{\"evaluatedDatapoints\":7")").points.empty());
}

TEST_F(CloudWatchAlarmsTest, OfOneNameAreAskedForByIt) {
  aws_.says(a_page(an_alarm("kiro-pipeline-prod-errors")));
  EXPECT_EQ(alarms_.state("kiro-pipeline-prod-errors").value(), AlarmState::ok);
  EXPECT_EQ(aws_.body(0), R"({"AlarmNames":["kiro-pipeline-prod-errors"],)"
                          R"("AlarmTypes":["MetricAlarm","CompositeAlarm"],"MaxRecords":100})");
  const auto none = alarms_.state("kiro-pipeline-prod-other");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::not_found);
}

TEST_F(CloudWatchAlarmsTest, HaveAHistoryOldestFirst) {
  aws_.says(R"({"AlarmHistoryItems":[{"AlarmName":"a","Timestamp":1769509300,)"
            R"("HistoryItemType":"StateUpdate","HistorySummary":"Alarm updated from ALARM to OK",)"
            R"("HistoryData":"{\"oldState\":{\"stateValue\":\"ALA"},)"
            R"({"AlarmName":"a","Timestamp":1769509290,"HistoryItemType":"Action"}],)"
            R"("NextToken":"more"})");
  aws_.says(R"({"AlarmHistoryItems":[{"AlarmName":"a","Timestamp":1769509200.5,)"
            R"("HistoryItemType":"StateUpdate","HistoryData":"{\"oldState\":{\"stateValue\":)"
            R"(\"OK\"},\"newState\":{\"stateValue\":\"ALARM\",\"stateReason\":\"9 > 5\"}}"},)"
            R"({"AlarmName":"a","Timestamp":1769400000,"HistoryItemType":"StateUpdate",)"
            R"("HistorySummary":"Alarm updated from OK to ALARM"}]})");
  const auto turns = alarms_.history("a", Instant{1'769'500'000'000});
  ASSERT_TRUE(turns) << turns.error().message;
  EXPECT_EQ(*turns,
            (std::vector<AlarmTurn>{
                {"a", Instant{1'769'509'200'500}, AlarmState::ok, AlarmState::alarm, "9 > 5"},
                {"a", Instant{1'769'509'300'000}, AlarmState::alarm, AlarmState::ok, ""}}));
  EXPECT_EQ(json::Reader(aws_.parameters(0)).integer("StartDate").value(), 1'769'500'000);
}

TEST(AlarmPrefixes, AreOnesThatDoNotBeginWithEachOther) {
  const AlarmRules rules{
      {"a-{environment}-x", {}}, {"a-{environment}-*", {}}, {"b-{environment}", {}}};
  EXPECT_EQ(alarm_prefixes(rules, prod), (std::vector<std::string>{"a-prod-", "b-prod"}));
  EXPECT_EQ(alarm_prefixes({{"*", {}}, {"a-*", {}}}, prod), (std::vector<std::string>{""}));
}

}  // namespace
}  // namespace stepback::aws
