// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.hpp"

#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

// Three environments that ran 1111111 and 2222222, and now run 3333333, which still bakes.
class Act : public testing::Test {
 protected:
  Act() {
    for (const auto* name : {"test", "staging", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", days(2));
      service.deployed(name, "3333333", minutes(5), false);
    }
  }
  std::string running(const std::string& name) {
    return service.world.places[{name}].running_version.text;
  }
  void stop_at_wait(int when) {
    service.on_wait = [this, when](int wait) {
      if (wait == when) ++service.interrupted;
    };
  }

  PretendService service;
};

// --- the question -------------------------------------------------------------------------------

TEST_F(Act, AsksTheRunbooksQuestionAndTakesTheWordYes) {
  service.terminal = true;
  const auto ran = service.run("rollback production --to 2222222", "yes\n");
  EXPECT_TRUE(
      ran.err.starts_with("Are you sure you want to rollback production to 2222222? (yes/no): "))
      << ran.err;
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(running("production"), "2222222");
}

TEST_F(Act, IsCancelledByAnyOtherAnswerWithoutTouchingAnything) {
  service.terminal = true;
  const auto commits = service.store.commits();
  for (const auto* answer : {"y\n", "YES\n", "\n", "", " yes\n", "yes please\n"}) {
    const auto ran = service.run("rollback production", answer);
    EXPECT_EQ(ran.exit, 0) << answer;
    EXPECT_NE(ran.out.find("Rollback cancelled\n"), std::string::npos) << answer;
  }
  EXPECT_EQ(service.store.commits(), commits);
}

TEST_F(Act, TakesTheConfirmedVersionAndNoOtherAfterTheQuestion) {
  service.terminal = true;
  service.run("rollback production", "yes\n");
  EXPECT_EQ(service.rollbacks().front().wish.target, Version{"2222222"});
}

TEST_F(Act, RefusesWhereNobodyCanBeAsked) {
  const auto commits = service.store.commits();
  for (const auto* line : {"rollback production", "rollback production --yes",
                           "rollback production --reason broken"}) {
    const auto ran = service.run(line);
    EXPECT_EQ(ran.exit, 3) << line;
    EXPECT_EQ(ran.attempt(), "stepback rollback production --to 2222222 --yes --reason TEXT");
  }
  EXPECT_EQ(service.store.commits(), commits);
}

TEST_F(Act, NeverAsksInContinuousIntegrationOrWhenToldNotTo) {
  service.terminal = true;
  EXPECT_EQ(service.run("rollback production --no-input", "yes\n").exit, 3);
  service.variables["CI"] = "true";
  EXPECT_EQ(service.run("rollback production", "yes\n").exit, 3);
}

TEST_F(Act, WantsTheNameTypedForWhatIsSevere) {
  service.terminal = true;
  auto ran = service.run("rollback production --accept-data-risk", "yes\n");
  EXPECT_NE(ran.out.find("Rollback cancelled"), std::string::npos);
  ran = service.run("rollback production --accept-data-risk --yes", "yes\n");
  EXPECT_NE(ran.out.find("Rollback cancelled"), std::string::npos);
  EXPECT_TRUE(service.rollbacks().empty());
  ran = service.run("rollback production --accept-data-risk", "production\n");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(running("production"), "2222222");
}

TEST_F(Act, WantsTheNameTypedForAProtectedEnvironment) {
  service.settings.guarded = {{"production"}};
  EXPECT_EQ(service.run("rollback production --yes --reason r").exit, 3);
  EXPECT_TRUE(service.rollbacks().empty());
  EXPECT_EQ(service.run("rollback production --confirm production --reason r").exit, 0);
  EXPECT_EQ(running("production"), "2222222");
}

TEST_F(Act, WantsTheServicesNameForAllEnvironments) {
  EXPECT_EQ(service.run("rollback production --scope full --yes --reason r").exit, 3);
  EXPECT_EQ(service.run("rollback production --scope full --confirm production --reason r").exit,
            3);
  const auto ran = service.run("rollback production --scope full --confirm kiro-worker --reason r");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(running("test"), "2222222");
  EXPECT_EQ(running("production"), "2222222");
}

// --- what happens -------------------------------------------------------------------------------

TEST_F(Act, DryRunChangesNothingAndSaysHowToGoOn) {
  const auto commits = service.store.commits();
  const auto ran = service.run("rollback production --dry-run");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_TRUE(ran.out.ends_with("Nothing was changed. Run it: stepback rollback production\n"));
  EXPECT_EQ(service.run("rollback production --dry-run --detailed-exitcode").exit, 10);
  EXPECT_EQ(service.store.commits(), commits);
}

TEST_F(Act, AnnouncesEachStepInOrderWhereNobodyLooks) {
  const auto ran = service.run("rollback production --yes --reason broken");
  EXPECT_EQ(ran.exit, 0);
  std::size_t at = 0;
  for (const auto* step : {" stop done", " infrastructure skipped", " application done",
                           " check done", " record done", " notify done"}) {
    const auto next = ran.out.find(std::string("production") + step, at);
    EXPECT_NE(next, std::string::npos) << step;
    at = next == std::string::npos ? at : next;
  }
}

TEST_F(Act, PrintsOnlyDataOnStandardOutputForScripts) {
  const auto ran = service.run("rollback production --yes --reason broken -o json");
  EXPECT_EQ(ran.exit, 0);
  const auto value = json::parse(ran.out);
  ASSERT_TRUE(value) << ran.out;
  EXPECT_EQ(value->at("schema").as_string(), "stepback/v1/rollback");
  EXPECT_EQ(value->at("state").as_string(), "succeeded");
  EXPECT_NE(ran.err.find("production stop done"), std::string::npos);
}

TEST_F(Act, HasNothingToDoWhereTheVersionRunsAlready) {
  const auto ran = service.run("rollback production --to 3333333 --yes --reason r");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.err.find("production runs 3333333 already"), std::string::npos);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(Act, TakesTheBeginningOfAVersion) {
  EXPECT_EQ(service.run("rollback production --to 1111 --yes --reason r").exit, 0);
  EXPECT_EQ(running("production"), "1111111");
}

TEST_F(Act, TouchesOnlyTheComponentThatWasNamed) {
  service.run("rollback production --component infra --yes --reason r --dry-run");
  const auto ran = service.run("rollback production --component infra --dry-run");
  EXPECT_NE(ran.out.find("left out by request"), std::string::npos);
}

TEST_F(Act, ProceedsWhereAutomationLeftItToPeople) {
  service.world.places[{"production"}].cursed = true;
  ASSERT_EQ(service.run("rollback production --yes --reason r").exit, 1);
  ASSERT_TRUE(service.head("production").waiting);
  service.world.places[{"production"}].cursed = false;
  EXPECT_EQ(service.run("rollback production --to 1111111 --yes --reason again").exit, 0);
  EXPECT_FALSE(service.head("production").waiting);
}

// --- exit codes ---------------------------------------------------------------------------------

TEST_F(Act, Exits1WhenTheTargetIsBadToo) {
  service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
  const auto ran = service.run("rollback production --yes --reason r");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("production is NOT healthy: escalated, INC-"), std::string::npos);
}

