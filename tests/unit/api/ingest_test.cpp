// SPDX-License-Identifier: Apache-2.0
// What is sent in, by whom, and what is answered, over a real connection.
#include "entry/api/ingest.hpp"

#include <gtest/gtest.h>

#include "api_fixture.hpp"
#include "base/digest.hpp"
#include "base/json.hpp"
#include "support/signer.hpp"

namespace stepback {
namespace {

constexpr std::string_view topic = "arn:aws:sns:us-east-1:123456789012:alarms";
constexpr std::string_view certificate_url = "https://sns.us-east-1.amazonaws.com/x.pem";

class Ingesting : public ApiTest {
 protected:
  Ingesting() {
    listening = {.topics = {std::string(topic)}, .fetch = [this](const std::string& url) {
                   fetched.push_back(url);
                   return answers_of_sns;
                 }};
  }

  http::Response post(std::string_view path, std::string body, http::Headers headers = {}) {
    return ask(http::Method::post, path, std::move(body), std::move(headers));
  }
  http::Response post(std::string body, http::Headers headers = {}) {
    return post("/api/v1/events", std::move(body), std::move(headers));
  }

  static std::string alert(const std::string& name, const std::string& at) {
    return R"({"status":"firing","labels":{"alertname":")" + name +
           R"(","environment":"production"},"annotations":{"summary":"slow"},"startsAt":")" + at +
           R"(","endsAt":"0001-01-01T00:00:00Z","fingerprint":"1a"})";
  }
  static std::string alerts(const std::string& list) {
    return R"({"version":"4","status":"firing","alerts":[)" + list + "]}";
  }

  // The alarm turns red, and this is what it tells its topic.
  std::string notice() {
    const auto at = to_rfc3339(service.alarm("production").at);
    return R"({"AlarmName":"kiro-worker-production-errors","AWSAccountId":"123456789012",)"
           R"("NewStateValue":"ALARM","NewStateReason":"5 errors","StateChangeTime":")" +
           at + R"(","Region":"US East",
           "AlarmArn" : "arn:aws:cloudwatch:us-east-1:)" +
           R"(123456789012:alarm:kiro-worker-production-errors"})";
  }

  std::string delivery(SnsMessage message) const {
    message.signature =
        signer.sign(text_to_sign(message),
                    message.signature_version == 1 ? SignatureHash::sha1 : SignatureHash::sha256);
    json::Object body{{"Type", name_of(message.type)},
                      {"MessageId", message.id},
                      {"TopicArn", message.topic},
                      {"Message", message.message},
                      {"Timestamp", message.timestamp},
                      {"SignatureVersion", std::to_string(message.signature_version)},
                      {"Signature", message.signature},
                      {"SigningCertURL", message.certificate_url}};
    if (message.type != SnsType::notification) {
      body["Token"] = message.token;
      body["SubscribeURL"] = message.subscribe_url;
    }
    return json::write(body);
  }
  static SnsMessage notification(std::string text) {
    return {.type = SnsType::notification,
            .id = "1",
            .topic = std::string(topic),
            .message = std::move(text),
            .timestamp = "2026-01-27T10:18:04.512Z",
            .certificate_url = std::string(certificate_url)};
  }

  std::string signature(std::string_view secret, std::string_view body, Duration age = {}) const {
    const auto time = std::to_string((service.clock.now() - age).ms / 1000);
    return "t=" + time + ",v1=" + to_hex(hmac_sha256(secret, time + "." + std::string(body)));
  }

  Signer signer;
  std::vector<std::string> fetched;
  Result<std::string> answers_of_sns = signer.certificate();
};

TEST_F(Ingesting, ABatchIsAnsweredWithAListAndAgainWithTheSame) {
  start();
  const auto sent = alerts(alert("a", "2026-01-27T10:00:00Z") + "," +
                           alert("b", "2026-01-27T10:00:01Z") + R"(,{"status":"firing"})");
  const auto answer = post(sent);
  EXPECT_EQ(answer.status, 202) << answer.body;
  const auto body = json::parse(answer.body);
  ASSERT_TRUE(body) << answer.body;
  EXPECT_EQ(body->at("answers").as_array().size(), 2U);
  EXPECT_EQ(body->at("refused").as_array().size(), 1U);
  const auto again = post(sent);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, answer.body);
  EXPECT_EQ(service.store.all_triggers().size(), 2U);
}

