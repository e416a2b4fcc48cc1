// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class Look : public ::testing::Test {
 protected:
  Look() {
    service.deployed("production", "1111111", days(3));
    service.deployed("production", "2222222", days(2));
  }
  void writes(const std::string& text, Duration ago, bool error = false) {
    service.looking.lines[{"production"}].push_back(
        {.at = service.clock.now() - ago, .source = "worker", .text = text, .is_error = error});
  }
  void roll_back() {
    service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
    ASSERT_EQ(service.run("rollback production --yes --reason red").exit, 0);
    ASSERT_TRUE(service.rest());
  }

  PretendService service;
};

// --- logs ----------------------------------------------------------------------------------------

TEST_F(Look, LogsAreTheApplicationsOwnWhenAsked) {
  writes("INFO started", minutes(30));
  writes("ERROR no disk", minutes(3), true);
  const auto ran = service.run("logs production --app --since 5m");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("worker ERROR no disk"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("INFO started"), std::string::npos) << ran.out;
}

TEST_F(Look, LogsAreErrorsOnlyWhenAsked) {
  writes("INFO started", minutes(3));
  writes("ERROR no disk", minutes(3), true);
  const auto out = service.run("logs production --app --level error -o text").out;
  EXPECT_EQ(std::ranges::count(out, '\n'), 1) << out;
}

TEST_F(Look, LogsAreWhatStepbackDidThere) {
  roll_back();
  const auto out = service.run("logs production").out;
  EXPECT_NE(out.find("stepback rollback.opened"), std::string::npos) << out;
  EXPECT_NE(out.find("stepback rollback.succeeded"), std::string::npos) << out;
  const auto errors = service.run("logs production --level error").out;
  EXPECT_EQ(errors.find("rollback.opened"), std::string::npos) << errors;
}

TEST_F(Look, LogsFollowWithoutSayingALineTwice) {
  writes("first", minutes(1));
  service.on_wait = [this](int wait) {
    if (wait == 2) writes("second", Duration(0));
    if (wait == 5) ++service.interrupted;
  };
  const auto ran = service.run("logs production --app --follow --since 5m");
  EXPECT_EQ(ran.exit, 130);
  for (const auto* text : {"first", "second"}) {
    const auto at = ran.out.find(text);
    ASSERT_NE(at, std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find(text, at + 1), std::string::npos) << ran.out;
  }
}

TEST_F(Look, LogsThatCannotBeReadAreAnError) {
  service.looking.down = true;
  EXPECT_EQ(service.run("logs production --app").exit, 7);
}

// --- pipeline ------------------------------------------------------------------------------------

TEST_F(Look, PipelineShowsItsStages) {
  service.looking.pipelines[{"production"}] = {
      .name = "kiro-pipeline-production",
      .idle = false,
      .text = "deploying: 42",
      .stages = {{.name = "Source", .state = "Succeeded", .detail = {}, .at = {}},
                 {.name = "Deploy", .state = "InProgress", .detail = "cdk", .at = {}}}};
  const auto ran = service.run("pipeline production");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("Deploy  InProgress"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("deploying: 42"), std::string::npos) << ran.out;
  const auto all = service.run("pipeline").out;
  EXPECT_NE(all.find("staging"), std::string::npos) << all;
}

TEST_F(Look, PipelineIsStoppedOnAWordAndWithAReason) {
  EXPECT_EQ(service.run("pipeline production --stop").exit, 3);
  const auto ran = service.run("pipeline production --stop --yes --reason \"wrong version\"");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  const auto journal = service.store.journal(Environment{"production"}, 0, 100).value();
  EXPECT_EQ(journal.back().entry.kind, "pipeline.stopped");
  EXPECT_EQ(journal.back().entry.actor, "alice");
  EXPECT_EQ(service.run("pipeline --stop --yes --reason r").exit, 2);
}

TEST_F(Look, PipelineOfThisMachineIsStillThere) {
  EXPECT_NE(service.run("pipeline status").err.find("pipeline"), std::string::npos);
  EXPECT_NE(service.run("pipeline status").exit, 2);
}