TEST_F(Act, Exits3ForATargetThatIsHeld) {
  service.run("hold add production --version 2222222 --reason leaks");
  const auto ran = service.run("rollback production --to 2222222 --yes --reason r");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.err.find("held: leaks"), std::string::npos);
}

TEST_F(Act, Exits4ForAVersionThatNobodyKnows) {
  const auto ran = service.run("rollback production --to 2222223 --yes --reason r");
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.err,
            "stepback: production cannot be rolled back to 2222223\n"
            "    no deployment record carries that version\n"
            "    try: stepback targets production        (closest known: 2222222)\n");
}

TEST_F(Act, Exits4WhereThereIsNothingToGoBackTo) {
  PretendService young;
  young.deployed("test", "1111111", minutes(5));
  const auto ran = young.run("rollback test --yes --reason r");
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.attempt(), "stepback targets test");
  EXPECT_TRUE(young.rollbacks().empty());
}

TEST_F(Act, Exits5WhereARollbackIsUnderWay) {
  ASSERT_EQ(service.run("rollback production --yes --reason r --no-wait").exit, 0);
  const auto ran = service.run("rollback production --yes --reason r");
  EXPECT_EQ(ran.exit, 5);
  EXPECT_EQ(ran.attempt(), "stepback watch production");
}

TEST_F(Act, Exits6WithoutAConfiguration) {
  const auto ran = service.run("status -c missing.yaml");
  EXPECT_EQ(ran.exit, 6);
  EXPECT_EQ(ran.attempt(), "stepback init");
  EXPECT_EQ(service.run("config check").exit, 6);
}

TEST_F(Act, Exits7WhenTheAnswerCannotBeWritten) {
  service.broken_output = true;
  EXPECT_EQ(service.run("status").exit, 7);
}

TEST_F(Act, Exits8WhenItWaitedLongEnough) {
  const auto ran = service.run("rollback production --yes --reason r --timeout 2s");
  EXPECT_EQ(ran.exit, 8);
  EXPECT_NE(ran.err.find("next: stepback watch rb-"), std::string::npos);
  EXPECT_TRUE(is_active(service.rollbacks().front()));
}

