// SPDX-License-Identifier: Apache-2.0
// The server's routes over a real connection, with the engine in a pretend world behind them.
#include "entry/api/api.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "support/pretend_service.hpp"

namespace stepback {
namespace {

class Api : public testing::Test {
 protected:
  Api() {
    service.deployed("production", "1111111", days(2));
    service.deployed("production", "2222222", minutes(5), false);
  }
  ~Api() override {
    if (ingest) ingest->stop();
    if (server) server->stop(seconds(1));
  }
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void start(Ingest::Options options = {}) {
    auto& engine = service.engine();
    runner = engine.make_runner();
    ingest = std::make_unique<Ingest>(engine.intake, engine.clock, engine.log, std::move(options));
    topics = std::make_unique<Topics>(*ingest, engine.clock, engine.log, Topics::Options{});
    auto routes = api_routes({engine, *ingest, *topics, *runner, [this] { return usable; }});
    auto started = http::Server::start({}, std::move(routes), engine.log);
    ASSERT_TRUE(started) << started.error().message;
    server = *std::move(started);
  }

  http::Response ask(http::Method method, std::string_view target, std::string body = "",
                     http::Headers headers = {}) {
    http::Url url;
    url.host = "127.0.0.1";
    url.port = server->port();
    url.target = target;
    http::Client client;
    auto response = client.send(
        {.method = method, .url = url, .headers = std::move(headers), .body = std::move(body)});
    EXPECT_TRUE(response) << response.error().message;
    return response ? *response : http::Response{.status = 0};
  }
  http::Response get(std::string_view target) { return ask(http::Method::get, target); }
  http::Response post(std::string body, http::Headers headers = {}) {
    return ask(http::Method::post, "/api/v1/events", std::move(body), std::move(headers));
  }

  // The alarm turns red, and this is what it sends.
  std::string event() {
    const auto at = to_rfc3339(service.alarm("production").at);
    return R"({"version":"0","id":"1","detail-type":"CloudWatch Alarm State Change",)"
           R"("source":"aws.cloudwatch","account":"123456789012","time":")" +
           at + R"(","region":"us-east-1","resources":[],"detail":{"alarmName":)" +
           R"("kiro-worker-production-errors","state":{"value":"ALARM","reason":"5 errors",)" +
           R"("timestamp":")" + at + R"("}}})";
  }

  cli::PretendService service;
  Result<> usable;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Ingest> ingest;
  std::unique_ptr<Topics> topics;
  std::unique_ptr<http::Server> server;
};

TEST_F(Api, AnEventIsAnsweredWithWhatBecameOfItAndOnRecordByThen) {
  start();
  const auto sent = event();
  const auto answer = post(sent);
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_NE(answer.body.find(R"("decision":"opened")"), std::string::npos) << answer.body;
  ASSERT_EQ(service.rollbacks().size(), 1u);
  EXPECT_NE(answer.body.find(service.rollbacks().front().id.text), std::string::npos);
  const auto again = post(sent);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, answer.body);
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(Api, WhatIsNoEventIsRefusedAndChangesNothing) {
  start();
  for (const auto* body : {"", "{}", "[1,2", R"({"source":"aws.ec2","detail-type":"x"})"}) {
    const auto answer = post(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.type, "application/problem+json");
  }
  EXPECT_TRUE(service.store.all_triggers().empty());
}

TEST_F(Api, WithATokenOnlyItsOwnersMaySendEvents) {
  start({.authentication = {.token = Secret("correct horse")}});
  EXPECT_EQ(post(event()).status, 401);
  EXPECT_EQ(post(event(), {{"Authorization", "Bearer wrong"}}).status, 401);
  EXPECT_EQ(post(event(), {{"Authorization", "Basic correct horse"}}).status, 401);
  EXPECT_TRUE(service.rollbacks().empty());
  EXPECT_EQ(post(event(), {{"Authorization", "Bearer correct horse"}}).status, 202);
}

TEST_F(Api, AStoreThatCannotBeWrittenAcknowledgesNothing) {
  start();
  service.store.before_commit = [](const Commit&) {
    return fail(Code::unavailable, "the disk is full");
  };
  EXPECT_EQ(post(event()).status, 503);
}

TEST_F(Api, ShowsEnvironmentsAndTheirRecords) {
  start();
  const auto all = get("/api/v1/environments");
  EXPECT_EQ(all.status, 200);
  EXPECT_NE(all.body.find(R"("environment":"production","version":"2222222")"), std::string::npos)
      << all.body;
  EXPECT_EQ(get("/api/v1/environments/production").status, 200);
  EXPECT_EQ(get("/api/v1/environments/nowhere").status, 404);
  const auto listed = get("/api/v1/deployments?environment=production&limit=1");
  const auto parsed = json::parse(listed.body);
  ASSERT_TRUE(parsed) << listed.body;
  EXPECT_EQ(parsed->as_object().at("items").as_array().size(), 1u);
}

TEST_F(Api, ARollbackIsShownWithItsJournalAndItsTriggers) {
  start();
  ASSERT_EQ(post(event()).status, 202);
  const auto id = service.rollbacks().front().id.text;
  const auto shown = json::parse(get("/api/v1/rollbacks/" + id).body);
  ASSERT_TRUE(shown);
  EXPECT_FALSE(shown->as_object().at("journal").as_array().empty());
  EXPECT_EQ(shown->as_object().at("triggers").as_array().size(), 1u);
  EXPECT_EQ(get("/api/v1/rollbacks/rb-00000000000000000000").status, 404);
  EXPECT_EQ(get("/api/v1/rollbacks/..%2F..").status, 400);
}

TEST_F(Api, BadParametersAreNamed) {
  start();
  for (const auto* target : {"/api/v1/deployments?limit=0", "/api/v1/deployments?limit=ten",
                             "/api/v1/deployments?status=finished", "/api/v1/rollbacks?limit=-1"}) {
    EXPECT_EQ(get(target).status, 400) << target;
  }
  EXPECT_EQ(get("/api/v1/triggers?environment=nowhere").status, 404);
}

TEST_F(Api, IsReadyOnlyWhileItsStoreCanBeWritten) {
  start();
  EXPECT_EQ(get("/readyz").status, 200);
  usable = fail(Code::unavailable, "the disk is full");
  const auto answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("the disk is full"), std::string::npos);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Api, MetricsCountWhatIsOnRecord) {
  start();
  ASSERT_EQ(post(event()).status, 202);
  const auto answer = get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.type.starts_with("text/plain; version=0.0.4"));
  EXPECT_NE(answer.body.find("stepback_triggers_opened_total 1"), std::string::npos) << answer.body;
}

}  // namespace
}  // namespace stepback
