// SPDX-License-Identifier: Apache-2.0
// Each shape by its sample: what is read of it, and what is passed over with which words.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "signals/read.hpp"
#include "support/event_samples.hpp"

namespace stepback {
namespace {

using support::sample;

SignalsRead read(const std::string& name, const ReadOptions& options = {}) {
  const auto all = read_signals(sample(name), options);
  EXPECT_TRUE(all) << name << ": " << (all ? "" : all.error().why);
  return all.value_or(SignalsRead{});
}

Signal only(const std::string& name, const ReadOptions& options = {}) {
  const auto all = read(name, options);
  EXPECT_EQ(all.signals.size(), 1U) << name;
  EXPECT_TRUE(all.refused.empty() && all.passed_over.empty()) << name;
  return all.signals.empty() ? Signal{} : all.signals.front();
}

std::string passed_over(const std::string& name) {
  const auto all = read(name);
  EXPECT_TRUE(all.signals.empty() && all.refused.empty()) << name;
  return all.passed_over.size() == 1 ? all.passed_over.front() : "";
}

// The refusal of a sample after one thing in it was put in place of another; of a batch the first.
std::string refusal_with(const std::string& name, const std::string& what,
                         const std::string& instead) {
  std::string event = sample(name);
  const auto at = event.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  event.replace(at, what.size(), instead);
  const auto all = read_signals(event);
  if (!all) return to_error(all.error()).message;
  return all->refused.empty() ? "accepted" : to_error(all->refused.front()).message;
}

Instant at(std::string_view text) { return parse_rfc3339(text).value(); }

constexpr std::string_view commit = "4f2a91c0d3b7e8f6a5c4d3b2a1908f7e6d5c4b3a";

TEST(Shape, IsToldByWhatOnlyOneToolWrites) {
  EXPECT_EQ(read("alarm-metric.json").shape, Shape::cloudwatch_event);
  EXPECT_EQ(read("alarm-action.json").shape, Shape::cloudwatch_action);
  EXPECT_EQ(read("alarm-notice.json").shape, Shape::cloudwatch_notice);
  EXPECT_EQ(read("pipeline-failed.json").shape, Shape::codepipeline);
  EXPECT_EQ(read("build-failed.json").shape, Shape::codebuild);
  EXPECT_EQ(read("notification-pipeline-failed.json").shape, Shape::notification);
  EXPECT_EQ(read("sns-records.json").shape, Shape::sns_records);
  EXPECT_EQ(read("sns-message.json").shape, Shape::sns_message);
  EXPECT_EQ(read("alertmanager-firing.json").shape, Shape::alertmanager);
  EXPECT_EQ(read("grafana-firing.json").shape, Shape::grafana);
  EXPECT_EQ(read("cdevents-tests-failed.json").shape, Shape::cdevents);
  EXPECT_EQ(read("cloudevents-incident-resolved.json").shape, Shape::cdevents);
}

TEST(Shape, ThatNobodyWritesIsRefused) {
  for (const auto* body : {"{}", R"({"alerts":[]})", R"({"hello":"world"})",
                           R"({"alerts":[],"version":"3"})", R"({"context":{"type":"x"}})"}) {
    const auto all = read_signals(body);
    ASSERT_FALSE(all) << body;
    EXPECT_EQ(all.error().refusal, EventRefusal::unknown_shape) << body;
  }
}

TEST(AlarmOfAnyKind, IsReadAlike) {
  EXPECT_EQ(only("alarm-math.json").name, "kiro-worker-production-ratio");
  EXPECT_EQ(only("alarm-composite.json").name, "kiro-pipeline-production-any");
  const auto anomaly = only("alarm-anomaly.json");
  EXPECT_EQ(anomaly.name, "kiro-worker-production-anomaly");
  EXPECT_EQ(anomaly.first_breach, at("2026-03-02T09:41:00Z"));
}

TEST(ContributorOfAnAlarm, CountsWhenItBreachesAndNotWhenItIsWellAgain) {
  const auto signal = only("alarm-contributor.json");
  EXPECT_EQ(signal.name, "kiro-worker-production-hosts");
  EXPECT_EQ(signal.occurrence, "6d442278dba546f6");
  std::string event = sample("alarm-contributor.json");
  const std::string red = "\"value\": \"ALARM\"";
  event.replace(event.rfind(red), red.size(), "\"value\": \"OK\"");
  const auto all = read_signals(event).value();
  EXPECT_TRUE(all.signals.empty());
  EXPECT_EQ(all.passed_over.at(0),
            "kiro-worker-production-hosts: one contributor is OK; the alarm tells itself when all "
            "are");
}

TEST(AlarmNotice, HasItsRegionFromTheArnWhichMustAgreeWithTheRest) {
  EXPECT_EQ(only("alarm-notice.json").region, "eu-west-1");
  EXPECT_EQ(refusal_with("alarm-notice.json", "111122223333:alarm", "444455556666:alarm"),
            "wrong_field: AlarmArn: is not that of this alarm and account");
  EXPECT_EQ(refusal_with("alarm-notice.json", "cloudwatch:eu-west-1", "cloudwatch:"),
            "wrong_field: AlarmArn: is not that of this alarm and account");
  EXPECT_EQ(refusal_with("alarm-notice.json", "cloudwatch:eu-west-1", "cloudwatch:eu west"),
            "wrong_field: AlarmArn: names no region");
}

TEST(PipelineEvent, IsAFailureUnderTheNameItGoesTo) {
  const auto action = only("pipeline-action-failed.json");
  EXPECT_EQ(action.kind, SignalKind::stage_failed);
  EXPECT_EQ(action.name, "kiro-pipeline-production/Deploy/Release");
  EXPECT_EQ(action.occurrence, "4b1c9d2e-6f70-4a8b-9c0d-1e2f3a4b5c6d");
  EXPECT_EQ(action.at, at("2026-03-02T09:41:20Z"));
  EXPECT_EQ(action.reason, "JobFailed: the health check answered 503");
  EXPECT_EQ(action.source, "codepipeline");
  EXPECT_EQ(action.environment, std::nullopt);
  EXPECT_EQ(only("pipeline-stage-failed.json").name, "kiro-pipeline-production/Deploy");
  const auto pipeline = only("pipeline-failed.json");
  EXPECT_EQ(pipeline.name, "kiro-pipeline-production");
  EXPECT_EQ(pipeline.version.text, commit);
}

TEST(PipelineEvent, OfTheOlderShapeIsReadAsWell) {
  const auto action = only("pipeline-action-failed-old.json");
  EXPECT_EQ(action.name, "kiro-pipeline-production/Deploy/Release");
  EXPECT_EQ(action.reason, "it says no reason");
}

TEST(PipelineEvent, TellsTheEnvironmentByThePrefixOfItsName) {
  EXPECT_EQ(only("pipeline-stage-failed.json", {.prefix = "kiro"}).environment,
            Environment{"production"});
  EXPECT_EQ(only("pipeline-stage-failed.json", {.prefix = "other"}).environment, std::nullopt);
}

TEST(PipelineEvent, OfOneFailureHasTheSameRunAndPipelineInEach) {
  const auto root = [](const Signal& signal) {
    return signal.account + '|' + signal.region + '|' +
           signal.name.substr(0, signal.name.find('/')) + '|' + signal.occurrence;
  };
  const auto action = root(only("pipeline-action-failed.json"));
  EXPECT_EQ(action, root(only("pipeline-stage-failed.json")));
  EXPECT_EQ(action, root(only("pipeline-failed.json")));
  EXPECT_EQ(action, root(only("notification-pipeline-failed.json")));
}

TEST(PipelineEvent, ThatIsSomebodysWishIsPassedOver) {
  EXPECT_EQ(passed_over("pipeline-superseded.json"),
            "kiro-pipeline-production was superseded by a newer run");
  EXPECT_EQ(passed_over("approval-refused.json"),
            "kiro-pipeline-production/Approve/Sign-off was refused by a person");
  EXPECT_EQ(passed_over("approval-refused-notification.json"),
            "kiro-pipeline-production was refused by a person");
  for (const auto* state : {"CANCELED", "STOPPED", "STOPPING", "RESUMED", "STARTED", "SUCCEEDED"}) {
    EXPECT_EQ(refusal_with("pipeline-failed.json", "FAILED", state), "accepted");
  }
  EXPECT_EQ(refusal_with("pipeline-superseded.json", "SUPERSEDED", "LOST"),
            "unknown_state: detail.state: expected one of FAILED, CANCELED, STOPPED, STOPPING, "
            "SUPERSEDED, ABANDONED, RESUMED, STARTED, SUCCEEDED");
}

TEST(PipelineEvent, LackingWhichRunItWasIsRefused) {
  EXPECT_EQ(refusal_with("pipeline-failed.json", "execution-id", "executionId"),
            "missing_field: detail.execution-id: is missing");
  EXPECT_EQ(refusal_with("pipeline-stage-failed.json", "\"stage\"", "\"stag\""),
            "missing_field: detail.stage: is missing");
}

TEST(Notification, IsTheSameFactAsTheEventItCopies) {
  const auto notified = only("notification-pipeline-failed.json");
  EXPECT_EQ(content_key(notified), content_key(only("pipeline-failed.json")));
  EXPECT_EQ(notified.reason, "Release: the health check answered 503");
}

TEST(BuildEvent, SaysWhichPhaseFailedAndOfWhichCommit) {
  const auto build = only("build-failed.json");
  EXPECT_EQ(build.kind, SignalKind::stage_failed);
  EXPECT_EQ(build.name, "kiro-worker-production");
  EXPECT_TRUE(build.occurrence.ends_with("0b6e2b9a-5d1c-4c3a-9e8f-7a6b5c4d3e2f"));
  EXPECT_EQ(build.version.text, commit);
  EXPECT_EQ(build.environment, Environment{"production"});
  EXPECT_EQ(build.reason,
            "BUILD: COMMAND_EXECUTION_ERROR: Error while executing command: make release. Reason: "
            "exit status 2");
}

TEST(BuildEvent, ThatNamesABranchOrASecretLeavesThemOut) {
  std::string event = sample("build-failed.json");
  event.replace(event.find(commit), commit.size(), "refs/heads/main");
  event.replace(event.find("\"PLAINTEXT\""), 11, "\"PARAMETER_STORE\"");
  const auto build = read_one_signal(event).value();
  EXPECT_TRUE(build.version.empty());
  EXPECT_EQ(build.environment, std::nullopt);
  EXPECT_EQ(read_one_signal(event, {.prefix = "kiro"}).value().environment,
            Environment{"production"});
}

TEST(BuildEvent, ThatDidNotFailIsPassedOver) {
  EXPECT_EQ(passed_over("build-stopped.json"), "kiro-worker-production was stopped");
  EXPECT_EQ(passed_over("build-phase.json"), "kiro-worker-production is in another phase");
  for (const auto* status : {"FAULT", "TIMED_OUT"}) {
    EXPECT_EQ(refusal_with("build-failed.json", "\"FAILED\"", std::string("\"") + status + "\""),
              "accepted");
  }
}

TEST(Alertmanager, GivesOneSignalForEachAlert) {
  const auto all = read("alertmanager-firing.json");
  ASSERT_EQ(all.signals.size(), 2U);
  const auto& first = all.signals[0];
  EXPECT_EQ(first.kind, SignalKind::alarm);
  EXPECT_EQ(first.name, "ShopErrorRate");
  EXPECT_EQ(first.state, AlarmState::alarm);
  EXPECT_EQ(first.at, at("2026-03-02T09:40:11.284Z"));
  EXPECT_EQ(first.environment, Environment{"production"});
  EXPECT_EQ(first.version.text, "4f2a91c");
  EXPECT_EQ(first.deployment, DeploymentId{"dep-01KJQ7M2Z8T7A0B1C2D3"});
  EXPECT_EQ(first.reason, "more than 5 of 100 requests fail");
  EXPECT_EQ(all.signals[1].environment, Environment{"test"});
  EXPECT_EQ(all.passed_over.at(0), "3 more alerts were left out by alertmanager");
}

TEST(Alertmanager, RepeatsAFactUnderTheSameKeyUntilItIsResolved) {
  const auto first = read("alertmanager-firing.json").signals.at(0);
  std::string again = sample("alertmanager-firing.json");
  again.replace(again.find("more than 5"), 11, "more than 9");
  EXPECT_EQ(content_key(first), content_key(read_signals(again).value().signals.at(0)));
  const auto resolved = only("alertmanager-resolved.json");
  EXPECT_EQ(resolved.state, AlarmState::ok);
  EXPECT_EQ(resolved.at, at("2026-03-02T09:52:41.284Z"));
  EXPECT_NE(content_key(first), content_key(resolved));
}

TEST(Alertmanager, RefusesOneAlertAndReadsTheOthers) {
  std::string event = sample("alertmanager-firing.json");
  event.replace(event.find("\"environment\": \"production\""), 27,
                "\"environment\": \"Prod (EU)\"");
  const auto all = read_signals(event).value();
  ASSERT_EQ(all.signals.size(), 1U);
  ASSERT_EQ(all.refused.size(), 1U);
  EXPECT_EQ(all.refused[0].refusal, EventRefusal::wrong_field);
  EXPECT_TRUE(all.refused[0].why.starts_with("alerts[0].labels.environment: "))
      << all.refused[0].why;
  EXPECT_EQ(refusal_with("alertmanager-resolved.json", "\"labels\"", "\"label\""),
            "missing_field: alerts[0].labels: is missing");
  EXPECT_EQ(refusal_with("alertmanager-resolved.json", "\"status\": \"resolved\",\n      \"labels",
                         "\"status\": \"pending\",\n      \"labels"),
            "unknown_state: alerts[0].status: expected firing or resolved");
  EXPECT_EQ(refusal_with("alertmanager-resolved.json", "2026-03-02T09:52:41.284Z", "soon"),
            "not_a_time: alerts[0].endsAt: not a time like 2026-01-27T10:18:04Z");
}

TEST(Alertmanager, LeavesOutAVersionAndADeploymentThatAreNone) {
  std::string event = sample("alertmanager-firing.json");
  event.replace(event.find("dep-01"), 6, "../../");
  event.replace(event.find("\"4f2a91c\""), 9, "\"$(rm)\"");
  const auto first = read_signals(event).value().signals.at(0);
  EXPECT_TRUE(first.version.empty());
  EXPECT_EQ(first.deployment, std::nullopt);
}

TEST(Grafana, IsReadWithItsValuesAndWhatItCouldNotAskIsNoAlarm) {
  const auto all = read("grafana-firing.json");
  ASSERT_EQ(all.signals.size(), 2U);
  EXPECT_EQ(all.signals[0].name, "Latency");
  EXPECT_EQ(all.signals[0].source, "grafana");
  EXPECT_EQ(all.signals[0].at, at("2026-03-02T09:40:10Z"));
  EXPECT_EQ(all.signals[0].environment, Environment{"production"});
  EXPECT_EQ(all.signals[0].reason, "[ var='B' labels={} value=812.5 ]");
  EXPECT_EQ(all.signals[1].name, "Traffic");
  EXPECT_EQ(all.signals[1].state, AlarmState::insufficient_data);
}

TEST(CdEvent, OfTestsThatFailedIsAStageThatFailed) {
  const auto tests = only("cdevents-tests-failed.json");
  EXPECT_EQ(tests.kind, SignalKind::stage_failed);
  EXPECT_EQ(tests.name, "Smoke tests");
  EXPECT_EQ(tests.occurrence, "run-4711");
  EXPECT_EQ(tests.environment, Environment{"test"});
  EXPECT_EQ(tests.reason, "2 of 31 tests failed");
  EXPECT_EQ(tests.at, at("2026-03-02T09:41:19.250Z"));
  EXPECT_EQ(refusal_with("cdevents-tests-failed.json", "\"fail\"", "\"pass\""), "accepted");
  EXPECT_EQ(refusal_with("cdevents-tests-failed.json", "\"fail\"", "\"mixed\""),
            "unknown_state: subject.content.outcome: expected pass, fail, cancel or error");
}

TEST(CdEvent, OfAnIncidentIsAnAlarmThatTurnsRedAndWellAgain) {
  const auto detected = only("cdevents-incident-detected.json");
  EXPECT_EQ(detected.kind, SignalKind::alarm);
  EXPECT_EQ(detected.state, AlarmState::alarm);
  EXPECT_EQ(detected.name, "shop-checkout-down");
  EXPECT_EQ(detected.version.text, "4f2a91c");
  EXPECT_EQ(detected.reason, "nobody can pay");
  const auto resolved = only("cloudevents-incident-resolved.json");
  EXPECT_EQ(resolved.state, AlarmState::ok);
  EXPECT_EQ(resolved.name, detected.name);
  EXPECT_EQ(resolved.environment, detected.environment);
}

TEST(CdEvent, ThatWeSentOurselvesCausesNothing) {
  EXPECT_EQ(passed_over("cdevents-service-rolledback.json"),
            "service.rolledback calls for nothing");
  std::string event = sample("cdevents-incident-detected.json");
  for (int i = 0; i < 2; ++i) event.replace(event.find("/shop/watch"), 11, "/stepback/shop");
  const auto all = read_signals(event).value();
  EXPECT_TRUE(all.signals.empty());
  EXPECT_EQ(all.passed_over.at(0), "incident.detected is our own");
}

TEST(Topic, CarriesTheSameAlarmToAFunctionAndOverHttp) {
  const auto plain = only("alarm-notice.json");
  EXPECT_EQ(only("sns-records.json"), plain);
  EXPECT_EQ(only("sns-message.json"), plain);
  EXPECT_EQ(passed_over("sns-confirmation.json"),
            "SubscriptionConfirmation is answered at /api/v1/sns only");
}

TEST(Topic, SaysWhereInItsMessageSomethingIsWrong) {
  EXPECT_TRUE(refusal_with("sns-records.json", "OldStateValue", "AlarmName")
                  .starts_with("not_json: Records[0].Sns.Message: JSON, byte "));
  EXPECT_EQ(refusal_with("sns-message.json", "StateChangeTime", "StateChangedTime"),
            "missing_field: Message: StateChangeTime: is missing");
  EXPECT_EQ(refusal_with("sns-records.json", "aws:sns", "aws:sqs"),
            "wrong_source: Records[0].EventSource: expected aws:sns, not \"aws:sqs\"");
}

TEST(Topic, WrappedInATopicIsNotOpenedTwice) {
  std::string message = R"({"Type":"Notification","TopicArn":"arn:aws:sns:x:1:t","Message":)";
  json::append_quoted(message, sample("sns-message.json"));
  const auto all = read_signals(message + "}");
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().refusal, EventRefusal::unknown_shape);
}

TEST(Batch, OfSeveralEventsIsReadOneByOne) {
  const auto list = [](const std::vector<std::string>& events) {
    std::string text;
    for (const auto& event : events) text += (text.empty() ? "[" : ",") + event;
    return text + "]";
  };
  const auto all = read_signals(
      list({sample("alarm-metric.json"), R"({"source":"nobody"})",
            sample("alertmanager-firing.json"), sample("approval-refused.json"), "[1]"}));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->shape, Shape::list);
  ASSERT_GE(all->signals.size(), 2U);
  EXPECT_EQ(all->signals.front(), only("alarm-metric.json"));
  EXPECT_EQ(all->refused.size(), 2U) << "what nobody writes, and a list in a list";
  EXPECT_FALSE(all->passed_over.empty()) << "the approval that was refused";
  EXPECT_EQ(read_signals("[]").error().refusal, EventRefusal::wrong_field) << "it says nothing";
}

