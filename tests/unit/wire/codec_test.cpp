// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/generators.hpp"

namespace stepback {
namespace {

template <class T>
std::string refusal(std::string_view document) {
  const auto record = from_document<T>(document);
  return record ? "accepted" : record.error().message;
}

template <class T>
void comes_back_the_same(const T& record) {
  const auto back = from_document<T>(to_document(record));
  if (!back) RC_FAIL(back.error().message);
  RC_ASSERT(*back == record);
}

RC_GTEST_PROP(Codec, GivesBackEveryHead, (const Head& it)) { comes_back_the_same(it); }
RC_GTEST_PROP(Codec, GivesBackEveryDeployment, (const Deployment& it)) { comes_back_the_same(it); }
RC_GTEST_PROP(Codec, GivesBackEveryRollback, (const Rollback& it)) { comes_back_the_same(it); }
RC_GTEST_PROP(Codec, GivesBackEveryTrigger, (const TriggerRecord& it)) { comes_back_the_same(it); }
RC_GTEST_PROP(Codec, GivesBackEverySignal, (const Signal& it)) { comes_back_the_same(it); }
RC_GTEST_PROP(Codec, GivesBackEveryNotice, (const Notice& it)) { comes_back_the_same(it); }
RC_GTEST_PROP(Codec, GivesBackEveryEntry, (const JournalEntry& it)) { comes_back_the_same(it); }
RC_GTEST_PROP(Codec, GivesBackEveryValidation, (const Validation& it)) { comes_back_the_same(it); }

RC_GTEST_PROP(Codec, WritesTheSameTextForTheSameRecord, (const Rollback& it)) {
  const std::string document = to_document(it);
  RC_ASSERT(to_document(from_document<Rollback>(document).value()) == document);
  RC_ASSERT(json::write(to_json(it)) == document);
}

TEST(Codec, WritesADeploymentInTheWordsOfTheSourceDocument) {
  Deployment it;
  it.id = {"dep-20260127-101502"};
  it.environment = {"production"};
  it.version = {"3333333"};
  it.status = DeploymentStatus::rolled_back;
  it.started_at = {1'769'508'902'000};
  it.bake = minutes(60);
  it.infrastructure_changed = true;
  it.artifact_location = "s3://bucket/3333333/";
  it.rollback_reason = "alarm";
  it.rollback_level = "stage";
  it.rollback_time = {1'769'509'080'500};
  it.revision = 4;
  EXPECT_EQ(to_document(it),
            R"({"schema":"stepback/v1/deployment","deploymentId":"dep-20260127-101502",)"
            R"("environment":"production","version":"3333333","status":"rolled_back",)"
            R"("kind":"deploy","startTime":"2026-01-27T10:15:02.000Z","bake_ms":3600000,)"
            R"("infrastructureChanged":true,"artifactLocation":"s3://bucket/3333333/",)"
            R"("baseline":[],"gates":[],"rollbackReason":"alarm","rollbackLevel":"stage",)"
            R"("rollbackTime":"2026-01-27T10:18:00.500Z","amendments":[],"revision":4})");
}

TEST(Codec, WritesAValidationInTheWordsOfTheSourceDocument) {
  Validation it;
  it.reason = "alarms";
  it.verdict = Verdict::failed;
  it.failed_alarms = {"errors: above 5"};
  it.health_check_status = "200";
  it.version_match = true;
  it.timestamp = {1'769'509'368'123};
  EXPECT_EQ(to_document(it),
            R"({"schema":"stepback/v1/validation","verdict":"failed","success":false,)"
            R"("reason":"alarms","failedAlarms":["errors: above 5"],"healthCheckStatus":"200",)"
            R"("versionMatch":true,"timestamp":1769509368123,"checks":[]})");
}

TEST(Codec, SaysThatARollbackIsActiveUntilItHasAnOutcome) {
  Rollback it;
  it.id = {"rb-1"};
  EXPECT_TRUE(to_document(it).contains(R"("state":"active")"));
  it.outcome = Outcome::escalated;
  EXPECT_TRUE(to_document(it).contains(R"("state":"escalated")"));
}

TEST(Codec, WritesFactsAsAnObjectUnlessANameIsThereTwice) {
  JournalEntry it;
  it.kind = "step.done";
  it.facts = {{"step", "stop"}, {"took", "2s"}};
  EXPECT_TRUE(to_document(it).contains(R"("facts":{"step":"stop","took":"2s"})"));
  it.facts.emplace_back("step", "barrier");
  EXPECT_TRUE(to_document(it).contains(R"([["step","stop"],["took","2s"],["step","barrier"]])"));
  EXPECT_EQ(from_document<JournalEntry>(to_document(it)).value(), it);
}

TEST(Codec, KeepsTimesThatNoCalendarHas) {
  for (const std::int64_t ms : {std::int64_t{-1}, never.ms, never.ms - 1, std::int64_t{0},
                                std::int64_t{253'402'300'799'999}, INT64_MIN}) {
    Deployment it;
    it.environment = {"test"};
    it.started_at = {ms};
    it.cutover_at = Instant{ms};
    EXPECT_EQ(from_document<Deployment>(to_document(it)).value(), it) << ms;
  }
}

TEST(Codec, RefusesAnUnknownNameAndSaysWhere) {
  EXPECT_EQ(refusal<Signal>(R"({"schema":"stepback/v1/signal","kind":"whim"})"),
            "kind: \"whim\" is not known; expected alarm, deployment_failed, "
            "deployment_timeout, stage_failed, gate_failed");
  EXPECT_EQ(refusal<Rollback>(R"({"schema":"stepback/v1/rollback","id":"rb-1","environment":"test",
                "level":"stage","origin":"manual","lanes":[{"environment":"test","phase":"planning",
                "steps":[{"name":"stop","state":"asleep"}]}]})"),
            "lanes[0].steps[0].state: \"asleep\" is not known; expected waiting, under_way, done, "
            "skipped, failed");
}

TEST(Codec, RefusesAValueOfAnotherKindAndSaysWhere) {
  EXPECT_EQ(refusal<Head>(R"({"schema":"stepback/v1/head","environment":"test","holds":{}})"),
            "holds: expected a list");
  EXPECT_EQ(refusal<Head>(R"({"schema":"stepback/v1/head","environment":"test","holds":[7]})"),
            "holds[0]: expected an object");
  EXPECT_EQ(refusal<Head>(R"({"schema":"stepback/v1/head","environment":"test","operations":-1})"),
            "operations: the number is out of range");
  EXPECT_EQ(refusal<Head>(R"({"schema":"stepback/v1/head","environment":7})"),
            "environment: expected text");
  EXPECT_EQ(refusal<JournalEntry>(R"({"schema":"stepback/v1/journal-entry","environment":"test",
                "kind":"x","facts":{"a":1}})"),
            "facts.a: expected text");
}