TEST_F(Act, Exits8WhenTheBudgetIsUsedUp) {
  service.settings.policy.budget = minutes(2);
  service.world.before = [](std::string_view point, bool) {
    return point == "health" ? SimFault::unavailable : SimFault::none;
  };
  EXPECT_EQ(service.run("rollback production --yes --reason r").exit, 8);
}

TEST_F(Act, Exits9WhenSomeEnvironmentsWentBackAndOthersDidNot) {
  service.world.places[{"test"}].cursed = true;
  const auto ran = service.run("rollback production --scope full --confirm kiro-worker --reason r");
  EXPECT_EQ(ran.exit, 9) << ran.out << ran.err;
}

// --- leaving ------------------------------------------------------------------------------------

TEST_F(Act, CtrlCCancelsWhatHasNotBegun) {
  service.busy = true;
  stop_at_wait(1);
  const auto ran = service.run("rollback production --yes --reason r");
  EXPECT_EQ(ran.exit, 130);
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::cancelled);
  EXPECT_FALSE(service.head("production").slot);
  EXPECT_EQ(running("production"), "3333333");
}

TEST_F(Act, CancelsByIdWhatHasNotBegun) {
  const auto id = service.run("rollback production --yes --reason r --no-wait -q -o id").out;
  ASSERT_EQ(service.run("cancel " + id.substr(0, id.size() - 1) + " --reason \"false alarm\"").exit,
            0);
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::cancelled);
  EXPECT_EQ(running("production"), "3333333");
}

TEST_F(Act, CtrlCLeavesToTheServerWhatHasBegun) {
  stop_at_wait(5);
  const auto ran = service.run("rollback production --yes --reason r");
  EXPECT_EQ(ran.exit, 130);
  EXPECT_NE(ran.err.find("the server goes on"), std::string::npos);
  EXPECT_TRUE(is_active(service.rollbacks().front()));
}

TEST_F(Act, OneCtrlCDoesNotAbandonWhatThisProcessCarriesOut) {
  service.server = false;
  stop_at_wait(5);
  const auto ran = service.run("rollback production --yes --reason r");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.err.find("Ctrl-C again leaves it half done"), std::string::npos);
  EXPECT_EQ(running("production"), "2222222");
}

TEST_F(Act, CancellingWhatHasBegunIsRefused) {
  stop_at_wait(5);
  service.run("rollback production --yes --reason r");
  const auto ran = service.run("cancel " + service.rollbacks().front().id.text);
  EXPECT_EQ(ran.exit, 5);
  EXPECT_NE(ran.err.find("it goes forward only"), std::string::npos);
}

TEST_F(Act, RefusesToLeaveItToAServerThatIsNotThere) {
  service.server = false;
  const auto ran = service.run("rollback production --yes --reason r --no-wait");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_TRUE(service.rollbacks().empty());
}

// --- plan and apply -----------------------------------------------------------------------------

class Plan : public Act {
 protected:
  std::string file = testing::TempDir() + "stepback-plan-" +
                     testing::UnitTest::GetInstance()->current_test_info()->name() + ".json";
  ~Plan() override { std::filesystem::remove(file); }
};

TEST_F(Plan, IsAppliedExactlyAsItWasShown) {
  ASSERT_EQ(service.run("plan production --to 1111111 -O " + file).exit, 0);
  EXPECT_EQ(service.run("apply " + file + " --yes --reason r").exit, 0);
  EXPECT_EQ(running("production"), "1111111");
}

TEST_F(Plan, IsRefusedWhenTheWorldMoved) {
  ASSERT_EQ(service.run("plan production -O " + file).exit, 0);
  service.deployed("production", "4444444", minutes(1), false);
  const auto ran = service.run("apply " + file + " --yes --reason r");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.err.find("the world moved"), std::string::npos);
  EXPECT_EQ(running("production"), "4444444");
}

TEST_F(Plan, IsRefusedWhenItIsNone) {
  EXPECT_EQ(service.run("apply /nowhere/plan.json").exit, 4);
  EXPECT_EQ(service.run("plan production --detailed-exitcode").exit, 10);
}

// --- holds --------------------------------------------------------------------------------------

TEST_F(Act, HoldsAVersionAndReleasesIt) {
  ASSERT_EQ(service.run("hold add production --version 2222222 --reason leaks").exit, 0);
  EXPECT_EQ(service.head("production").holds.size(), 1U);
  EXPECT_EQ(service.run("hold list -o id").out, "2222222\n");
  ASSERT_EQ(service.run("hold release production --version 2222 --reason fixed").exit, 0);
  EXPECT_TRUE(service.head("production").holds.empty());
  EXPECT_EQ(service.run("hold release production --version 2222222 --reason r").exit, 4);
}