TEST(Batch, OfMoreThanAThousandIsRefusedWhole) {
  const auto body = [](int count) {
    std::string text = R"({"version":"4","alerts":[)";
    for (int i = 0; i < count; ++i) {
      text += i == 0 ? "" : ",";
      text += R"({"status":"firing","labels":{"alertname":"a"},"startsAt":"2026-03-02T09:40:11Z"})";
    }
    return text + "]}";
  };
  EXPECT_EQ(read_signals(body(1000)).value().signals.size(), 1000U);
  EXPECT_EQ(read_signals(body(1001)).error().refusal, EventRefusal::too_many);
}

TEST(Mapping, FindsTheFactInAnyJson) {
  const auto signal = only("mapped.json", {.mapping = &support::check_mapping()});
  EXPECT_EQ(signal.name, "checkout-latency");
  EXPECT_EQ(signal.environment, Environment{"production"});
  EXPECT_EQ(signal.state, AlarmState::alarm);
  EXPECT_EQ(signal.at, at("2026-03-02T09:41:17Z"));
  EXPECT_EQ(signal.reason, "p99 is 4.1 s");
  EXPECT_EQ(signal.version.text, "4f2a91c");
}

TEST(Mapping, ReadsTimesInSecondsMillisecondsAndWords) {
  const auto read_at = [](const std::string& time) {
    const Mapping mapping{.name = "n", .at = "t"};
    const auto all = read_signals(R"({"n":"x","t":)" + time + "}", {.mapping = &mapping});
    return all ? to_rfc3339(all->signals.at(0).at) : to_error(all.error()).message;
  };
  EXPECT_EQ(read_at("0"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(read_at("1772444477.25"), "2026-03-02T09:41:17.250Z");
  EXPECT_EQ(read_at("\"1772444477250\""), "2026-03-02T09:41:17.250Z");
  EXPECT_EQ(read_at("4102444800"), "2100-01-01T00:00:00.000Z");
  EXPECT_EQ(read_at("\"2100-01-01T01:00:00+01:00\""), "2100-01-01T00:00:00.000Z");
  EXPECT_EQ(read_at("-1"),
            "not_a_time: t: not a time like 2026-01-27T10:18:04Z, nor seconds "
            "since 1970");
  EXPECT_EQ(read_at("1e300"),
            "not_a_time: t: not a time like 2026-01-27T10:18:04Z, nor seconds "
            "since 1970");
}

TEST(Mapping, RefusesWhatIsNotThereAndWhatItDoesNotKnow) {
  const auto refusal = [](const std::string& body) {
    const auto all = read_signals(body, {.mapping = &support::check_mapping()});
    return all ? "accepted" : to_error(all.error()).message;
  };
  EXPECT_EQ(refusal("{}"), "missing_field: check.title: is missing");
  EXPECT_EQ(refusal(R"({"check":{"title":["a"]}})"),
            "wrong_field: check.title: expected one value");
  EXPECT_EQ(refusal(R"({"check":{"title":"a"},"event":{"status":"odd"}})"),
            "unknown_state: event.status: is neither among `firing` nor among `resolved`");
  EXPECT_EQ(refusal(R"({"check":{"title":"a","tags":["x"]},"event":{"status":"up","epoch":1}})"),
            "missing_field: check.tags.1: is missing");
}

}  // namespace
}  // namespace stepback