// --- the ten boxes -------------------------------------------------------------------------------

TEST_F(Look, TheBoxesThatNeedPeopleAreTickedByTheirNameAndStayTicked) {
  roll_back();
  auto out = service.run("verify production --checklist").out;
  EXPECT_NE(out.find("[ ] Stakeholders informed of rollback completion  yours to tick"),
            std::string::npos)
      << out;
  const auto ran = service.run("verify production --tick stakeholders --by \"Ada Lovelace\"");
  EXPECT_NE(ran.err.find("Ada Lovelace"), std::string::npos) << ran.err;
  out = service.run("verify production --checklist").out;
  EXPECT_NE(out.find("[x] Stakeholders informed of rollback completion  Ada Lovelace, at"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("[ ] Incident ticket updated"), std::string::npos);
  EXPECT_TRUE(service.store.audit()->findings.empty());
}

TEST_F(Look, NobodysWordTicksWhatCanBeSeen) {
  roll_back();
  const auto ran = service.run("verify production --tick alarms");
  EXPECT_EQ(ran.exit, 2);
}

TEST_F(Look, ABoxIsOfARollback) {
  EXPECT_EQ(service.run("verify production --tick ticket").exit, 4);
}

TEST_F(Look, TheBoxForNotificationsIsOpenWhileSomebodyWasNotTold) {
  service.settings.people = {{.name = "people", .environments = {}, .kinds = {}}};
  service.world.channel_down = true;
  roll_back();
  ASSERT_TRUE(service.engine().courier.turn());
  auto out = service.run("verify production --checklist").out;
  EXPECT_NE(out.find("[ ] Notifications sent to SNS topics"), std::string::npos) << out;
  service.world.channel_down = false;
  service.clock.advance(minutes(10));
  ASSERT_TRUE(service.engine().courier.turn());
  out = service.run("verify production --checklist").out;
  EXPECT_NE(out.find("[x] Notifications sent to SNS topics"), std::string::npos) << out;
}

TEST_F(Look, VerifyShowsThePointsItRestsOnWhenAskedForMore) {
  const auto out = service.run("verify production -v").out;
  EXPECT_NE(out.find("kiro-worker-production-errors  1 of 1 periods of 10s must breach"),
            std::string::npos)
      << out;
}

// --- notify --------------------------------------------------------------------------------------

class Notifying : public Look {
 protected:
  Notifying() { service.settings.people = {{.name = "people", .environments = {}, .kinds = {}}}; }
  std::size_t told() const { return service.world.told.size(); }
};

TEST_F(Notifying, TestTellsEveryChannelThatNothingHappened) {
  const auto ran = service.run("notify test");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("✔ people: told"), std::string::npos) << ran.out;
  EXPECT_EQ(told(), 1u);
}

TEST_F(Notifying, TestExits1AndSaysWhyWhereAChannelIsDown) {
  service.world.channel_down = true;
  const auto ran = service.run("notify test people");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("✖ people: throttled"), std::string::npos) << ran.out;
}

TEST_F(Notifying, TestKnowsOnlyChannelsThatAreThere) {
  const auto ran = service.run("notify test pager");
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.attempt(), "stepback notify test people");
}

TEST_F(Notifying, ResendTellsEveryChannelOnceMoreMarkedAsThat) {
  service.server = false;
  roll_back();
  const auto id = service.rollbacks().front().id.text;
  const auto ran = service.run("notify resend " + id + " --reason \"nobody had it\" -o json");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("\"again\": true"), std::string::npos) << ran.out;
  int again = 0;
  for (const auto& [key, times] : service.world.told)
    if (key.find("/again/") != std::string::npos) again += times;
  EXPECT_EQ(again, 1);
  const auto journal = service.store.journal(Environment{"production"}, 0, 100).value();
  EXPECT_EQ(journal.back().entry.kind, "notice.resent");
}