TEST(Codec, RefusesARecordWithoutItsIdentity) {
  EXPECT_EQ(refusal<Head>(R"({"schema":"stepback/v1/head"})"), "environment: is missing");
  EXPECT_EQ(refusal<TriggerRecord>(R"({"schema":"stepback/v1/trigger","key":"k","signal":{}})"),
            "signal.kind: is missing");
}

TEST(Codec, RefusesAnotherSchema) {
  EXPECT_EQ(refusal<Head>(R"({"schema":"stepback/v2/head","environment":"test"})"),
            "schema: expected stepback/v1/head, found stepback/v2/head");
  EXPECT_EQ(refusal<Head>(R"({"environment":"test"})"), "schema: is missing");
  EXPECT_EQ(refusal<Head>("[]"), "the document: expected an object");
}

TEST(Codec, IgnoresFieldsItDoesNotKnowAndKeepsDefaultsOfThoseThatAreAbsent) {
  const auto head = from_document<Head>(
      R"({"schema":"stepback/v1/head","environment":"test","colour":"green","slot":null})");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(*head, (Head{.environment = {"test"}}));
  const auto rollback = from_document<Rollback>(R"({"schema":"stepback/v1/rollback","id":"rb-1",
      "environment":"test","level":"stage","origin":"manual","policy":{"settle_ms":5}})");
  ASSERT_TRUE(rollback) << rollback.error().message;
  EXPECT_EQ(rollback->policy.settle, Duration(5));
  EXPECT_EQ(rollback->policy.budget, minutes(15));
}

RC_GTEST_PROP(Codec, NeverCrashesOnADamagedDocument, (const Rollback& it)) {
  std::string document = to_document(it);
  const auto place = *rc::gen::inRange<std::size_t>(0, document.size());
  document[place] = static_cast<char>(*rc::gen::inRange(0, 256));
  if (const auto back = from_document<Rollback>(document); !back) {
    RC_ASSERT(back.error().code == Code::invalid);
  }
}

}  // namespace
}  // namespace stepback
