// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/pretend_aws.hpp"

namespace stepback::aws {
namespace {

const Instant now{1'769'509'368'000};

Notice a_notice(NoticeKind kind) {
  Notice notice{.key = "rb-1/production/x", .kind = kind};
  notice.environment = {"production"};
  notice.rollback = RollbackId{"rb-1"};
  notice.deployment = {"dep-1"};
  notice.target_version = {"v1"};
  notice.at = now;
  notice.level = "stage";
  return notice;
}

Notice completed() {
  Notice notice = a_notice(NoticeKind::rollback_completed);
  notice.took = seconds(282);
  notice.validation_status = "success";
  notice.environments_rolled_back = {"production"};
  return notice;
}

// "RollbackCount production stage succeeded 1", for each datum.
std::vector<std::string> told(const std::vector<Datum>& data) {
  std::vector<std::string> all;
  for (const auto& datum : data) {
    std::string text = datum.name;
    for (const auto& part : {datum.environment, datum.level, datum.outcome})
      text += " " + (part.empty() ? "-" : part);
    all.push_back(text + " " + json::write(json::Value(static_cast<std::int64_t>(datum.value))));
  }
  return all;
}
using Texts = std::vector<std::string>;

TEST(MetricsOfANotice, ThatARollbackCompletedAreItsCountItsResultAndItsDuration) {
  EXPECT_EQ(told(data_of(completed())), (Texts{"RollbackCount production stage succeeded 1",
                                               "ValidationResult production stage - 1",
                                               "RollbackDuration production stage succeeded 282"}));
}

TEST(MetricsOfANotice, OfAFullRollbackCountItWhereverSomethingWasBroughtBack) {
  Notice notice = completed();
  notice.kind = NoticeKind::rollback_escalated;
  notice.level = "full";
  notice.environments_rolled_back = {"test", "staging"};
  EXPECT_EQ(told(data_of(notice)),
            (Texts{"RollbackCount production full escalated 1",
                   "RollbackCount test full escalated 1", "RollbackCount staging full escalated 1",
                   "RollbackDuration production full escalated 282"}));
}

TEST(MetricsOfANotice, ThatAWiderRollbackFollowsCountTheOneThatFailed) {
  EXPECT_EQ(told(data_of(a_notice(NoticeKind::rollback_failed))),
            (Texts{"RollbackCount production stage handed_over 1"}));
}

TEST(MetricsOfANotice, ThatAValidationFailedAreAResultOfNought) {
  EXPECT_EQ(told(data_of(a_notice(NoticeKind::rollback_validation_failed))),
            (Texts{"ValidationResult production stage - 0"}));
}

TEST(MetricsOfANotice, ThatADeploymentEndedAreItsDuration) {
  Notice notice = a_notice(NoticeKind::deployment_ended);
  notice.level = "";
  notice.took = seconds(95);
  notice.validation_status = "success";
  EXPECT_EQ(told(data_of(notice)), (Texts{"DeploymentDuration production - succeeded 95"}));
  notice.validation_status = "failed";
  EXPECT_EQ(told(data_of(notice)), (Texts{"DeploymentDuration production - failed 95"}));
}

TEST(MetricsOfANotice, ThatATriggerTouchedNothingAreAnIgnoredOne) {
  EXPECT_EQ(data_of(a_notice(NoticeKind::trigger_notified)).at(0).name, "IgnoredTrigger");
  EXPECT_EQ(data_of(a_notice(NoticeKind::brake_engaged)).at(0).name, "IgnoredTrigger");
}

TEST(MetricsOfANotice, ThatOnlyBeganOrWasCancelledAreNone) {
  EXPECT_TRUE(data_of(a_notice(NoticeKind::rollback_started)).empty());
  EXPECT_TRUE(data_of(a_notice(NoticeKind::rollback_cancelled)).empty());
}

TEST(MetricsOfANotice, OfADrillAreNone) {
  auto notice = a_notice(NoticeKind::rollback_completed);
  notice.origin = name_of(Origin::drill);
  EXPECT_TRUE(data_of(notice).empty());
}

TEST(MetricsOfATrigger, AreAnIgnoredOneWhereNobodyIsTold) {
  TriggerRecord record{.key = "k", .received_at = now, .disposition = Disposition::ignored};
  record.environment = Environment{"production"};
  record.signal.kind = SignalKind::alarm;
  record.signal.state = AlarmState::alarm;
  EXPECT_EQ(told(data_of(record)), (Texts{"IgnoredTrigger production - - 1"}));
  record.signal.state = AlarmState::ok;  // of no interest to begin with
  EXPECT_TRUE(data_of(record).empty());
  record.signal.state = AlarmState::alarm;
  record.disposition = Disposition::notified;  // its notice counts
  EXPECT_TRUE(data_of(record).empty());
  record.disposition = Disposition::ignored;
  record.environment.reset();
  EXPECT_TRUE(data_of(record).empty());
}

// --- PutMetricData ------------------------------------------------------------------------------

class PutMetrics : public ::testing::Test {
 protected:
  PretendAws aws_;
  CloudWatchMetrics metrics_{aws_.speak(CloudWatchMetrics::dialect), aws_.clock};
};

TEST_F(PutMetrics, SendsTheSeriesWithExactlyTheEnvironmentFirst) {
  aws_.says("");
  ASSERT_TRUE(metrics_.put(data_of(a_notice(NoticeKind::rollback_failed))));
  ASSERT_EQ(aws_.sent.size(), 1u);
  EXPECT_EQ(aws_.operation(0), "GraniteServiceVersion20100801.PutMetricData");
  const std::string rest = R"("Timestamp":1769509368,"Value":1,"Unit":"Count"})";
  EXPECT_EQ(aws_.body(0), R"({"Namespace":"KiroPipeline","MetricData":[)"
                          R"({"MetricName":"RollbackCount","Dimensions":[)"
                          R"({"Name":"Environment","Value":"production"}],)" +
                              rest +
                              R"(,{"MetricName":"RollbackCount","Dimensions":[)"
                              R"({"Name":"Environment","Value":"production"},)"
                              R"({"Name":"RollbackLevel","Value":"stage"}],)" +
                              rest +
                              R"(,{"MetricName":"RollbackCount","Dimensions":[)"
                              R"({"Name":"Environment","Value":"production"},)"
                              R"({"Name":"Outcome","Value":"handed_over"}],)" +
                              rest + "]}");
}

TEST_F(PutMetrics, SendsAThousandSeriesAtOnceAtMost) {
  aws_.says("");
  std::vector<Datum> data(1001, Datum{.name = "n", .unit = "Count", .value = 1, .at = now});
  ASSERT_TRUE(metrics_.put(data));
  ASSERT_EQ(aws_.sent.size(), 2u);
  const auto second = aws_.parameters(1);
  EXPECT_EQ(json::Reader(second).array("MetricData").value().size(), 1u);
}

TEST_F(PutMetrics, SendsNothingThatIsTooOldToBeTaken) {
  Notice notice = completed();
  notice.at = now - days(14);
  EXPECT_TRUE(metrics_.put(data_of(notice)));
  EXPECT_TRUE(aws_.sent.empty());
}

TEST_F(PutMetrics, SaysWhatWasRefused) {
  aws_.refuses("AccessDeniedException");
  const auto put = metrics_.put(data_of(completed()));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::denied);
  EXPECT_TRUE(put.error().message.starts_with("PutMetricData: ")) << put.error().message;
}

// --- reading ------------------------------------------------------------------------------------

class ReadMetrics : public PutMetrics {
 protected:
  MetricQuery query_{.name = "RollbackCount",
                     .statistic = "Sum",
                     .dimensions = {{"Environment", "production"}},
                     .from = now - hours(24),
                     .to = now};
};

TEST_F(ReadMetrics, GivesThePointsOldestFirst) {
  aws_.says(R"({"Label":"RollbackCount","Datapoints":[{"Timestamp":1769505600,"Sum":2,"Unit":)"
            R"("Count"},{"Timestamp":1769502000.0,"Sum":1.0}]})");
  const auto points = metrics_.read(query_);
  ASSERT_TRUE(points) << points.error().message;
  EXPECT_EQ(*points, (std::vector<MetricPoint>{{Instant{1'769'502'000'000}, 1},
                                               {Instant{1'769'505'600'000}, 2}}));
  EXPECT_EQ(aws_.body(0),
            R"({"Namespace":"KiroPipeline","MetricName":"RollbackCount","Dimensions":[)"
            R"({"Name":"Environment","Value":"production"}],"StartTime":1769422968,)"
            R"("EndTime":1769509368,"Period":3600,"Statistics":["Sum"]})");
}

TEST_F(ReadMetrics, RefusesWhatCannotBeAnswered) {
  query_.period = seconds(90);
  EXPECT_EQ(metrics_.read(query_).error().code, Code::invalid);
  query_.period = minutes(1);
  query_.from = now - days(2);
  EXPECT_EQ(metrics_.read(query_).error().code, Code::invalid);
  query_.from = now;
  EXPECT_EQ(metrics_.read(query_).error().code, Code::invalid);
  EXPECT_TRUE(aws_.sent.empty());
}

TEST_F(ReadMetrics, WithoutTheStatisticIsAnError) {
  aws_.says(R"({"Datapoints":[{"Timestamp":1769505600,"Average":2}]})");
  EXPECT_FALSE(metrics_.read(query_));
}

// --- the embedded metric format -----------------------------------------------------------------

TEST(EmbeddedMetrics, AreOneLineOfJsonForOneEnvironment) {
  const auto lines = embedded_lines(data_of(completed()));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0],
            R"({"_aws":{"Timestamp":1769509368000,"CloudWatchMetrics":[)"
            R"({"Namespace":"KiroPipeline","Dimensions":[["Environment"]],"Metrics":[)"
            R"({"Name":"RollbackCount","Unit":"Count"},)"
            R"({"Name":"ValidationResult","Unit":"None"},)"
            R"({"Name":"RollbackDuration","Unit":"Seconds"}]},)"
            R"({"Namespace":"KiroPipeline","Dimensions":[["Environment","RollbackLevel"]],)"
            R"("Metrics":[{"Name":"RollbackCount","Unit":"Count"},)"
            R"({"Name":"ValidationResult","Unit":"None"},)"
            R"({"Name":"RollbackDuration","Unit":"Seconds"}]},)"
            R"({"Namespace":"KiroPipeline","Dimensions":[["Environment","Outcome"]],)"
            R"("Metrics":[{"Name":"RollbackCount","Unit":"Count"},)"
            R"({"Name":"RollbackDuration","Unit":"Seconds"}]}]},)"
            R"("Environment":"production","RollbackLevel":"stage","Outcome":"succeeded",)"
            R"("RollbackCount":1,"ValidationResult":1,"RollbackDuration":282,)"
            R"("rollbackId":"rb-1","deploymentId":"dep-1","targetVersion":"v1"})");
}

