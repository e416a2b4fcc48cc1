// SPDX-License-Identifier: Apache-2.0
#include "signals/read.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "support/event_samples.hpp"

namespace stepback {
namespace {

using support::sample;

Signal read(const std::string& name, EventOrigin origin = EventOrigin::delivered) {
  const auto signal = read_one_signal(sample(name), {.origin = origin});
  EXPECT_TRUE(signal) << (signal ? "" : signal.error().message);
  return signal.value_or(Signal{});
}

// The refusal of the sample after one thing in it was put in place of another.
std::string refusal_with(const std::string& what, const std::string& instead) {
  std::string event = sample("alarm-metric.json");
  const auto at = event.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  event.replace(at, what.size(), instead);
  const auto signal = read_one_signal(event);
  return signal ? "accepted" : signal.error().message;
}

Instant at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(AlarmEvent, BecomesASignalWithTheIdentityOfTheFact) {
  const Signal signal = read("alarm-metric.json");
  EXPECT_EQ(signal.kind, SignalKind::alarm);
  EXPECT_EQ(signal.name, "kiro-worker-production-errors");
  EXPECT_EQ(signal.state, AlarmState::alarm);
  EXPECT_EQ(signal.at, at("2026-03-02T09:41:17.204Z"));
  EXPECT_EQ(signal.source, "eventbridge");
  EXPECT_EQ(signal.account, "111122223333");
  EXPECT_EQ(signal.region, "eu-west-1");
  EXPECT_TRUE(signal.reason.starts_with("Threshold Crossed: 2 out of the last 3"));
  EXPECT_EQ(signal.environment, std::nullopt);
}

TEST(AlarmEvent, IsReadInEveryState) {
  EXPECT_EQ(read("alarm-ok.json").state, AlarmState::ok);
  EXPECT_EQ(read("alarm-insufficient-data.json").state, AlarmState::insufficient_data);
  EXPECT_EQ(read("alarm-composite.json").state, AlarmState::alarm);
}

TEST(FirstBreach, IsWhenTheFirstBreachingPointWasComplete) {
  // Of three points the one of 09:38 does not breach; the next one's minute ends at 09:40.
  EXPECT_EQ(read("alarm-metric.json").first_breach, at("2026-03-02T09:40:00Z"));
  // Lower is worse here: 30 and 22 are fine, the 2 of 09:40 is not.
  EXPECT_EQ(read("alarm-low.json").first_breach, at("2026-03-02T09:41:00Z"));
}

TEST(FirstBreach, IsUnsaidWhereItCannotBeTold) {
  EXPECT_EQ(read("alarm-ok.json").first_breach, std::nullopt);
  EXPECT_EQ(read("alarm-insufficient-data.json").first_breach, std::nullopt);
  EXPECT_EQ(read("alarm-composite.json").first_breach, std::nullopt);
  EXPECT_EQ(read("hand-made.json", EventOrigin::hand_made).first_breach, std::nullopt);
  std::string event = sample("alarm-metric.json");
  event.replace(event.find("were greater than"), 17, "crossed somewhere");
  EXPECT_EQ(read_one_signal(event).value().first_breach, std::nullopt);
}

TEST(FirstBreach, OfASinglePointNeedsNoThreshold) {
  const std::string data = R"({\"period\":300,\"startDate\":\"2026-03-02T09:35:00.000+0000\",)"
                           R"(\"recentDatapoints\":[7.0]})";
  std::string event = sample("alarm-metric.json");
  const auto begin = event.find("\"reasonData\": \"") + 15;
  event.replace(begin, event.find("}]}\"", begin) + 3 - begin, data);
  EXPECT_EQ(read_one_signal(event).value().first_breach, at("2026-03-02T09:40:00Z"));
}

TEST(FirstBreach, ThatIsNoJsonLeavesTheAlarmAnAlarm) {
  std::string event = sample("alarm-metric.json");
  event.replace(event.find("\"reasonData\": \"") + 15, 1, "[");
  const auto signal = read_one_signal(event);
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->first_breach, std::nullopt);
}

TEST(RefusedAlarmEvent, NamesTheFieldThatIsMissing) {
  const std::vector<std::pair<std::string, std::string>> fields{
      {"\"id\"", "id"},
      {"\"time\"", "time"},
      {"\"source\"", "source"},
      {"\"detail-type\"", "detail-type"},
      {"\"account\"", "account"},
      {"\"region\"", "region"},
      {"\"detail\"", "detail"},
      {"\"alarmName\"", "detail.alarmName"},
      {"\"state\"", "detail.state"},
  };
  for (const auto& [key, path] : fields) {
    EXPECT_EQ(refusal_with(key, "\"other\""), "missing_field: " + path + ": is missing");
  }
  EXPECT_EQ(refusal_with("\"value\": \"ALARM\"", "\"valeu\": \"ALARM\""),
            "missing_field: detail.state.value: is missing");
  EXPECT_EQ(refusal_with("\"111122223333\"", "null"), "missing_field: account: is missing");
}

TEST(RefusedAlarmEvent, IsOfAnotherSourceOrAboutAnotherThing) {
  EXPECT_EQ(refusal_with("\"aws.cloudwatch\"", "\"custom\""),
            "wrong_source: source: expected aws.cloudwatch, aws.codepipeline or aws.codebuild, not "
            "\"custom\"");
  EXPECT_EQ(refusal_with("Alarm State Change", "Alarm Configuration Change"),
            "wrong_detail_type: detail-type: expected CloudWatch Alarm State Change, not "
            "\"CloudWatch Alarm Configuration Change\"");
}

TEST(RefusedAlarmEvent, HasAFieldOfAnotherType) {
  EXPECT_EQ(refusal_with("\"111122223333\"", "111122223333"),
            "wrong_field: account: expected text");
  EXPECT_EQ(refusal_with("\"kiro-worker-production-errors\",", "\"\","),
            "wrong_field: detail.alarmName: expected 1 to 255 bytes without control characters");
  EXPECT_EQ(refusal_with("\"kiro-worker-production-errors\",", "\"a\\u0000b\","),
            "wrong_field: detail.alarmName: expected 1 to 255 bytes without control characters");
  EXPECT_EQ(refusal_with("kiro-worker-production-errors\",", std::string(256, 'a') + "\","),
            "wrong_field: detail.alarmName: expected 1 to 255 bytes without control characters");
  EXPECT_EQ(read_one_signal("[]").error().message, "wrong_field: the document: expected an object");
}

TEST(RefusedAlarmEvent, HasAStateOrATimeThatIsNone) {
  EXPECT_EQ(refusal_with("\"value\": \"ALARM\"", "\"value\": \"Alarm\""),
            "unknown_state: detail.state.value: expected OK, ALARM or INSUFFICIENT_DATA");
  EXPECT_EQ(refusal_with("2026-03-02T09:41:17.204+0000", "yesterday"),
            "not_a_time: detail.state.timestamp: not a time like 2026-01-27T10:18:04Z");
  EXPECT_EQ(refusal_with("2026-03-02T09:41:17Z", "2026-02-30T09:41:17Z"),
            "not_a_time: time: not a time like 2026-01-27T10:18:04Z");
}

TEST(RefusedAlarmEvent, IsNoJsonOrTooLarge) {
  const auto refused = [](std::string_view bytes) { return read_signals(bytes).error().refusal; };
  EXPECT_EQ(refused(""), EventRefusal::not_json);
  EXPECT_EQ(refused("not json"), EventRefusal::not_json);
  EXPECT_EQ(refused(std::string(100'000, '[')), EventRefusal::not_json);
  EXPECT_EQ(refused(sample("alarm-metric.json").substr(0, 700)), EventRefusal::not_json);
  EXPECT_EQ(refused(std::string(256 * 1024 + 1, ' ')), EventRefusal::too_large);
  EXPECT_EQ(refused(std::string(256 * 1024, ' ')), EventRefusal::not_json);
  EXPECT_TRUE(refusal_with("\"region\"", "\"account\"").starts_with("not_json: "));
}

TEST(HandMadeEvent, MayLackWhereAndWhenItHappened) {
  const auto delivered = read_signals(sample("hand-made.json"));
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error(), (RefusedEvent{EventRefusal::missing_field, "id: is missing"}));
  EXPECT_EQ(read("hand-made.json", EventOrigin::hand_made).name, "kiro-pipeline-test-drill");
  const auto least = read_one_signal(
      R"({"version":"0","detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch",)"
      R"("detail":{"alarmName":"kiro-pipeline-test-drill","state":{"value":"ALARM"}}})",
      {.origin = EventOrigin::hand_made});
  ASSERT_TRUE(least) << least.error().message;
  EXPECT_EQ(least->at, Instant{});
  std::string event = sample("hand-made.json");
  event.replace(event.find("\"alarmName\""), 11, "\"name\"");
  EXPECT_EQ(read_signals(event, {.origin = EventOrigin::hand_made}).error().why,
            "detail.alarmName: is missing");
}

TEST(AlarmEvent, HasItsReasonCutBetweenTwoCharacters) {
  std::string event = sample("alarm-metric.json");
  const std::string begin = "\"reason\": \"Threshold";
  std::string reason = "\"reason\": \"";
  for (int i = 0; i < 600; ++i) reason += "\xC3\xA9";
  event.replace(event.find(begin), begin.size(), reason);
  EXPECT_EQ(read_one_signal(event).value().reason.size(), 1024U);
  event.replace(event.find(reason), 11, "\"reason\": \"x");
  EXPECT_EQ(read_one_signal(event).value().reason.size(), 1023U);
}

}  // namespace
}  // namespace stepback
