// SPDX-License-Identifier: Apache-2.0
// The function, invocation by invocation, with the engine in a pretend world and a pretend platform
// that keeps its wake-ups.
#include "entry/lambda/handler.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <map>

#include "support/pretend_service.hpp"

namespace stepback {
namespace {

class Function : public testing::Test {
 protected:
  Function() {
    service.deployed("production", "1111111", days(2));
    service.deployed("production", "2222222", minutes(5), false);
    service.settings.policy.look_every = seconds(5);
    service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
  }

  Handler handler(FunctionRole role, std::optional<Environment> environment = std::nullopt) {
    return {service.engine(),
            {.role = role,
             .environment = std::move(environment),
             .wake =
                 [this](const Environment& place, const RollbackId& id, Duration delay) {
                   if (queue_is_down) return Result<>(fail(Code::unavailable, "the queue is down"));
                   woken[service.clock.now() + delay].push_back({place, id});
                   return Result<>();
                 },
             .memory = &service.memory}};
  }

  Result<std::string> invoke(Handler& function, std::string body, Duration time = seconds(120)) {
    return function.handle(
        {.id = "1", .body = std::move(body), .deadline = service.clock.now() + time});
  }

  std::string event(const std::string& environment = "production") {
    const auto at = to_rfc3339(service.alarm(environment).at);
    return fmt::format(R"({{"version":"0","id":"1","detail-type":"CloudWatch Alarm State Change",)"
                       R"("source":"aws.cloudwatch","account":"123456789012","time":"{0}",)"
                       R"("region":"us-east-1","resources":[],"detail":{{"alarmName":)"
                       R"("kiro-worker-{1}-errors","state":{{"value":"ALARM","reason":"5 errors",)"
                       R"("timestamp":"{0}"}}}}}})",
                       at, environment);
  }

  static std::string message(const std::string& id, const std::string& body) {
    std::string text = R"({"messageId":")" + id + R"(","eventSource":"aws:sqs","body":)";
    json::append_quoted(text, body);
    return text + "}";
  }
  static std::string batch(const std::string& messages) {
    return R"({"Records":[)" + messages + "]}";
  }

  // Delivers wake-ups as their time comes, until none is left.
  int deliver(Handler& act) {
    int invocations = 0;
    while (!woken.empty() && invocations < 1000) {
      const auto [at, messages] = *woken.begin();
      woken.erase(woken.begin());
      while (service.clock.now() < at) {
        service.clock.advance(seconds(1));
        service.world.evaluate_alarms();
      }
      for (const auto& [place, id] : messages) {
        ++invocations;
        const auto answer =
            invoke(act, batch(message("m", R"({"rollback":")" + id.text + R"("})")));
        EXPECT_TRUE(answer) << answer.error().message;
      }
    }
    return invocations;
  }

  std::string running(const std::string& environment) {
    return service.world.places[{environment}].running_version.text;
  }

  cli::PretendService service;
  std::map<Instant, std::vector<std::pair<Environment, RollbackId>>> woken;
  bool queue_is_down = false;
};

TEST_F(Function, RollsBackByInvocationsAloneAndWaitsInNone) {
  auto detect = handler(FunctionRole::detect);
  auto act = handler(FunctionRole::act);
  const auto answer = invoke(detect, event());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->find(R"("decision":"opened")"), std::string::npos) << *answer;
  EXPECT_EQ(running("production"), "2222222");  // detecting touches nothing
  ASSERT_EQ(woken.size(), 1u);
  EXPECT_GT(deliver(act), 1);
  ASSERT_EQ(service.rollbacks().size(), 1u);
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::succeeded);
  EXPECT_EQ(running("production"), "1111111");
}

TEST_F(Function, ThatDoesBothActsInTheInvocationThatDetects) {
  auto both = handler(FunctionRole::both);
  ASSERT_TRUE(invoke(both, event()));
  EXPECT_EQ(running("production"), "1111111");
}

TEST_F(Function, ReadsAtOnceWhatASignalIsJudgedBy) {
  auto both = handler(FunctionRole::both);
  ASSERT_TRUE(invoke(both, event()));
  EXPECT_EQ(service.many.asked, 1);
}

TEST_F(Function, ReadsNothingAheadForAnAlarmOfSomebodyElse) {
  auto both = handler(FunctionRole::both);
  auto sent = event();
  sent.replace(sent.find("kiro-worker"), 11, "acme-worker");
  ASSERT_TRUE(invoke(both, sent));
  EXPECT_EQ(service.many.asked, 0);
}

TEST_F(Function, GoesOnWithoutReadingAheadWhereItMayNot) {
  service.many.refusal = Error{Code::denied, "no right to it"};
  auto both = handler(FunctionRole::both);
  ASSERT_TRUE(invoke(both, event()));
  EXPECT_EQ(running("production"), "1111111");
}