TEST_F(Notifying, ResendNeedsAReasonWhereNobodyCanBeAsked) {
  roll_back();
  EXPECT_EQ(service.run("notify resend " + service.rollbacks().front().id.text).exit, 3);
}

// --- doctor --------------------------------------------------------------------------------------

TEST_F(Look, DoctorGivesEachOfTheFifteenOneVerdict) {
  const auto value = json::parse(service.run("doctor production -o json").out);
  ASSERT_TRUE(value);
  const auto& list = value->at("checklist").as_array();
  ASSERT_EQ(list.size(), 15u);
  for (std::size_t i = 0; i < list.size(); ++i)
    EXPECT_EQ(list[i].at("number").to_number<int>(), static_cast<int>(i) + 1);
}

TEST_F(Look, DoctorLooksAtOneOfThemOnly) {
  service.settings.unread_secrets = {"channel pager: there is no variable PAGER"};
  const auto ran = service.run("doctor production --only secrets");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("✖ 11 secrets: channel pager: there is no variable PAGER"),
            std::string::npos)
      << ran.out;
  EXPECT_EQ(ran.out.find("server"), std::string::npos) << ran.out;
  EXPECT_EQ(service.run("doctor --only nothing").exit, 2);
}

TEST_F(Look, DoctorNamesWhatIsWrongWithTheWiring) {
  service.looking.wires[{"production"}] = {
      {.part = WirePart::rule,
       .sound = false,
       .detail = "the rule kiro is DISABLED",
       .changed_at = {}},
      {.part = WirePart::dead_letters, .sound = false, .detail = "about 3", .changed_at = {}},
      {.part = WirePart::drift, .looked = false, .detail = "not allowed", .changed_at = {}}};
  const auto out = service.run("doctor production -v").out;
  EXPECT_NE(out.find("✖  2 rule: the rule kiro is DISABLED"), std::string::npos) << out;
  EXPECT_NE(out.find("✖  9 dead-letters: about 3"), std::string::npos) << out;
  EXPECT_NE(out.find("–  7 drift: not looked at: not allowed"), std::string::npos) << out;
}

TEST_F(Look, DoctorExplainsEachOfTheFifteen) {
  for (const auto name : names_of<Item>) {
    const auto ran = service.run("doctor --explain " + std::string(name));
    EXPECT_EQ(ran.exit, 0) << name;
    EXPECT_GE(std::ranges::count(ran.out, '\n'), 2) << name;
  }
}

TEST_F(Look, DoctorSaysWhatIsQuestionableAboutTheConfigurationAndDoesNotFailForThat) {
  service.settings.contacts = 1;
  const auto before = service.run("doctor production").exit;
  service.settings.reviewed = service.clock.now() - days(120);
  const auto ran = service.run("doctor production");
  EXPECT_EQ(ran.exit, before);
  EXPECT_NE(ran.out.find("configuration, review: it was last looked through on 2025-09-29"),
            std::string::npos)
      << ran.out;
}

// --- metrics -------------------------------------------------------------------------------------

TEST_F(Look, MetricsCountRollbacksByTheHourAndMeasureHowLongTheyTook) {
  roll_back();
  service.clock.advance(minutes(1));
  const auto ran = service.run("metrics production --since 24h --period 1h");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("time to restore"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("1: 1 succeeded, 0 escalated"), std::string::npos) << ran.out;
  const auto value = json::parse(service.run("metrics production --since 24h -o json").out);
  ASSERT_TRUE(value);
  const auto& series = value->at("series").as_array();
  ASSERT_EQ(series.size(), 24u);
  EXPECT_EQ(series.back().at("RollbackCount").to_number<int>(), 1);
}

TEST_F(Look, MetricsRefuseMorePeriodsThanAnybodyReads) {
  const auto ran = service.run("metrics production --since 30d --period 1m");
  EXPECT_NE(ran.exit, 0);
  EXPECT_EQ(ran.attempt(), "stepback metrics production --since 24h --period 1h");
}

}  // namespace
}  // namespace stepback::cli