TEST_F(Ingesting, OneAlertIsAnsweredLikeOneEvent) {
  start();
  const auto answer = post(alerts(alert("a", "2026-01-27T10:00:00Z")));
  EXPECT_EQ(answer.status, 202);
  EXPECT_TRUE(answer.body.starts_with(R"({"schema":"stepback/v1/answer","decision":)"));
}

TEST_F(Ingesting, WhatCallsForNothingIsAcceptedAndSaid) {
  start();
  const auto answer = post(R"({"version":"4","alerts":[]})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"schema":"stepback/v1/answers","answers":[],"refused":[],)"
                         R"("passedOver":["it has no alerts"]})");
  EXPECT_TRUE(service.store.all_triggers().empty());
}

TEST_F(Ingesting, ABatchOfWhichOneCannotBeStoredIsToBeSentAgain) {
  start();
  int commits = 0;
  service.store.before_commit = [&](const Commit&) {
    return ++commits == 2 ? Result<>(fail(Code::unavailable, "the disk is full")) : Result<>();
  };
  const auto sent =
      alerts(alert("a", "2026-01-27T10:00:00Z") + "," + alert("b", "2026-01-27T10:00:01Z"));
  auto status = post(sent).status;
  for (int tries = 0; status == 503 && tries < 3; ++tries) status = post(sent).status;
  EXPECT_TRUE(status == 200 || status == 202) << status;
  EXPECT_EQ(service.store.all_triggers().size(), 2U);
}

