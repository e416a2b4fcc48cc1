// SPDX-License-Identifier: Apache-2.0
#include "wire/notice_formats.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/json.hpp"

namespace stepback {
namespace {

const NoticeStyle style{.service = "kiro-worker", .details = "https://stepback.example.com"};
const Secret key("0123456789abcdef0123456789abcdef");

Notice a_notice(NoticeKind kind) {
  return {.key = "rb-01KFZ3Q8W5T7/production/" + std::string(name_of(kind)),
          .kind = kind,
          .severity = Severity::critical,
          .environment = {"production"},
          .rollback = RollbackId{"rb-01KFZ3Q8W5T7"},
          .current_version = {"3333333"},
          .target_version = {"2222222"},
          .at = parse_rfc3339("2026-01-27T10:33:06Z").value(),
          .requested_by = "automation",
          .level = "stage",
          .reason = "alarm kiro-pipeline-production-failures",
          .took = seconds(282),
          .held = true,
          .failed_alarms = {"kiro-pipeline-production-failures"},
          .next_command = "stepback explain rb-01KFZ3Q8W5T7"};
}

json::Value told(NoticeFormat format, const Notice& notice) {
  const auto body = body_of(format, notice, style, key);
  EXPECT_TRUE(body) << name_of(notice.kind);
  return body ? json::parse(*body).value() : json::Value();
}

// Every text in a value, wherever it stands.
void each_text(const json::Value& value, const std::function<void(std::string_view)>& look) {
  if (value.is_string()) look(value.get_string());
  if (value.is_array())
    for (const auto& each : value.get_array()) each_text(each, look);
  if (value.is_object())
    for (const auto& each : value.get_object()) each_text(each.value(), look);
}

TEST(PagerDuty, WakesSomebodyWhereAPersonMustActAndForTheSameThingOnce) {
  const auto escalated = told(NoticeFormat::pagerduty, a_notice(NoticeKind::rollback_escalated));
  EXPECT_EQ(escalated.at("event_action"), "trigger");
  EXPECT_EQ(escalated.at("routing_key").as_string(), key.reveal());
  EXPECT_EQ(escalated.at("dedup_key"), "stepback/kiro-worker/production/rb-01KFZ3Q8W5T7");
  EXPECT_EQ(escalated.at("payload").at("severity"), "critical");
  EXPECT_EQ(escalated.at("payload").at("custom_details").at("next command"),
            "stepback explain rb-01KFZ3Q8W5T7");
  EXPECT_EQ(escalated.at("client_url"), "https://stepback.example.com/rollbacks/rb-01KFZ3Q8W5T7");
  const auto late = told(NoticeFormat::pagerduty, a_notice(NoticeKind::budget_at_risk));
  EXPECT_EQ(late.at("dedup_key"), escalated.at("dedup_key"));
}

TEST(PagerDuty, WakesForTheBrakeOnceHoweverManySignalsItHolds) {
  auto notice = a_notice(NoticeKind::brake_engaged);
  notice.rollback.reset();
  const auto first = told(NoticeFormat::pagerduty, notice);
  notice.key = "another signal";
  EXPECT_EQ(told(NoticeFormat::pagerduty, notice).at("dedup_key"), first.at("dedup_key"));
  EXPECT_EQ(first.at("dedup_key"), "stepback/kiro-worker/production/brake_engaged");
}

TEST(PagerDuty, LetsThemSleepAgainWhenItIsOver) {
  const auto over = told(NoticeFormat::pagerduty, a_notice(NoticeKind::rollback_completed));
  EXPECT_EQ(over.at("event_action"), "resolve");
  EXPECT_EQ(over.at("dedup_key"), "stepback/kiro-worker/production/rb-01KFZ3Q8W5T7");
  EXPECT_FALSE(over.as_object().contains("payload"));
}

TEST(PagerDuty, LetsThemSleepAgainWhenTheEnvironmentIsHandedBack) {
  auto notice = a_notice(NoticeKind::handed_back);
  EXPECT_EQ(told(NoticeFormat::pagerduty, notice).at("dedup_key"),
            "stepback/kiro-worker/production/rb-01KFZ3Q8W5T7");
  notice.rollback.reset();
  const auto over = told(NoticeFormat::pagerduty, notice);
  EXPECT_EQ(over.at("event_action"), "resolve");
  EXPECT_EQ(over.at("dedup_key"), "stepback/kiro-worker/production/brake_engaged");
}

TEST(PagerDuty, IsNotToldOfWhatNobodyMustActOn) {
  for (const auto kind : {NoticeKind::rollback_started, NoticeKind::release_held,
                          NoticeKind::deployment_ended, NoticeKind::approval_wanted})
    EXPECT_FALSE(body_of(NoticeFormat::pagerduty, a_notice(kind), style, key)) << name_of(kind);
}

TEST(Slack, SaysInItsFirstLineWhatAndWhereAndWhy) {
  const auto message = told(NoticeFormat::slack, a_notice(NoticeKind::rollback_completed));
  EXPECT_EQ(message.at("text"),
            ":rotating_light: kiro-worker: Rollback Completed - production: alarm "
            "kiro-pipeline-production-failures");
  EXPECT_EQ(message.at("blocks").at(1).at("fields").at(0).at("text"),
            "*Version*\n3333333 → 2222222");
}

TEST(Slack, MentionsNobodyAndLinksNowhereForATextFromOutside) {
  auto notice = a_notice(NoticeKind::rollback_escalated);
  notice.reason = "<!channel> <https://evil.example|look> & ```end";
  notice.failed_alarms = {"<@U123>"};
  const auto message = told(NoticeFormat::slack, notice);
  each_text(message, [](std::string_view text) {
    EXPECT_EQ(text.find("<!"), std::string_view::npos) << text;
    EXPECT_EQ(text.find("<@"), std::string_view::npos) << text;
    EXPECT_EQ(text.find("<https://evil"), std::string_view::npos) << text;
  });
}

TEST(Formats, StayWithinWhatEachServiceTakes) {
  auto notice = a_notice(NoticeKind::rollback_escalated);
  notice.reason.clear();
  for (int i = 0; i < 3000; ++i) notice.reason += "&é\n";
  notice.environment = {std::string(300, 'e')};
  notice.next_command = std::string(9000, 'n');
  notice.failed_alarms.assign(200, std::string(100, 'a'));
  const auto message = told(NoticeFormat::slack, notice);
  EXPECT_LE(message.at("blocks").at(0).at("text").at("text").as_string().size(), 150U);
  for (const auto& block : message.at("blocks").as_array()) {
    each_text(block, [](std::string_view text) { EXPECT_LE(text.size(), 3000U); });
    if (!block.as_object().contains("fields")) continue;
    EXPECT_LE(block.at("fields").as_array().size(), 10U);
    each_text(block.at("fields"), [](std::string_view text) { EXPECT_LE(text.size(), 2000U); });
  }
  const auto page = told(NoticeFormat::pagerduty, notice);
  EXPECT_LE(page.at("payload").at("summary").as_string().size(), 1024U);
  EXPECT_LE(page.at("dedup_key").as_string().size(), 255U);
}

TEST(CdEvents, TellOfARollbackAndOfAnIncident) {
  const auto back = told(NoticeFormat::cdevents, a_notice(NoticeKind::rollback_completed));
  EXPECT_EQ(back.at("context").at("type"), "dev.cdevents.service.rolledback.0.3.0");
  EXPECT_EQ(back.at("context").at("timestamp"), "2026-01-27T10:33:06.000Z");
  EXPECT_EQ(back.at("subject").at("content").at("artifactId"), "pkg:generic/kiro-worker@2222222");
  EXPECT_EQ(back.at("customData").at("durationSeconds"), 282);
  const auto incident = told(NoticeFormat::cdevents, a_notice(NoticeKind::rollback_escalated));
  EXPECT_EQ(incident.at("context").at("type"), "dev.cdevents.incident.detected.0.3.0");
  EXPECT_FALSE(body_of(NoticeFormat::cdevents, a_notice(NoticeKind::rollback_started), style, key));
}

}  // namespace
}  // namespace stepback
