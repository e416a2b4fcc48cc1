// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/sns.hpp"

#include <gtest/gtest.h>

#include "adapters/aws/sigv4.hpp"
#include "base/digest.hpp"
#include "support/pretend_aws.hpp"

namespace stepback::aws {
namespace {

constexpr std::string_view published =
    "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>";

Notice a_notice() {
  Notice notice{.key = "rb-1/production/rollback_completed",
                .kind = NoticeKind::rollback_completed};
  notice.environment = {"production"};
  notice.rollback = RollbackId{"rb-1"};
  notice.current_version = {"3333333"};
  notice.target_version = {"2222222"};
  notice.deployment = {"dep-20260127-101502"};
  notice.at = parse_rfc3339("2026-01-27T10:24:37Z").value();
  notice.requested_by = "alice";
  notice.validation_status = "success";
  notice.origin = "manual";
  return notice;
}

class SnsNotifierTest : public ::testing::Test {
 protected:
  Result<> tell(const Notice& notice) {
    SnsNotifier notifier(service_, {.subscription = {.name = "sns"}, .topic = topic_});
    return notifier.tell(notice);
  }
  // A field of the form that was sent, still encoded.
  std::string field(std::string_view name) const {
    const std::string body = "&" + aws_.body(0) + "&";
    const std::string start = "&" + encode(name) + "=";
    const auto at = body.find(start);
    if (at == std::string::npos) return "(none)";
    const auto from = at + start.size();
    return body.substr(from, body.find('&', from) - from);
  }

  PretendAws aws_;
  Service& service_ = aws_.speak(SnsNotifier::dialect);
  std::string topic_ = "arn:aws:sns:us-east-1:123456789012:kiro-pipeline-{environment}-rollbacks";
};

TEST_F(SnsNotifierTest, SaysThatThereIsNoSuchTopic) {
  aws_.says(
      "<ErrorResponse><Error><Code>NotFound</Code><Message>no topic</Message></Error>"
      "</ErrorResponse>",
      404);
  const auto told = tell(a_notice());
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, Code::not_found);
  EXPECT_TRUE(told.error().message.starts_with("publishing to arn:aws:sns:us-east-1:"))
      << told.error().message;
}

TEST_F(SnsNotifierTest, DoesNotSendWhatIsTooLong) {
  Notice notice = a_notice();
  notice.origin = "automatic";
  notice.reason = std::string(std::size_t{300} * 1024, 'x');
  EXPECT_EQ(tell(notice).error().code, Code::invalid);
  EXPECT_TRUE(aws_.sent.empty());
}

TEST_F(SnsNotifierTest, PublishesTheRunbooksMessageOfAManualRollback) {
  aws_.says(std::string(published));
  ASSERT_TRUE(tell(a_notice()));
  EXPECT_TRUE(aws_.body(0).starts_with("Action=Publish&Version=2010-03-31&"));
  EXPECT_EQ(field("TopicArn"),
            encode("arn:aws:sns:us-east-1:123456789012:kiro-pipeline-production-rollbacks"));
  EXPECT_EQ(field("Subject"), encode("Manual Rollback Completed - production"));
  EXPECT_EQ(field("Message"),
            encode(R"({"event":"manual_rollback_completed","environment":"production",)"
                   R"("currentVersion":"3333333","targetVersion":"2222222",)"
                   R"("deploymentId":"dep-20260127-101502","timestamp":"2026-01-27T10:24:37Z",)"
                   R"("operator":"alice","validationStatus":"success"})"));
  EXPECT_EQ(field("MessageGroupId"), "(none)");
}

TEST_F(SnsNotifierTest, PutsWhatASubscriptionFiltersByIntoAttributes) {
  aws_.says(std::string(published));
  Notice notice = a_notice();
  notice.severity = Severity::critical;
  ASSERT_TRUE(tell(notice));
  EXPECT_EQ(field("MessageAttributes.entry.1.Name"), "event");
  EXPECT_EQ(field("MessageAttributes.entry.1.Value.DataType"), "String");
  EXPECT_EQ(field("MessageAttributes.entry.1.Value.StringValue"), "manual_rollback_completed");
  EXPECT_EQ(field("MessageAttributes.entry.2.Name"), "environment");
  EXPECT_EQ(field("MessageAttributes.entry.2.Value.StringValue"), "production");
  EXPECT_EQ(field("MessageAttributes.entry.3.Name"), "severity");
  EXPECT_EQ(field("MessageAttributes.entry.3.Value.StringValue"), "critical");
}

TEST_F(SnsNotifierTest, TellsAFifoTopicWhichNoticeItIs) {
  topic_ += ".fifo";
  aws_.says(std::string(published));
  ASSERT_TRUE(tell(a_notice()));
  EXPECT_EQ(field("MessageGroupId"), "production");
  EXPECT_EQ(field("MessageDeduplicationId"), sha256_hex("rb-1/production/rollback_completed"));
}

TEST_F(SnsNotifierTest, WantsWhatItsSubscriptionNames) {
  const SnsNotifier notifier(
      service_, {.subscription = {.name = "sns", .environments = {{"test"}}}, .topic = topic_});
  EXPECT_EQ(notifier.name(), "sns");
  EXPECT_FALSE(notifier.wants(a_notice()));
}

}  // namespace
}  // namespace stepback::aws