TEST_F(Ingesting, TooManyTooLargeTooDeepAndUnknownAreToldApart) {
  start();
  std::string many = alert("a", "2026-01-27T10:00:00Z");
  const auto small = std::string(R"(,{"status":"x"})");
  for (int i = 0; i < 1000; ++i) many += small;
  EXPECT_EQ(post(alerts(many)).status, 413);
  EXPECT_EQ(post(std::string(300'000, ' ')).status, 413);
  EXPECT_EQ(post(std::string(1000, '[')).status, 400);
  const auto unknown = post(R"({"hello":"world"})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.type, "application/problem+json");
  EXPECT_EQ(post(alerts(R"({"status":"x"})")).status, 400);
}

TEST_F(Ingesting, AHookReadsByItsOwnMappingOnly) {
  start({.hooks = {{"shop", {.name = "n", .environment = "e", .at = "t"}}}});
  const auto answer = post("/api/v1/hooks/shop", R"({"n":"x","e":"production","t":1769508000})");
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(post("/api/v1/hooks/shop", R"({"n":"x"})").status, 400);
  EXPECT_EQ(post("/api/v1/hooks/other", R"({"n":"x"})").status, 404);
}

TEST_F(Ingesting, ASignatureIsGoodForFiveMinutesWithEitherSecret) {
  start({.authentication = {.secrets = {Secret("new"), Secret("old")}}});
  const auto body = alerts(alert("a", "2026-01-27T10:00:00Z"));
  const auto with = [&](const std::string& header) {
    return post(body, {{"Stepback-Signature", header}}).status;
  };
  EXPECT_EQ(with(signature("new", body)), 202);
  EXPECT_EQ(with(signature("old", body)), 200);
  EXPECT_EQ(with(signature("old", body) + ",v1=00,v2=1"), 200);
  EXPECT_EQ(with(signature("new", body, minutes(4))), 200);
  EXPECT_EQ(with(signature("new", body, -minutes(4))), 200);
  EXPECT_EQ(with(signature("new", body, minutes(6))), 401);
  EXPECT_EQ(with(signature("new", body, -minutes(6))), 401);
  EXPECT_EQ(with(signature("other", body)), 401);
  EXPECT_EQ(with(signature("new", body + " ")), 401);
  for (const auto* bad : {"", "t=", "v1=00", "t=1", "t=1,t=2,v1=00", "t=-1,v1=00", "t=1x,v1=00",
                          "t=99999999999999999999,v1=00", "=", ",", "t=1,v1"})
    EXPECT_EQ(with(bad), 401) << bad;
  EXPECT_EQ(post(body).status, 401);
  // It has no time, so it could be sent again for ever.
  EXPECT_EQ(
      post(body, {{"X-Hub-Signature-256", "sha256=" + to_hex(hmac_sha256("new", body))}}).status,
      401);
}

TEST_F(Ingesting, ATokenIsEnoughWhereThereAreSecretsAsWell) {
  start({.authentication = {.token = Secret("token"), .secrets = {Secret("key")}},
         .hooks = {{"shop", {.name = "n", .at = "t"}}}});
  const auto body = alerts(alert("a", "2026-01-27T10:00:00Z"));
  EXPECT_EQ(post(body, {{"Authorization", "Bearer token"}}).status, 202);
  EXPECT_EQ(post(body, {{"Stepback-Signature", signature("key", body)}}).status, 200);
  EXPECT_EQ(post(body, {{"Authorization", "Bearer key"}}).status, 401);
  // Nobody learns without one which hooks there are.
  EXPECT_EQ(post("/api/v1/hooks/shop", "{}").status, 401);
  EXPECT_EQ(post("/api/v1/hooks/other", "{}").status, 401);
}

TEST_F(Ingesting, ATopicsDeliveryOpensARollbackOnceAndAsksForItsCertificateOnce) {
  start({.authentication = {.token = Secret("not asked for")}});
  const auto sent = delivery(notification(notice()));
  const auto answer = post("/api/v1/sns", sent);
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_NE(answer.body.find(R"("decision":"opened")"), std::string::npos) << answer.body;
  auto second = notification(notice());
  second.signature_version = 2;
  EXPECT_EQ(post("/api/v1/sns", delivery(second)).status, 200);
  EXPECT_EQ(service.rollbacks().size(), 1U);
  EXPECT_EQ(fetched, std::vector<std::string>{std::string(certificate_url)});
}

TEST_F(Ingesting, ATopicsDeliveryThatIsForgedOrOfAnotherTopicIsDenied) {
  start();
  const auto sent = delivery(notification(notice()));
  std::string changed = sent;
  changed.replace(changed.find("5 errors"), 8, "6 errors");
  EXPECT_EQ(post("/api/v1/sns", changed).status, 403);
  auto elsewhere = notification(notice());
  elsewhere.topic = "arn:aws:sns:us-east-1:999999999999:alarms";
  EXPECT_EQ(post("/api/v1/sns", delivery(elsewhere)).status, 403);
  auto own = notification(notice());
  own.certificate_url = "https://sns.evil.example/x.pem";
  EXPECT_EQ(post("/api/v1/sns", delivery(own)).status, 403);
  EXPECT_EQ(post("/api/v1/sns", "{}").status, 400);
  EXPECT_EQ(fetched.size(), 1U);  // for the first, whose address was SNS's
  answers_of_sns = fail(Code::unavailable, "no answer");
  EXPECT_EQ(post("/api/v1/sns", sent).status, 503);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(Ingesting, ASubscriptionIsConfirmedForAConfiguredTopicAtSnssOwnAddress) {
  start();
  auto message = notification("You have chosen to subscribe");
  message.type = SnsType::subscription_confirmation;
  message.token = "abc";
  message.subscribe_url = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription";
  EXPECT_EQ(post("/api/v1/sns", delivery(message)).status, 200);
  EXPECT_EQ(fetched.back(), message.subscribe_url);
  const auto before = fetched.size();
  message.subscribe_url = "https://169.254.169.254/";
  EXPECT_EQ(post("/api/v1/sns", delivery(message)).status, 403);
  EXPECT_EQ(fetched.size(), before);
}

}  // namespace
}  // namespace stepback
