// SPDX-License-Identifier: Apache-2.0
// Who gets in, by what, and what they may do there.
#include "entry/api/access.hpp"

#include <gtest/gtest.h>

#include "api_fixture.hpp"
#include "base/secret.hpp"

namespace stepback {
namespace {

class AccessTest : public ApiTest {
 protected:
  // A token, as the command line would make it.
  std::string token_for(const std::string& name, CallerRole role) {
    TokenRecord record{.id = name + "1", .name = name, .role = role, .salt = "salt"};
    record.hash = hash_of(Secret("secret" + name), record.salt).value();
    tokens.push_back(record);
    return token_of({record.id, "secret" + name});
  }
  static http::Headers bearer(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }
  int status_of(const http::Headers& headers, std::string_view path = "/api/v1/environments") {
    return ask(http::Method::get, path, "", headers).status;
  }

  struct Browser {
    std::string cookie;
    std::string csrf;
  };
  Browser signed_in(const std::string& token) {
    const auto answer = send("/session", json::Object{{"token", token}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto set = answer.headers.find("Set-Cookie").value_or("");
    EXPECT_NE(set.find("HttpOnly"), set.npos);
    EXPECT_NE(set.find("SameSite=Strict"), set.npos);
    return {std::string(set.substr(0, set.find(';'))),
            std::string(json::parse(answer.body).value().at("csrf").as_string())};
  }
  http::Response hold(http::Headers headers) {
    return send("/holds",
                json::Object{{"environment", "test"}, {"version", "v1"}, {"reason", "bad"}},
                std::move(headers));
  }
};

TEST_F(AccessTest, OnThisMachineWithoutTokensEverybodyMayDoEverything) {
  start();
  EXPECT_EQ(status_of({}), 200);
  EXPECT_EQ(hold({}).status, 201);
  const auto session = get_object("/api/v1/session");
  EXPECT_EQ(session.at("name"), "local");
  EXPECT_EQ(session.at("signInNeeded"), false);
}

TEST_F(AccessTest, FromOtherMachinesNobodyGetsInWithoutAToken) {
  open_to_others = true;
  start();
  for (const auto* path :
       {"/api/v1/environments", "/api/v1/rollbacks", "/api/v1/events", "/api/v1/readiness"}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_NE(answer.body.find("stepback token add"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(get("/metrics").status, 401);
  EXPECT_EQ(get("/status.txt").status, 401);
  EXPECT_EQ(hold({}).status, 401);
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get_object("/api/v1/session").at("signInNeeded"), true);
  EXPECT_EQ(get("/").status, 200);  // the page that asks for the token
}

TEST_F(AccessTest, ATokenLetsInWhateverItsRoleMay) {
  const auto viewer = token_for("vera", CallerRole::viewer);
  const auto actor = token_for("olga", CallerRole::operator_);
  start();
  EXPECT_EQ(status_of({}), 401);
  EXPECT_EQ(status_of(bearer(viewer)), 200);
  EXPECT_EQ(hold(bearer(viewer)).status, 403);
  EXPECT_EQ(hold(bearer(actor)).status, 201);
  EXPECT_EQ(service.head("test").holds.front().by, "olga");
  EXPECT_EQ(send("/run/approval", json::Object{{"approved", true}, {"reason", "x"}}, bearer(actor))
                .status,
            403);
}

TEST_F(AccessTest, AWrongTokenLetsNobodyIn) {
  const auto token = token_for("olga", CallerRole::operator_);
  start();
  for (const auto& wrong : {token + "x", token.substr(0, token.size() - 1),
                            std::string("stepback_"), std::string("stepback_olga1_"),
                            std::string("nonsense"), std::string("stepback_other_secretolga")}) {
    EXPECT_EQ(status_of(bearer(wrong)), 401) << wrong;
    EXPECT_EQ(send("/session", json::Object{{"token", wrong}}).status, 401) << wrong;
  }
}

TEST_F(AccessTest, ATokenThatIsTakenBackEndsItsSessionsToo) {
  const auto token = token_for("olga", CallerRole::operator_);
  token_for("vera", CallerRole::viewer);
  start();
  const auto browser = signed_in(token);
  EXPECT_EQ(status_of({{"Cookie", browser.cookie}}), 200);
  EXPECT_EQ(status_of(bearer(token)), 200);
  tokens.erase(tokens.begin());
  EXPECT_EQ(status_of({{"Cookie", browser.cookie}}), 401);
  EXPECT_EQ(status_of(bearer(token)), 401);
}

TEST_F(AccessTest, APageSaysTheSessionsWordWithEachChange) {
  const auto token = token_for("olga", CallerRole::operator_);
  start();
  const auto browser = signed_in(token);
  EXPECT_EQ(hold({{"Cookie", browser.cookie}}).status, 403);
  EXPECT_EQ(hold({{"Cookie", browser.cookie}, {"X-Stepback-CSRF", "guess"}}).status, 403);
  EXPECT_EQ(hold({{"Cookie", browser.cookie}, {"X-Stepback-CSRF", browser.csrf}}).status, 201);
}

TEST_F(AccessTest, ASessionEndsWhenItIsSaidToAndAfterItsTime) {
  const auto token = token_for("olga", CallerRole::operator_);
  start();
  const auto first = signed_in(token);
  EXPECT_EQ(ask(http::Method::remove, "/api/v1/session", "", {{"Cookie", first.cookie}}).status,
            204);
  EXPECT_EQ(status_of({{"Cookie", first.cookie}}), 401);
  const auto second = signed_in(token);
  service.clock.advance(hours(13));
  EXPECT_EQ(status_of({{"Cookie", second.cookie}}), 401);
}

TEST_F(AccessTest, ARollbackThatASecondPersonAgreesToBeginsByTheirWordAlone) {
  service.settings.seconded = {{"production"}};
  const auto olga = token_for("olga", CallerRole::operator_);
  const auto anna = token_for("anna", CallerRole::approver);
  start();
  const auto planned = send("/plans", json::Object{{"environment", "production"}}, bearer(olga));
  const auto plan = json::parse(planned.body).value().as_object();
  json::Object order{
      {"environment", "production"}, {"planHash", plan.at("hash")}, {"reason", "checkout fails"}};
  if (plan.contains("confirm")) order["confirm"] = plan.at("confirm");
  auto headers = bearer(olga);
  headers.add("Idempotency-Key", "one");
  const auto asked = send("/rollbacks", order, headers);
  ASSERT_EQ(asked.status, 202) << asked.body;
  EXPECT_TRUE(service.rollbacks().empty());
  const json::Object yes{{"approved", true}, {"reason", "I see it too"}};
  const std::string path = "/environments/production/approval";
  EXPECT_EQ(send(path, yes, bearer(olga)).status, 403);
  const auto agreed = send(path, yes, bearer(anna));
  ASSERT_EQ(agreed.status, 202) << agreed.body;
  ASSERT_EQ(service.rollbacks().size(), 1u);
  EXPECT_EQ(service.rollbacks().front().requested_by, "olga");
  EXPECT_EQ(send(path, yes, bearer(anna)).status, 404);
}

TEST_F(AccessTest, APageOfAnotherSiteChangesNothing) {
  start();
  EXPECT_EQ(hold({{"Origin", "http://evil.example"}}).status, 403);
  EXPECT_EQ(hold({{"Origin", "null"}}).status, 403);
  EXPECT_EQ(hold({{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  const auto own = "http://127.0.0.1:" + std::to_string(server->port());
  EXPECT_EQ(hold({{"Origin", own}, {"Sec-Fetch-Site", "same-origin"}}).status, 201);
}

TEST_F(AccessTest, WhatAFormCanSendIsNotTaken) {
  start();
  const auto answer = ask(http::Method::post, "/api/v1/holds", R"({"environment":"test"})",
                          {{"Content-Type", "text/plain"}});
  EXPECT_EQ(answer.status, 400);
}

}  // namespace
}  // namespace stepback
