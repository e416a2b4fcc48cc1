// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/service.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "support/pretend_wire.hpp"

namespace stepback::aws {
namespace {

constexpr Dialect dynamodb{
    .id = "dynamodb", .signing = "", .target = "DynamoDB_20120810", .version = "1.0"};
constexpr Dialect sns{.id = "sns", .signing = "", .target = "", .version = "2010-03-31"};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() { make(dynamodb); }
  void make(const Dialect& dialect) {
    auto made = Service::make(dialect, connection, Random(1));
    ASSERT_TRUE(made) << made.error().message;
    service = *std::move(made);
  }
  // The answers come in this order; the last one stays.
  Result<http::Response> next(const http::Call& call) {
    sent.push_back(call);
    auto answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return answer;
  }
  void says(int status, std::string body, http::Headers headers = {}) {
    answers.push_back(http::Response{
        .status = status, .type = {}, .headers = std::move(headers), .body = std::move(body)});
  }
  Answer<json::Value> get_item(Repeat repeat = Repeat::freely) {
    return service->call("GetItem", json::Object{{"TableName", "t"}}, repeat);
  }

  stepback::testing::WaitedClock clock;
  std::deque<Result<http::Response>> answers;
  std::vector<http::Call> sent;
  int times_searched = 0;
  CredentialSource credentials{
      {.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/"}},
       .home = "/nowhere",
       .read_file = [](const std::string& path) -> Result<std::string> {
         return fail(Code::not_found, path);
       },
       .run = nullptr,
       .send = [this](const http::Call&) -> Result<http::Response> {
         ++times_searched;
         return http::json_response(
             200, R"({"AccessKeyId":"ASIA","SecretAccessKey":"hush-hush","Token":"t"})");
       },
       .profile = ""},
      clock};
  Connection connection{.send = [this](const http::Call& call) { return next(call); },
                        .credentials = credentials,
                        .region = "eu-central-1",
                        .clock = clock,
                        .waiter = clock,
                        .variables = {}};
  std::unique_ptr<Service> service;
};

TEST_F(ServiceTest, SpeaksJsonToTheServicesOwnAddress) {
  says(200, R"({"Item":{}})");
  ASSERT_TRUE(get_item());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].url.text(), "https://dynamodb.eu-central-1.amazonaws.com/");
  EXPECT_EQ(sent[0].headers.find("X-Amz-Target"), "DynamoDB_20120810.GetItem");
  EXPECT_EQ(sent[0].headers.find("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_NE(sent[0].headers.find("Authorization")->find("/eu-central-1/dynamodb/aws4_request"),
            std::string_view::npos);
}

TEST_F(ServiceTest, AnotherEndpointMayBeNamedForAllServicesOrForOne) {
  connection.variables = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"}};
  make(dynamodb);
  says(200, "{}");
  ASSERT_TRUE(get_item());
  EXPECT_EQ(sent.back().url.origin(), "http://127.0.0.1:4566");
  connection.variables["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:8000";
  make(dynamodb);
  ASSERT_TRUE(get_item());
  EXPECT_EQ(sent.back().url.origin(), "http://127.0.0.1:8000");
}

TEST_F(ServiceTest, TriesAgainWhenThrottledWithGrowingPauses) {
  for (int i = 0; i < 3; ++i)
    says(400, R"({"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"})");
  says(200, "{}");
  ASSERT_TRUE(get_item());
  EXPECT_EQ(sent.size(), 4u);
  EXPECT_EQ(clock.pauses().size(), 3u);
  for (const auto pause : clock.pauses()) EXPECT_LE(pause, Duration(400));
}

TEST_F(ServiceTest, GivesUpWithinItsPatience) {
  connection.patience = seconds(2);
  says(503, "busy");
  const auto answer = get_item();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_LT(clock.steady(), seconds(2));
}

TEST_F(ServiceTest, AServiceThatIsDownIsNotAskedForEver) {
  says(503, "busy");
  for (int i = 0; i < 200; ++i) ASSERT_FALSE(get_item());
  // 200 first attempts, and repeats for a budget of 500 at 5 each.
  EXPECT_EQ(sent.size(), 300u);
}

TEST_F(ServiceTest, WhatMustNotHappenTwiceIsSentOnceWhenItsAnswerIsLost) {
  answers.push_back(fail(Code::timeout, "timed out after 5s"));
  const auto answer = get_item(Repeat::never);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::timeout);
  EXPECT_EQ(sent.size(), 1u);
}