TEST(EmbeddedMetrics, HaveOneValueForANameInALine) {
  std::vector<Datum> data = data_of(completed());
  const auto again = data;
  data.insert(data.end(), again.begin(), again.end());
  EXPECT_EQ(embedded_lines(data).size(), 2u);
}

TEST(EmbeddedMetrics, HaveAHundredMetricsInALineAtMost) {
  std::vector<Datum> data;
  for (int i = 0; i < 101; ++i) data.push_back({.name = "n" + std::to_string(i), .at = now});
  EXPECT_EQ(embedded_lines(data).size(), 2u);
}

// --- the channel --------------------------------------------------------------------------------

TEST(MetricsNotifierTest, WantsWhatHasNumbersInItsEnvironments) {
  MetricsNotifier notifier({.environments = {{"production"}}}, embedded_metrics({}));
  EXPECT_EQ(notifier.name(), "metrics");
  EXPECT_TRUE(notifier.wants(completed()));
  EXPECT_FALSE(notifier.wants(a_notice(NoticeKind::rollback_started)));
  Notice elsewhere = completed();
  elsewhere.environment = {"test"};
  EXPECT_FALSE(notifier.wants(elsewhere));
}

TEST(MetricsNotifierTest, PassesOnThatNothingWasPublished) {
  MetricsNotifier notifier(
      {}, [](std::span<const Datum>) -> Result<> { return fail(Code::unavailable, "busy"); });
  EXPECT_EQ(notifier.tell(completed()).error().code, Code::unavailable);
}

TEST(MetricsNotifierTest, WritesLinesWhereLinesAreWanted) {
  std::vector<std::string> lines;
  MetricsNotifier notifier(
      {}, embedded_metrics([&](std::string_view line) { lines.emplace_back(line); }));
  ASSERT_TRUE(notifier.tell(completed()));
  EXPECT_EQ(lines, embedded_lines(data_of(completed())));
}

}  // namespace
}  // namespace stepback::aws
