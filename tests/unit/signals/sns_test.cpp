// SPDX-License-Identifier: Apache-2.0
#include "signals/sns.hpp"
#include "support/event_samples.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

using support::sample;

TEST(SnsMessage, OfANotificationIsSignedInThisOrder) {
  const auto read = read_sns_message(sample("sns-message.json"));
  ASSERT_TRUE(read) << read.error().why;
  EXPECT_EQ(read->signature_version, 2);
  SnsMessage message = *read;
  message.message = "m";
  EXPECT_EQ(text_to_sign(message),
            "Message\nm\nMessageId\n5c2d8f10-7e6a-5b1c-9d3e-2a4b6c8d0e1f\nSubject\n"
            "ALARM: \"kiro-worker-production-errors\" in Europe (Ireland)\nTimestamp\n"
            "2026-03-02T09:41:17.290Z\nTopicArn\narn:aws:sns:eu-west-1:111122223333:shop-alarms\n"
            "Type\nNotification\n");
  message.subject.clear();
  EXPECT_EQ(text_to_sign(message).find("Subject"), std::string::npos);
}

TEST(SnsMessage, OfAConfirmationIsSignedWithItsTokenAndAddress) {
  const auto read = read_sns_message(sample("sns-confirmation.json"));
  ASSERT_TRUE(read) << read.error().why;
  EXPECT_EQ(read->type, SnsType::subscription_confirmation);
  SnsMessage message = *read;
  message.message = "m";
  message.subscribe_url = "https://x";
  EXPECT_EQ(text_to_sign(message),
            "Message\nm\nMessageId\n9e8d7c6b-1111-2222-3333-a1b2c3d4e5f6\nSubscribeURL\n"
            "https://x\nTimestamp\n2026-03-02T09:00:00.000Z\nToken\n2336412f37fb687f5d51e6e2425e\n"
            "TopicArn\narn:aws:sns:eu-west-1:111122223333:shop-alarms\nType\n"
            "SubscriptionConfirmation\n");
}

TEST(SnsMessage, LackingItsSignatureOrOfAnotherKindIsRefused) {
  const auto refusal = [](const std::string& what, const std::string& instead) {
    std::string body = sample("sns-message.json");
    body.replace(body.find(what), what.size(), instead);
    const auto read = read_sns_message(body);
    return read ? "accepted" : to_error(read.error()).message;
  };
  EXPECT_EQ(refusal("\"Signature\"", "\"Sig\""), "missing_field: Signature: is missing");
  EXPECT_EQ(refusal("\"2\"", "\"3\""), "wrong_field: SignatureVersion: expected 1 or 2");
  EXPECT_EQ(refusal("\"Notification\"", "\"Hello\""),
            "wrong_field: Type: expected Notification or a confirmation");
  EXPECT_EQ(read_sns_message("[").error().refusal, EventRefusal::not_json);
  EXPECT_EQ(read_sns_message("[]").error().refusal, EventRefusal::wrong_field);
  EXPECT_EQ(read_sns_message(std::string(300'000, ' ')).error().refusal, EventRefusal::too_large);
}

TEST(SnsAddress, IsOfTheServicesOwnHostOnly) {
  for (const auto* good :
       {"https://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-a.pem"})
    EXPECT_TRUE(check_certificate_address(good)) << good;
  EXPECT_TRUE(check_sns_address("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"));
  for (const auto* bad :
       {"http://sns.eu-west-1.amazonaws.com/x.pem", "https://sns.eu-west-1.amazonaws.com",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://sns.evil.example/.amazonaws.com/x.pem",
        "https://user@sns.eu-west-1.amazonaws.com/x",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem", "https://sns..amazonaws.com/x.pem",
        "https://sns.eu.west.amazonaws.com/x.pem", "https://sns.a@b.amazonaws.com/x.pem",
        "https://s3.eu-west-1.amazonaws.com/sns/x.pem", "https://sns.EU.amazonaws.com/x.pem", ""}) {
    EXPECT_FALSE(check_sns_address(bad)) << bad;
    EXPECT_FALSE(check_certificate_address(bad)) << bad;
  }
  for (const auto* bad :
       {"https://sns.eu-west-1.amazonaws.com/x.pem?y=1",
        "https://sns.eu-west-1.amazonaws.com/x.cer", "https://sns.eu-west-1.amazonaws.com/../x.pem",
        "https://sns.eu-west-1.amazonaws.com/x#.pem",
        "https://sns.eu-west-1.amazonaws.com/%2e.pem"})
    EXPECT_FALSE(check_certificate_address(bad)) << bad;
}

}  // namespace
}  // namespace stepback
