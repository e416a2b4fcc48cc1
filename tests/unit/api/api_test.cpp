// SPDX-License-Identifier: Apache-2.0
// The server's routes over a real connection, with the engine in a pretend world behind them.
#include <set>

#include "api_fixture.hpp"

namespace stepback {
namespace {

using Api = ApiTest;

TEST_F(Api, AnEventIsAnsweredWithWhatBecameOfItAndOnRecordByThen) {
  start();
  const auto sent = event();
  const auto answer = post_event(sent);
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_NE(answer.body.find(R"("decision":"opened")"), std::string::npos) << answer.body;
  ASSERT_EQ(service.rollbacks().size(), 1u);
  EXPECT_NE(answer.body.find(service.rollbacks().front().id.text), std::string::npos);
  const auto again = post_event(sent);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, answer.body);
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(Api, WhatIsNoEventIsRefusedAndChangesNothing) {
  start();
  for (const auto* body : {"", "{}", "[1,2", R"({"source":"aws.ec2","detail-type":"x"})"}) {
    const auto answer = post_event(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.type, "application/problem+json");
  }
  EXPECT_TRUE(service.store.all_triggers().empty());
}

TEST_F(Api, WithATokenOnlyItsOwnersMaySendEvents) {
  start({.authentication = {.token = Secret("correct horse")}});
  EXPECT_EQ(post_event(event()).status, 401);
  EXPECT_EQ(post_event(event(), {{"Authorization", "Bearer wrong"}}).status, 401);
  EXPECT_EQ(post_event(event(), {{"Authorization", "Basic correct horse"}}).status, 401);
  EXPECT_TRUE(service.rollbacks().empty());
  EXPECT_EQ(post_event(event(), {{"Authorization", "Bearer correct horse"}}).status, 202);
}

TEST_F(Api, AStoreThatCannotBeWrittenAcknowledgesNothing) {
  start();
  service.store.before_commit = [](const Commit&) {
    return fail(Code::unavailable, "the disk is full");
  };
  EXPECT_EQ(post_event(event()).status, 503);
}

TEST_F(Api, ShowsEnvironmentsAndTheirRecords) {
  start();
  const auto all = get_object("/api/v1/environments");
  const auto& environments = all.at("environments").as_array();
  ASSERT_EQ(environments.size(), 3u);
  EXPECT_EQ(environments.back().at("environment"), "production");
  EXPECT_EQ(environments.back().at("version"), "2222222");
  EXPECT_EQ(get("/api/v1/environments/production").status, 200);
  EXPECT_EQ(get("/api/v1/environments/nowhere").status, 404);
  const auto listed = get("/api/v1/deployments?environment=production&limit=1");
  const auto parsed = json::parse(listed.body);
  ASSERT_TRUE(parsed) << listed.body;
  EXPECT_EQ(parsed->as_object().at("items").as_array().size(), 1u);
}

TEST_F(Api, ARollbackIsShownWithItsJournalAndItsTriggers) {
  start();
  ASSERT_EQ(post_event(event()).status, 202);
  const auto id = service.rollbacks().front().id.text;
  EXPECT_EQ(get_object("/api/v1/rollbacks/" + id).at("id"), json::Value(id));
  EXPECT_EQ(get_object("/api/v1/rollbacks/" + id + "/progress").at("state"), "active");
  const auto explained = get_object("/api/v1/rollbacks/" + id + "/explain");
  EXPECT_FALSE(explained.at("journal").as_array().empty());
  EXPECT_EQ(explained.at("triggers").as_array().size(), 1u);
  EXPECT_EQ(get("/api/v1/rollbacks/rb-00000000000000000000").status, 404);
  EXPECT_EQ(get("/api/v1/rollbacks/..%2F..").status, 400);
}

TEST_F(Api, EveryQuestionIsAnsweredAsItIsDescribed) {
  start();
  ASSERT_EQ(post_event(event()).status, 202);
  const auto deployment = service.deployed("staging", "1111111", hours(1)).id.text;
  for (const auto* path : {"/environments",
                           "/environments/production",
                           "/environments/production/status",
                           "/environments/production/targets",
                           "/environments/production/alarms",
                           "/environments/production/holds",
                           "/alarms",
                           "/alarms?state=ALARM",
                           "/holds",
                           "/deployments",
                           "/rollbacks",
                           "/rollbacks?origin=automatic&active=true",
                           "/triggers",
                           "/measures",
                           "/measures?environment=production&days=7",
                           "/readiness",
                           "/environments/production/readiness?fresh=true",
                           "/drills",
                           "/drills?environment=test",
                           "/doctor",
                           "/doctor?environment=production",
                           "/session",
                           "/openapi.json"}) {
    EXPECT_EQ(get("/api/v1" + std::string(path)).status, 200) << path;
  }
  EXPECT_EQ(get("/api/v1/deployments/" + deployment).status, 200);
  EXPECT_EQ(get("/api/v1/run").status, 404);
}

TEST_F(Api, WhoeverKnowsAnAnswerIsToldThatItIsTheSame) {
  start();
  for (const auto* path : {"/api/v1/environments", "/api/v1/environments/production"}) {
    const auto first = get(path);
    const std::string mark(first.headers.find("ETag").value_or(""));
    ASSERT_FALSE(mark.empty());
    service.clock.advance(seconds(1));  // when it was asked for is no part of what it says
    EXPECT_EQ(ask(http::Method::get, path, "", {{"If-None-Match", mark}}).status, 304) << path;
    service.deployed("production", "3333333", Duration(0), false);
    EXPECT_EQ(ask(http::Method::get, path, "", {{"If-None-Match", mark}}).status, 200) << path;
  }
}

TEST_F(Api, PagesGoThroughAListWithoutLossOrRepetition) {
  start();
  for (int i = 0; i < 5; ++i) service.deployed("staging", "111111" + std::to_string(i), minutes(9));
  std::vector<std::string> seen;
  std::string next;
  do {
    const auto page = get_object("/api/v1/deployments?environment=staging&limit=2" + next);
    for (const auto& each : page.at("items").as_array())
      seen.emplace_back(each.at("deploymentId").as_string());
    EXPECT_LE(page.at("items").as_array().size(), 2u);
    const auto* token = page.if_contains("nextToken");
    next = token == nullptr ? "" : "&nextToken=" + std::string(token->as_string());
  } while (!next.empty());
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 5u);
}

TEST_F(Api, BadParametersAreNamed) {
  start();
  for (const auto* target : {"/api/v1/deployments?limit=0", "/api/v1/deployments?limit=ten",
                             "/api/v1/deployments?status=finished", "/api/v1/rollbacks?limit=-1",
                             "/api/v1/rollbacks?active=perhaps", "/api/v1/rollbacks?since=today",
                             "/api/v1/rollbacks?origin=wish", "/api/v1/rollbacks?nextToken=x",
                             "/api/v1/alarms?state=red", "/api/v1/measures?days=0"}) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_NE(answer.body.find("\"try\":\"stepback "), std::string::npos) << answer.body;
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
  ASSERT_EQ(post_event(event()).status, 202);
  const auto answer = get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.type.starts_with("text/plain; version=0.0.4"));
  EXPECT_NE(answer.body.find("stepback_triggers_opened_total 1"), std::string::npos) << answer.body;
}

}  // namespace
}  // namespace stepback