TEST_F(ServiceTest, ARefusalKeepsItsWordAndItsBody) {
  says(400, R"({"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",)"
            R"("Message":"cancelled","CancellationReasons":[{"Code":"None"}]})");
  const auto answer = get_item();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::conflict);
  EXPECT_EQ(answer.error().type, "TransactionCanceledException");
  EXPECT_TRUE(answer.error().body.as_object().contains("CancellationReasons"));
  EXPECT_EQ(sent.size(), 1u);
}

TEST_F(ServiceTest, ExpiredCredentialsAreFetchedAnew) {
  says(400, R"({"__type":"ExpiredTokenException","message":"expired"})");
  says(200, "{}");
  ASSERT_TRUE(get_item());
  EXPECT_EQ(times_searched, 2);
}

TEST_F(ServiceTest, AClockThatIsOffIsAllowedFor) {
  says(403, R"({"__type":"InvalidSignatureException","message":"Signature expired"})",
       {{"Date", "Tue, 27 Jan 2026 12:00:00 GMT"}});
  says(200, "{}");
  ASSERT_TRUE(get_item());
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(sent[1].headers.find("X-Amz-Date")->starts_with("20260127T1200"));
}

// A HEAD is refused without a word, so the Date beside it has to do.
TEST_F(ServiceTest, AClockThatIsOffIsAllowedForWhereTheRefusalSaysNothing) {
  for (const bool is_off : {false, true}) {
    sent.clear();
    answers.clear();
    answers.push_back(http::Response{.status = 403, .type = {}, .headers = {}, .body = {}});
    answers.back()->headers.add(
        "Date", is_off ? "Tue, 27 Jan 2026 12:00:00 GMT" : "Tue, 27 Jan 2026 07:46:41 GMT");
    if (is_off) says(200, "");
    http::Call call{.method = http::Method::head};
    call.url.target = "/bucket/key";
    EXPECT_EQ(service->send(call).has_value(), is_off);
    EXPECT_EQ(sent.size(), is_off ? 2u : 1u);
  }
}

TEST_F(ServiceTest, NothingSecretIsInARefusal) {
  says(403, R"({"__type":"AccessDeniedException","message":"not authorized"})");
  const auto answer = get_item();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::denied);
  EXPECT_EQ(to_error(answer.error()).message.find("hush"), std::string::npos);
}

TEST_F(ServiceTest, QueryServicesGetAFormAndAnswerWithXml) {
  make(sns);
  says(200,
       "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult>"
       "</PublishResponse>");
  const auto answer = service->query("Publish", {{"Subject", "a & b"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text("PublishResult/MessageId"), "m-1");
  EXPECT_EQ(sent[0].body, "Action=Publish&Version=2010-03-31&Subject=a%20%26%20b");
}

TEST_F(ServiceTest, AnErrorInXmlIsRead) {
  make(sns);
  says(404,
       "<ErrorResponse><Error><Code>NotFound</Code><Message>no topic</Message></Error>"
       "</ErrorResponse>");
  const auto answer = service->query("Publish", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::not_found);
  EXPECT_EQ(answer.error().message, "no topic");
}

TEST_F(ServiceTest, WithoutARegionNothingIsSent) {
  connection.region = "";
  const auto made = Service::make(dynamodb, connection, Random(1));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("AWS_REGION"), std::string::npos);
}

}  // namespace
}  // namespace stepback::aws