// What somebody did between two invocations is seen by the next, in the same process.
TEST_F(Function, RemembersNothingOfTheInvocationBefore) {
  auto both = handler(FunctionRole::both);
  ASSERT_TRUE(invoke(both, event()));
  const auto id = service.rollbacks().front().id;
  auto changed = service.store.rollback(id).value();
  changed.reason = "said otherwise";
  ASSERT_TRUE(service.store.commit({.rollbacks = {changed}}));
  deliver(both);
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::succeeded);
  EXPECT_EQ(service.rollbacks().front().reason, "said otherwise");
}

TEST_F(Function, OpensOneRollbackForAnEventDeliveredThreeTimes) {
  auto detect = handler(FunctionRole::detect);
  const auto sent = event();
  const auto first = invoke(detect, sent);
  EXPECT_EQ(*first, *invoke(detect, sent));
  ASSERT_TRUE(invoke(detect, batch(message("m-1", sent))));
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

// The runbook's own test event says no id, no time and no place.
TEST_F(Function, AnswersTheRunbooksTestEvent) {
  auto detect = handler(FunctionRole::detect);
  const auto answer = invoke(
      detect,
      R"({"version":"0","detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch",)"
      R"("detail":{"alarmName":"kiro-pipeline-production-test","state":{"value":"ALARM"}}})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->find(R"("why":")"), std::string::npos) << *answer;
}

TEST_F(Function, CountsASignalThatCameToNothingOnce) {
  std::vector<std::string> counted;
  Handler detect(service.engine(),
                 {.role = FunctionRole::detect, .ignored = [&](const TriggerRecord& record) {
                    counted.push_back(record.signal.name);
                  }});
  const std::string stranger =
      R"({"version":"0","id":"7","detail-type":"CloudWatch Alarm State Change",)"
      R"("source":"aws.cloudwatch","account":"123456789012","time":"2026-01-27T10:18:04Z",)"
      R"("region":"us-east-1","detail":{"alarmName":"billing","state":{"value":"ALARM",)"
      R"("reason":"7","timestamp":"2026-01-27T10:18:04Z"}}})";
  ASSERT_TRUE(invoke(detect, stranger));
  ASSERT_TRUE(invoke(detect, stranger));
  EXPECT_EQ(counted, std::vector<std::string>{"billing"});
}

TEST_F(Function, FindsByItsSweepWhatNoWakeUpNamed) {
  queue_is_down = true;
  auto detect = handler(FunctionRole::detect);
  auto act = handler(FunctionRole::act);
  ASSERT_TRUE(invoke(detect, event()));  // on record, though nobody was woken
  EXPECT_TRUE(woken.empty());
  for (int i = 0; i < 60 && is_active(service.rollbacks().front()); ++i) {
    ASSERT_TRUE(invoke(act, R"({"source":"stepback.sweep"})"));
    service.clock.advance(seconds(10));
    service.world.evaluate_alarms();
  }
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::succeeded);
}

TEST_F(Function, LeavesByItsSweepWhatIsOnlyJustDueToItsWakeUp) {
  auto detect = handler(FunctionRole::detect);
  auto act = handler(FunctionRole::act);
  ASSERT_TRUE(invoke(detect, event()));
  ASSERT_TRUE(invoke(act, R"({"source":"stepback.sweep"})"));
  EXPECT_EQ(woken.size(), 1u);  // detect's own
  EXPECT_EQ(running("production"), "2222222");
}

TEST_F(Function, WakesWhatItsReconcilerOpened) {
  auto act = handler(FunctionRole::act);
  service.alarm("production");  // and no event of it ever came
  ASSERT_TRUE(invoke(act, R"({"source":"stepback.sweep"})"));
  ASSERT_EQ(service.rollbacks().size(), 1u);
  EXPECT_EQ(woken.size(), 1u);
  deliver(act);
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::succeeded);
}

TEST_F(Function, BeginsNoMoreChainsOfWakeUpsWhileItSettles) {
  service.settings.policy.settle = minutes(10);
  auto both = handler(FunctionRole::both);
  ASSERT_TRUE(invoke(both, event()));
  ASSERT_TRUE(is_active(service.rollbacks().front()));
  woken.clear();
  std::size_t begun = 0;
  for (int minute = 0; minute < 8; ++minute) {
    service.clock.advance(minutes(1));
    ASSERT_TRUE(invoke(both, R"({"source":"stepback.sweep"})"));
    begun += woken.size();
    woken.clear();
  }
  EXPECT_LE(begun, 1u);
}

TEST_F(Function, SweepsItsOwnEnvironmentOnly) {
  auto detect = handler(FunctionRole::detect);
  auto staging = handler(FunctionRole::act, Environment{"staging"});
  ASSERT_TRUE(invoke(detect, event()));
  service.clock.advance(seconds(30));
  const auto answer = invoke(staging, R"({"source":"stepback.sweep"})");
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->find(R"("rollbacks":0)"), std::string::npos) << *answer;
  EXPECT_EQ(running("production"), "2222222");
}

TEST_F(Function, BeginsNothingThatItHasNoTimeFor) {
  auto both = handler(FunctionRole::both);
  ASSERT_TRUE(invoke(both, event(), seconds(5)));
  EXPECT_EQ(running("production"), "2222222");
  ASSERT_EQ(woken.size(), 1u);
  EXPECT_EQ(woken.begin()->first, service.clock.now() + seconds(10));
}