TEST_F(Act, WantsAReasonForAHoldWhereNobodyCanBeAsked) {
  EXPECT_EQ(service.run("hold add production --version 2222222").exit, 3);
  service.terminal = true;
  const auto ran = service.run("hold add production --version 2222222");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.err.find("undo: stepback hold release production --version 2222222"),
            std::string::npos);
}

TEST_F(Act, GivesAnEnvironmentBackToAutomation) {
  service.world.places[{"production"}].cursed = true;
  service.run("rollback production --yes --reason r");
  EXPECT_EQ(service.run("hold release production --reason checked").exit, 0);
  EXPECT_FALSE(service.head("production").waiting);
}

TEST_F(Act, ReadOnlyRefusesWhateverWouldChangeSomething) {
  const auto commits = service.store.commits();
  for (const auto* line :
       {"rollback production --yes --reason r", "hold add test --version 1 --reason r",
        "hold release test --reason r", "cancel rb-1", "apply plan.json",
        "deploy test --version 9 --from x", "deploy start test --version 9", "deploy succeed test",
        "deploy fail test", "trigger production --alarm a --live"}) {
    EXPECT_EQ(service.run(std::string("--read-only ") + line).exit, 3) << line;
  }
  EXPECT_EQ(service.run("--read-only rollback production --dry-run").exit, 0);
  EXPECT_EQ(service.store.commits(), commits);
}

// --- deployments and signals --------------------------------------------------------------------

TEST_F(Act, DeploysAndSaysUntilWhenItBakes) {
  const auto ran = service.run("deploy test --version 4444444 --from .");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("test runs 4444444; it bakes until"), std::string::npos);
  EXPECT_EQ(running("test"), "4444444");
}

TEST_F(Act, StaysUntilADeploymentIsGood) {
  const auto ran = service.run("deploy test --version 4444444 --from . --wait-bake");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("has baked in test"), std::string::npos);
}

TEST_F(Act, FollowsTheRollbackOfADeploymentThatFailed) {
  service.world.bad.insert(SimWorld::digest_of({"4444444"}).hex);
  const auto ran = service.run("deploy test --version 4444444 --from . --check-limit 5s");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("✔ test runs 2222222, verified"), std::string::npos) << ran.out;
}

TEST_F(Act, RefusesToDeployWhatIsHeld) {
  service.run("hold add test --version 4444444 --reason leaks");
  const auto ran = service.run("deploy test --version 4444444 --from .");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.attempt(), "stepback hold list test");
}

TEST_F(Act, KeepsTheRecordsThatAPipelineWrites) {
  EXPECT_EQ(service.run("deploy start test --version 4444444").exit, 0);
  EXPECT_EQ(service.run("deploy start test --version 5555555").exit, 5);
  EXPECT_EQ(service.run("deploy succeed test").exit, 0);
  EXPECT_EQ(service.run("deploy succeed test").exit, 5);
}

TEST_F(Act, TakesNothingBackOfWhatFailedBeforeItRan) {
  const auto before = service.store.all_heads().at({"test"}).live;
  const auto ran =
      service.run("deploy fail test --version 4444444 --infra-version i4 --reason nothing");
  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_TRUE(service.rollbacks().empty());
  EXPECT_EQ(service.store.all_heads().at({"test"}).live, before);
  const auto history = service.run("history test");
  EXPECT_TRUE(history.out.contains("4444444")) << history.out;
}

TEST_F(Act, TriggersOnlyWhenItIsLive) {
  service.world.places[{"production"}].cursed = true;
  service.clock.advance(seconds(1));
  service.world.evaluate_alarms();
  service.clock.advance(seconds(30));
  service.world.evaluate_alarms();
  const auto commits = service.store.commits();
  auto ran = service.run("trigger production --alarm kiro-worker-production-errors");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_TRUE(ran.out.starts_with("◌ would be opened")) << ran.out;
  EXPECT_EQ(service.store.commits(), commits);
  ran = service.run("trigger production --alarm kiro-worker-production-errors --live");
  EXPECT_EQ(service.rollbacks().size() > 0, true) << ran.err;
}

TEST_F(Act, RefusesAnEventThatIsNone) {
  const auto ran = service.run("trigger production --event -", "{\"a\": 1}");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.attempt(), "stepback help formats");
}

}  // namespace
}  // namespace stepback::cli
