// SPDX-License-Identifier: Apache-2.0
// What a person may have done through the API, and what is refused to them.
#include "api_fixture.hpp"

namespace stepback {
namespace {

class Acting : public ApiTest {
 protected:
  json::Object plan(const json::Object& wish = {{"environment", "production"}}) {
    const auto answer = send("/plans", wish);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body).value().as_object();
  }

  // An order for what `shown` says, with the name typed where it asks for one.
  static json::Object order_for(const json::Object& shown) {
    json::Object order{{"environment", "production"},
                       {"planHash", shown.at("hash")},
                       {"reason", "checkout fails"}};
    if (const auto* name = shown.if_contains("confirm")) order["confirm"] = *name;
    return order;
  }

  http::Response roll_back(const json::Object& order, const std::string& key = "gesture-1") {
    return send("/rollbacks", order, {{"Idempotency-Key", key}});
  }

  static std::string text_in(const http::Response& response, std::string_view name) {
    const auto body = json::parse(response.body);
    const auto* found = body && body->is_object() ? body->as_object().if_contains(name) : nullptr;
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
  }
};

TEST_F(Acting, APlanSaysWhatWouldHappenAndChangesNothing) {
  start();
  const auto shown = plan();
  EXPECT_EQ(shown.at("currentVersion"), "2222222");
  EXPECT_EQ(shown.at("targetVersion"), "1111111");
  EXPECT_EQ(plan().at("hash"), shown.at("hash"));
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(Acting, APlanThatWasShownIsCarriedOutInTheNameOfWhoeverAsked) {
  start();
  const auto answer = roll_back(order_for(plan()));
  ASSERT_EQ(answer.status, 202) << answer.body;
  ASSERT_EQ(service.rollbacks().size(), 1u);
  const auto opened = service.rollbacks().front();
  EXPECT_EQ(answer.headers.find("Location"), "/api/v1/rollbacks/" + opened.id.text);
  EXPECT_EQ(text_in(answer, "rollbackId"), opened.id.text);
  EXPECT_EQ(opened.requested_by, "local");
  EXPECT_EQ(opened.reason, "checkout fails");
  EXPECT_EQ(opened.wish.target, Version{"1111111"});
}

TEST_F(Acting, TheSameOrderAgainIsTheSameRollback) {
  start();
  const auto order = order_for(plan());
  const auto first = roll_back(order);
  ASSERT_EQ(first.status, 202);
  const auto again = roll_back(order);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.body, first.body);
  ASSERT_TRUE(service.rest());
  EXPECT_EQ(roll_back(order).body, first.body);  // also when it is over
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(Acting, AKeyThatStandsForAnotherOrderIsRefused) {
  start();
  auto order = order_for(plan());
  ASSERT_EQ(roll_back(order).status, 202);
  order["reason"] = "something else";
  EXPECT_EQ(roll_back(order).status, 422);
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(Acting, WithoutAKeyNothingIsDone) {
  start();
  const auto order = order_for(plan());
  EXPECT_EQ(send("/rollbacks", order).status, 400);
  EXPECT_EQ(roll_back(order, std::string(200, 'k')).status, 400);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(Acting, WhenTheWorldMovedTheNewPlanIsShownInstead) {
  start();
  auto order = order_for(plan());
  service.deployed("production", "3333333", minutes(1), false);
  const auto answer = roll_back(order);
  ASSERT_EQ(answer.status, 409) << answer.body;
  EXPECT_TRUE(service.rollbacks().empty());
  const auto body = json::parse(answer.body).value().as_object();
  order["planHash"] = body.at("plan").at("hash");
  EXPECT_EQ(roll_back(order, "gesture-2").status, 202);
}

TEST_F(Acting, WhileARollbackOwnsTheEnvironmentItsNameIsTold) {
  start();
  const auto shown = plan();
  ASSERT_EQ(roll_back(order_for(shown)).status, 202);
  const auto id = service.rollbacks().front().id.text;
  const auto planned = send("/plans", json::Object{{"environment", "production"}});
  EXPECT_EQ(planned.status, 423);
  EXPECT_EQ(text_in(planned, "rollbackId"), id);
  const auto answer = roll_back(order_for(shown), "gesture-2");
  EXPECT_EQ(answer.status, 423);
  EXPECT_EQ(text_in(answer, "try"), "stepback watch production");
}

TEST_F(Acting, WhatIsSevereNeedsItsNameTyped) {
  service.settings.guarded = {{"production"}};
  start();
  const auto shown = plan();
  ASSERT_EQ(shown.at("confirm"), "production");
  auto order = order_for(shown);
  order["confirm"] = "yes";
  EXPECT_EQ(roll_back(order).status, 422);
  order.erase("confirm");
  EXPECT_EQ(roll_back(order).status, 422);
  EXPECT_TRUE(service.rollbacks().empty());
  order["confirm"] = "production";
  EXPECT_EQ(roll_back(order).status, 202);
}

TEST_F(Acting, TheServiceIsNamedWhereEverythingGoesBack) {
  start();
  EXPECT_EQ(plan({{"environment", "production"}, {"level", "full"}}).at("confirm"),
            json::Value(service.settings.service));
}

TEST_F(Acting, WhatRunsAlreadyIsNotGoneBackTo) {
  start();
  const json::Object wish{{"environment", "production"}, {"target", "2222222"}};
  auto order = order_for(plan(wish));
  order["target"] = "2222222";
  EXPECT_EQ(roll_back(order).status, 422);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(Acting, WhatIsNotUnderstoodIsRefusedByName) {
  start();
  const auto hash = plan().at("hash");
  for (const auto& wrong :
       {json::Object{{"environment", "nowhere"}, {"planHash", hash}, {"reason", "x"}},
        json::Object{{"environment", "production"}, {"planHash", hash}},
        json::Object{{"environment", "production"}, {"planHash", hash}, {"reason", ""}},
        json::Object{{"environment", "production"}, {"reason", "x"}},
        json::Object{{"environment", "production"},
                     {"planHash", hash},
                     {"reason", "x"},
                     {"components", json::Array{"database"}}},
        json::Object{{"environment", "production"},
                     {"planHash", hash},
                     {"reason", "x"},
                     {"target", "$(rm -rf x)"}}}) {
    const auto answer = roll_back(wrong);
    EXPECT_TRUE(answer.status == 400 || answer.status == 404) << answer.body;
    EXPECT_TRUE(text_in(answer, "try").starts_with("stepback ")) << answer.body;
  }
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(Acting, ARollbackThatTouchedNothingCanBeCancelled) {
  start();
  ASSERT_EQ(roll_back(order_for(plan())).status, 202);
  const auto path = "/rollbacks/" + service.rollbacks().front().id.text + "/cancel";
  const auto answer = send(path, json::Object{{"reason", "false alarm"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text_in(answer, "state"), "cancelled");
  EXPECT_EQ(send(path, json::Object{{"reason", "false alarm"}}).status, 409);
}

TEST_F(Acting, AVersionIsHeldAndLetInAgain) {
  start();
  const json::Object hold{
      {"environment", "production"}, {"version", "1111111"}, {"reason", "leaks"}};
  const auto answer = send("/holds", hold);
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(text_in(answer, "by"), "local");
  ASSERT_EQ(service.head("production").holds.size(), 1u);
  EXPECT_FALSE(service.head("production").holds.front().digest.empty());
  const std::string path = "/api/v1/holds?environment=production&version=1111111";
  EXPECT_EQ(ask(http::Method::remove, path).status, 400);  // no reason
  EXPECT_EQ(ask(http::Method::remove, path + "&reason=mended").status, 204);
  EXPECT_TRUE(service.head("production").holds.empty());
}

TEST_F(Acting, AnAnswerToNobodysQuestionIsRefused) {
  start();
  const json::Object answer{{"approved", true}, {"reason", "looked at it"}};
  EXPECT_EQ(send("/run/approval", answer).status, 404);
}

}  // namespace
}  // namespace stepback
