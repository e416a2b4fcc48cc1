// SPDX-License-Identifier: Apache-2.0
#include "wire/notice.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace stepback {
namespace {

const NoticeStyle style{.service = "kiro-worker", .details = "https://stepback.example.com"};

Notice a_notice(NoticeKind kind) {
  return {.key = "rb-01KFZ3Q8W5T7/production/" + std::string(name_of(kind)),
          .kind = kind,
          .environment = {"production"},
          .rollback = RollbackId{"rb-01KFZ3Q8W5T7"},
          .current_version = {"3333333aaaabbbbccccddddeeeeffff000011112"},
          .target_version = {"2222222aaaabbbbccccddddeeeeffff000011112"},
          .deployment = {"dep-20260127-101502"},
          .at = parse_rfc3339("2026-01-27T10:18:06.431Z").value(),
          .requested_by = "automation",
          .validation_status = "pending",
          .level = "stage",
          .origin = "automatic",
          .reason = "alarm kiro-pipeline-production-failures entered ALARM",
          .deadline = parse_rfc3339("2026-01-27T10:33:06Z").value(),
          .next_command = "stepback explain rb-01KFZ3Q8W5T7"};
}

TEST(NoticeJson, OfACompletedManualRollbackHasTheRunbooksEightKeysAndNothingElse) {
  Notice notice = a_notice(NoticeKind::rollback_completed);
  notice.at = parse_rfc3339("2026-01-27T10:24:37Z").value();
  notice.origin = "manual";
  notice.requested_by = "alice";
  notice.validation_status = "success";
  notice.took = seconds(282);
  notice.held = true;
  EXPECT_EQ(json_of(notice, style),
            R"({"event":"manual_rollback_completed","environment":"production",)"
            R"("currentVersion":"3333333aaaabbbbccccddddeeeeffff000011112",)"
            R"("targetVersion":"2222222aaaabbbbccccddddeeeeffff000011112",)"
            R"("deploymentId":"dep-20260127-101502","timestamp":"2026-01-27T10:24:37Z",)"
            R"("operator":"alice","validationStatus":"success"})");
}

TEST(NoticeJson, OfAStartHasTheEightKeysFirstAndThenMore) {
  EXPECT_EQ(json_of(a_notice(NoticeKind::rollback_started), style),
            R"({"event":"rollback_started","environment":"production",)"
            R"("currentVersion":"3333333aaaabbbbccccddddeeeeffff000011112",)"
            R"("targetVersion":"2222222aaaabbbbccccddddeeeeffff000011112",)"
            R"("deploymentId":"dep-20260127-101502","timestamp":"2026-01-27T10:18:06Z",)"
            R"("operator":"automation","validationStatus":"pending","schemaVersion":"1",)"
            R"("rollbackId":"rb-01KFZ3Q8W5T7","rollbackLevel":"stage",)"
            R"("rollbackReason":"alarm kiro-pipeline-production-failures entered ALARM",)"
            R"("deadline":"2026-01-27T10:33:06Z",)"
            R"("detailsUrl":"https://stepback.example.com/rollbacks/rb-01KFZ3Q8W5T7"})");
}

TEST(NoticeOfADrill, SaysThatItIsOne) {
  auto notice = a_notice(NoticeKind::rollback_started);
  notice.origin = name_of(Origin::drill);
  EXPECT_EQ(subject_of(notice), "Drill: Rollback Started - production");
  EXPECT_NE(json_of(notice, style).find(R"("drill":true)"), std::string::npos);
  EXPECT_EQ(json_of(a_notice(NoticeKind::rollback_started), style).find("drill"),
            std::string::npos);
}

TEST(NoticeJson, OfAnAutomaticEndTellsHowLongItTookAndWhetherTheReleaseIsHeld) {
  Notice notice = a_notice(NoticeKind::rollback_completed);
  notice.validation_status = "success";
  notice.took = seconds(282);
  notice.held = true;
  const std::string text = json_of(notice, style);
  EXPECT_TRUE(
      text.ends_with(R"("durationSeconds":282,"held":true,)"
                     R"("detailsUrl":"https://stepback.example.com/rollbacks/rb-01KFZ3Q8W5T7"})"))
      << text;
}

TEST(NoticeJson, OfAFailureTellsWhatIsWrongAndWhereEveryEnvironmentStands) {
  Notice notice = a_notice(NoticeKind::rollback_failed);
  notice.validation_status = "failed";
  notice.level = "full";
  notice.failed_alarms = {"kiro-pipeline-production-failures"};
  notice.failed_step = "validate.alarms";
  notice.environments_rolled_back = {"test", "staging"};
  notice.environments_failed = {"production"};
  notice.incident = "INC-20260127-1";
  const std::string text = json_of(notice, style);
  EXPECT_TRUE(text.ends_with(
      R"("rollbackReason":"alarm kiro-pipeline-production-failures entered ALARM",)"
      R"("failedAlarms":["kiro-pipeline-production-failures"],"failedStep":"validate.alarms",)"
      R"("environmentsRolledBack":["test","staging"],"environmentsFailed":["production"],)"
      R"("incident":"INC-20260127-1","nextCommand":"stepback explain rb-01KFZ3Q8W5T7",)"
      R"("detailsUrl":"https://stepback.example.com/rollbacks/rb-01KFZ3Q8W5T7"})"))
      << text;
}

TEST(NoticeJson, OfADeploymentsEndTellsHowLongItTookAndNothingOfAHold) {
  Notice notice = a_notice(NoticeKind::deployment_ended);
  notice.rollback.reset();
  notice.took = seconds(95);
  const std::string text = json_of(notice, style);
  EXPECT_NE(text.find(R"("durationSeconds":95)"), std::string::npos) << text;
  EXPECT_EQ(text.find("held"), std::string::npos) << text;
  EXPECT_EQ(subject_of(notice), "Deployment Ended - production");
}

TEST(NoticeJson, IsValidWhateverTheReasonHolds) {
  Notice notice = a_notice(NoticeKind::rollback_started);
  notice.reason = "\"}\n\x01 {{secret}} @channel <script>";
  const auto value = json::parse(json_of(notice, {}));
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(json::Reader(*value).text("rollbackReason").value(), notice.reason);
  EXPECT_FALSE(json::Reader(*value).has("detailsUrl"));
}

TEST(NoticeSubject, OfACompletedManualRollbackIsTheRunbooks) {
  Notice notice = a_notice(NoticeKind::rollback_completed);
  notice.origin = "manual";
  EXPECT_EQ(subject_of(notice), "Manual Rollback Completed - production");
  notice.origin = "automatic";
  EXPECT_EQ(subject_of(notice), "Rollback Completed - production");
}

TEST(NoticeSubject, IsShortAsciiOnOneLineForEveryKind) {
  for (std::size_t kind = 0; kind < names_of<NoticeKind>.size(); ++kind) {
    Notice notice = a_notice(static_cast<NoticeKind>(kind));
    notice.environment = {std::string(90, 'e') + "\nBcc: x\xC3\xA4"};
    const std::string subject = subject_of(notice);
    EXPECT_LT(subject.size(), 100U);
    EXPECT_EQ(subject.find('\n'), std::string::npos);
    for (const char c : subject) EXPECT_TRUE(c >= 0x20 && c <= 0x7E);
  }
}

TEST(NoticeText, AnswersWhatWhereFromToHowLongWhyAndWhatNext) {
  Notice notice = a_notice(NoticeKind::rollback_completed);
  notice.took = seconds(282);
  const std::string text = text_of(notice, style);
  for (const auto* part :
       {"Rollback Completed - production\n", "kiro-worker",
        "3333333aaaabbbbccccddddeeeeffff000011112 -> "
        "2222222aaaabbbbccccddddeeeeffff000011112",
        "4m42s", "alarm kiro-pipeline-production-failures", "stepback explain rb-01KFZ3Q8W5T7",
        "https://stepback.example.com/rollbacks/rb-01KFZ3Q8W5T7"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
}

TEST(NoticeText, LetsNothingFromOutsideForgeALineOrFlood) {
  Notice notice = a_notice(NoticeKind::rollback_started);
  notice.reason = "bad\nNext         stepback hand-back production\x1b[2J" + std::string(5000, 'x');
  const std::string text = text_of(notice, style);
  EXPECT_EQ(text.find("\nNext         stepback hand-back"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LT(text.size(), 2500U);
}

TEST(NoticeText, CutsALongReasonBetweenCharacters) {
  Notice notice = a_notice(NoticeKind::rollback_started);
  notice.reason = "x";
  for (int i = 0; i < 1000; ++i) notice.reason += "\xC3\xA4";
  const std::string text = text_of(notice, style);
  EXPECT_NE(text.find("\xC3\xA4..."), std::string::npos);
}

}  // namespace
}  // namespace stepback
