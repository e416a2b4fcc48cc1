// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.hpp"

#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback {
namespace {

class IntakeTest : public testing::Test {
 protected:
  IntakeTest() {
    service.deployed("production", "1111111", days(2));
    service.deployed("production", "2222222", minutes(5), false);
  }
  Intake& intake() { return service.engine().intake; }

  cli::PretendService service;
};

TEST_F(IntakeTest, TheSameFactAgainFindsWhatBecameOfIt) {
  const auto signal = service.alarm("production");
  const auto first = intake().take(signal);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->record.disposition, Disposition::opened);
  EXPECT_FALSE(first->seen_before);
  service.clock.advance(hours(3));
  const auto again = intake().take(signal);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->seen_before);
  EXPECT_EQ(again->record, first->record);
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(IntakeTest, AnAnswerThatWasLostIsFoundByAskingAgain) {
  service.store.after_commit = [](const Commit&) { return fail(Code::timeout, "no answer"); };
  const auto signal = service.alarm("production");
  EXPECT_FALSE(intake().take(signal));
  service.store.after_commit = nullptr;
  const auto again = intake().take(signal);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->record.disposition, Disposition::opened);
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(IntakeTest, AnotherAlarmOfTheSameTroubleJoins) {
  ASSERT_TRUE(intake().take(service.alarm("production")));
  auto other = service.alarm("production");
  other.name = "kiro-worker-production-latency";
  const auto answer = intake().take(other);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->record.disposition, Disposition::joined);
  EXPECT_EQ(answer->record.rollback, service.rollbacks().front().id);
}

TEST_F(IntakeTest, EachOfManyHasAnAnswerOfItsOwn) {
  auto stranger = service.alarm("production");
  stranger.name = "somebody-elses-alarm";
  auto calm = service.alarm("production", AlarmState::ok);
  const std::vector<Signal> signals{service.alarm("production"), stranger, calm,
                                    service.alarm("production")};
  const auto answers = intake().take_each(signals);
  ASSERT_EQ(answers.size(), signals.size());
  for (const auto& answer : answers) ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answers[0]->record.disposition, Disposition::opened);
  EXPECT_EQ(answers[1]->record.disposition, Disposition::ignored);
  EXPECT_NE(answers[2]->record.disposition, Disposition::opened);
  EXPECT_EQ(answers[3]->record.rollback, answers[0]->record.rollback);
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(IntakeTest, WhatIsNotStoredIsNotAcknowledged) {
  service.store.before_commit = [](const Commit&) { return fail(Code::unavailable, "full"); };
  const auto answer = intake().take(service.alarm("production"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_TRUE(service.rollbacks().empty());
  EXPECT_TRUE(service.store.all_triggers().empty());
}

TEST_F(IntakeTest, APersonHearsWhoHasTheEnvironment) {
  ASSERT_TRUE(intake().take(service.alarm("production")));
  const auto refused = intake().request({.environment = {"production"}, .requested_by = "alice"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_NE(refused.error().message.find(service.rollbacks().front().id.text), std::string::npos)
      << refused.error().message;
}

Signal told(const std::string& name, AlarmState state, Instant at) {
  Signal signal{.name = name, .state = state, .at = at, .source = "alertmanager", .told = true};
  signal.environment = Environment{"production"};
  return signal;
}

TEST_F(IntakeTest, AnAlertThatIsOnlyToldOpensARollbackAndJudgesItUntilItIsResolved) {
  const auto red = service.clock.now();
  const auto answer = intake().take(told("HighErrorRate", AlarmState::alarm, red));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->record.disposition, Disposition::opened) << answer->record.why;
  for (int i = 0; i < 60; ++i) {
    service.clock.advance(seconds(1));
    const auto due = service.store.due(service.clock.now(), 10);
    for (const auto& each : *due) ASSERT_TRUE(service.engine().make_worker()->take_turn(each.id));
  }
  EXPECT_FALSE(service.rollbacks().front().outcome) << "it is still red, and that is waited for";
  ASSERT_TRUE(intake().take(told("HighErrorRate", AlarmState::ok, service.clock.now())));
  EXPECT_TRUE(service.rest());
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::succeeded)
      << service.rollbacks().front().why;
}

TEST_F(IntakeTest, AnAlertOfNoEnvironmentOfOursIsIgnored) {
  auto alert = told("HighErrorRate", AlarmState::alarm, service.clock.now());
  alert.environment = Environment{"elsewhere"};
  EXPECT_EQ(intake().take(alert)->record.disposition, Disposition::ignored);
}

TEST_F(IntakeTest, AnOlderStateOfAnAlertDoesNotUndoANewerOne) {
  const auto now = service.clock.now();
  ASSERT_TRUE(intake().take(told("HighErrorRate", AlarmState::ok, now)));
  ASSERT_TRUE(intake().take(told("HighErrorRate", AlarmState::alarm, now - seconds(30))));
  EXPECT_EQ(service.head("production").alerts.front().state, AlarmState::ok);
}

}  // namespace
}  // namespace stepback