TEST_F(Function, NamesTheMessagesOfABatchThatFailedAndTakesTheOthers) {
  auto act = handler(FunctionRole::act);
  const auto answer = invoke(
      act, batch(message("nonsense", "{") + "," + message("unknown", R"({"rollback":"rb-1"})") +
                 "," + message("fine", event())));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(
      *answer,
      R"({"batchItemFailures":[{"itemIdentifier":"nonsense"},{"itemIdentifier":"unknown"}]})");
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(Function, FailsOnWhatItDoesNotKnowSoThatItEndsWithTheDeadLetters) {
  auto act = handler(FunctionRole::act);
  for (const auto* body : {"", "[]", "7", "{}", R"({"source":"aws.health"})", R"({"Records":7})",
                           R"({"Records":[{}]})"}) {
    const auto answer = invoke(act, body);
    EXPECT_FALSE(answer) << body;
  }
}

// The alarm's own message to its topic.
std::string notice_of(const std::string& alarm, const std::string& at) {
  return fmt::format(R"({{"AlarmName":"{0}","AWSAccountId":"123456789012","NewStateValue":"ALARM",)"
                     R"("NewStateReason":"5 errors","StateChangeTime":"{1}","Region":"US East",)"
                     R"("AlarmArn":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{0}"}})",
                     alarm, at);
}

std::string notification(const std::string& text) {
  std::string record = R"({"EventSource":"aws:sns","Sns":{"Type":"Notification","Message":)";
  json::append_quoted(record, text);
  return record + "}}";
}

TEST_F(Function, TakesAnAlarmInWhateverSpellingAsOneFact) {
  auto detect = handler(FunctionRole::detect);
  const auto at = to_rfc3339(service.alarm("production").at);
  const auto notice = notice_of("kiro-worker-production-errors", at);
  const auto direct = fmt::format(
      R"({{"source":"aws.cloudwatch","accountId":"123456789012","time":"{0}","region":"us-east-1",)"
      R"("alarmData":{{"alarmName":"kiro-worker-production-errors","state":{{"value":"ALARM",)"
      R"("reason":"5 errors","timestamp":"{0}"}}}}}})",
      at);
  std::string by_queue = R"({"Type":"Notification","TopicArn":"arn:aws:sns:x:1:t","Message":)";
  json::append_quoted(by_queue, notice);
  by_queue += "}";
  ASSERT_TRUE(invoke(detect, direct));
  ASSERT_TRUE(invoke(detect, batch(notification(notice))));
  EXPECT_EQ(*invoke(detect, batch(message("m", by_queue))), R"({"batchItemFailures":[]})");
  EXPECT_EQ(*invoke(detect, batch(message("m", direct))), R"({"batchItemFailures":[]})");
  EXPECT_EQ(service.rollbacks().size(), 1u);
  EXPECT_EQ(service.store.all_triggers().size(), 1u);
}

TEST_F(Function, AnswersEachMessageOfATopicAndFailsWhereOneIsUnreadable) {
  auto detect = handler(FunctionRole::detect);
  const auto at = to_rfc3339(service.clock.now());
  const auto first = notification(notice_of("billing", at));
  const auto second = notification(notice_of("weather", at));
  const auto answer = invoke(detect, batch(first + "," + second));
  ASSERT_TRUE(answer) << answer.error().message;
  const auto body = json::parse(*answer);
  ASSERT_TRUE(body) << *answer;
  EXPECT_EQ(body->at("answers").as_array().size(), 2u);
  const auto third = notification(notice_of("tides", at));
  const auto failed = invoke(detect, batch(notification("hello") + "," + third));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::invalid);
  EXPECT_EQ(service.store.all_triggers().size(), 3u);
}

TEST_F(Function, SucceedsOnAnEventThatCallsForNothing) {
  auto detect = handler(FunctionRole::detect);
  const auto answer = invoke(
      detect, R"({"source":"aws.codebuild","detail-type":"CodeBuild Build State Change",)"
              R"("detail":{"project-name":"shop","build-id":"7","build-status":"SUCCEEDED"}})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, R"({"schema":"stepback/v1/answers","answers":[],"refused":[],)"
                     R"("passedOver":["shop succeeded"]})");
}

TEST_F(Function, GoesOnWithTheFullRollbackThatAStageHandedTo) {
  service.deployed("staging", "1111111", days(3));
  service.deployed("staging", "2222222", minutes(20), false);
  service.world.places[{"production"}].cursed = true;
  auto detect = handler(FunctionRole::detect);
  auto act = handler(FunctionRole::act);
  ASSERT_TRUE(invoke(detect, event()));
  deliver(act);
  ASSERT_EQ(service.rollbacks().size(), 2u);
  for (const auto& rollback : service.rollbacks()) EXPECT_FALSE(is_active(rollback));
  EXPECT_EQ(running("staging"), "1111111");
}

}  // namespace
}  // namespace stepback
