// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/json.hpp"
#include "entry/cli/options.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class Read : public testing::Test {
 protected:
  Read() {
    for (const auto* name : {"test", "staging", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", days(2));
      service.deployed(name, "3333333", minutes(5), false);
    }
  }
  void turn_red(const std::string& name) { service.world.places[{name}].red_before = true; }

  PretendService service;
};

TEST_F(Read, StatusShowsEveryEnvironmentOnOneScreen) {
  EXPECT_EQ(service.run("status").out,
            "service kiro-worker                                    2026-01-27 07:46 UTC\n"
            "\n"
            "ENVIRONMENT  RELEASE  SINCE   STATE     ALARMS  READY TO ROLL BACK\n"
            "test         3333333  5m ago  ◷ baking  0 of 1  ✔ to 2222222, about 26s\n"
            "staging      3333333  5m ago  ◷ baking  0 of 1  ✔ to 2222222, about 26s\n"
            "production   3333333  5m ago  ◷ baking  0 of 1  ✔ to 2222222, about 26s\n");
}

TEST_F(Read, StatusNamesTheRedAlarmAndWhatToDoNext) {
  turn_red("production");
  const auto out = service.run("status").out;
  EXPECT_NE(out.find("production   3333333  5m ago  ✖ alarm   1 of 1"), std::string::npos) << out;
  EXPECT_NE(out.find("✖ production: kiro-worker-production-errors in ALARM since"),
            std::string::npos);
  EXPECT_TRUE(out.ends_with("next: stepback rollback production --dry-run\n"));
}

TEST_F(Read, StatusOfOneEnvironmentHasTheDeploymentAndTheVersion) {
  const auto out = service.run("status production").out;
  EXPECT_NE(out.find(service.head("production").current->text), std::string::npos);
  EXPECT_NE(out.find("  version       3333333\n"), std::string::npos);
}

TEST_F(Read, StatusSaysWhatItDoesNotKnow) {
  service.world.before = [](std::string_view point, bool) {
    return point == "alarms" ? SimFault::unavailable : SimFault::none;
  };
  const auto out = service.run("status production").out;
  EXPECT_NE(out.find("◷ not known"), std::string::npos) << out;
  EXPECT_NE(out.find("not read"), std::string::npos);
}

TEST_F(Read, StatusOfAnEnvironmentThatNeverRanAnything) {
  PretendService young;
  const auto ran = young.run("status");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.out.find("test         –        –      · nothing deployed"), std::string::npos)
      << ran.out;
}

TEST_F(Read, TargetsGiveAReasonForEach) {
  const auto ran = service.run("targets production");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out,
            "   RELEASE  AGE  VERIFIED  INFRASTRUCTURE  VERDICT\n"
            "   3333333   5m  ✖         –               refused: it is what runs\n"
            "→  2222222   2d  ✔         –               chosen: the newest good one that nothing "
            "speaks against\n"
            "   1111111   3d  ✔         –               possible: older than the chosen one\n");
}

TEST_F(Read, TargetsPutTheChosenOneFirstForScripts) {
  EXPECT_EQ(service.run("targets production --limit 1 -o id").out, "2222222\n");
}

TEST_F(Read, TargetsExit4WhereThereIsNone) {
  PretendService young;
  young.deployed("test", "1111111", minutes(5));
  EXPECT_EQ(young.run("targets test").exit, 4);
}

TEST_F(Read, SuggestsTheEnvironmentThatWasMeant) {
  const auto ran = service.run("targets prodction");
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.err,
            "stepback: there is no environment prodction\n"
            "    did you mean production? The configuration names test, staging, production\n"
            "    try: stepback status production\n");
}

TEST_F(Read, NeverWritesWhatATerminalWouldObey) {
  const auto ran = service.run("status \x1b[31mred\u202e");
  EXPECT_EQ(ran.err.find('\x1b'), std::string::npos);
  EXPECT_NE(ran.err.find("\\x1b[31mred\\u{202e}"), std::string::npos);
}

TEST_F(Read, HasEveryFormatForEveryCommandThatReads) {
  service.run("rollback test --yes --reason r");
  const auto id = service.rollbacks().front().id.text;
  for (const std::string& command :
       {std::string("status"), std::string("targets production"), std::string("verify production"),
        std::string("history"), "show " + id, "explain " + id, std::string("alarms --all"),
        std::string("health --all"), std::string("hold list"), std::string("audit verify"),
        std::string("rollback production --dry-run"), std::string("plan production")}) {
    const auto document = json::parse(service.run(command + " -o json").out);
    ASSERT_TRUE(document) << command;
    EXPECT_TRUE(std::string_view(document->at("schema").as_string()).starts_with("stepback/v1/"))
        << command;
    EXPECT_TRUE(service.run(command + " -o yaml").out.starts_with("schema: stepback/v1/"))
        << command;
    const auto lines = service.run(command + " -o jsonl").out;
    EXPECT_TRUE(json::parse(lines.substr(0, lines.find('\n')))) << command;
    EXPECT_EQ(service.run(command + " -o text").out.find('\x1b'), std::string::npos) << command;
    EXPECT_EQ(service.run(command + " -o id").out.find(' '), std::string::npos) << command;
  }
}

TEST_F(Read, StandsStillOnATerminalThatCannotBePaintedOver) {
  service.terminal = true;
  service.variables["TERM"] = "dumb";
  EXPECT_EQ(service.run("rollback production", "yes\n").out.find('\x1b'), std::string::npos);
}

TEST_F(Read, PaintsOverItselfOnATerminal) {
  service.terminal = true;
  const auto ran = service.run("rollback production", "yes\n");
  EXPECT_NE(ran.out.find("\x1b["), std::string::npos);
  EXPECT_EQ(ran.out.find("\x1b[2J"), std::string::npos);  // what stood there before stays
}

TEST_F(Read, HasColourOnlyWhereItIsWanted) {
  EXPECT_EQ(service.run("status").out.find('\x1b'), std::string::npos);
  EXPECT_NE(service.run("status --color always").out.find("\x1b["), std::string::npos);
  EXPECT_EQ(service.run("status --color never").out.find('\x1b'), std::string::npos);
}

TEST_F(Read, HasNothingBeyondAsciiWhenAsked) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  EXPECT_FALSE(std::ranges::all_of(service.run("targets production").out, is_ascii));
  EXPECT_TRUE(std::ranges::all_of(service.run("targets production --ascii").out, is_ascii));
  service.variables["LC_ALL"] = "C";
  EXPECT_TRUE(std::ranges::all_of(service.run("targets production").out, is_ascii));
}

TEST_F(Read, HistoryHoldsDeploymentsAndRollbacks) {
  service.run("rollback production --yes --reason broken");
  const auto out = service.run("history production").out;
  EXPECT_NE(out.find("⚠ rolled_back"), std::string::npos) << out;
  EXPECT_NE(out.find("rollback  ✔ succeeded"), std::string::npos);
  EXPECT_NE(out.find("broken; rolled back to version 2222222"), std::string::npos);
}

TEST_F(Read, HistoryFiltersByTimeStatusAndNumber) {
  EXPECT_EQ(service.run("history production --since 1h -o id").out,
            service.head("production").current->text + "\n");
  EXPECT_EQ(service.run("history production --status failed -o id").out, "");
  EXPECT_EQ(std::ranges::count(service.run("history --limit 2 --no-header").out, '\n'), 2);
}

TEST_F(Read, ExplainTellsTheStoryFromTriggerToOutcome) {
  service.run("rollback production --yes --reason broken");
  const auto id = service.rollbacks().front().id.text;
  const auto out = service.run("explain " + id).out;
  std::size_t at = 0;
  for (const auto* part :
       {"What began it", "asked for by alice", "→ 2222222  chosen", "3333333  refused",
        "What was decided", "rollback.opened", "target.chosen", "validation.passed",
        "rollback.succeeded", "What was checked in production", "✔ production runs 2222222"}) {
    const auto next = out.find(part, at);
    EXPECT_NE(next, std::string::npos) << part << " in\n" << out;
    at = next == std::string::npos ? at : next;
  }
}

TEST_F(Read, FindsARecordByTheBeginningOfItsId) {
  const auto id = service.head("test").current->text;
  EXPECT_EQ(service.run("show " + id.substr(0, id.size() - 2) + " -o id").out, id + "\n");
  EXPECT_EQ(service.run("show rb-nothing").exit, 4);
  EXPECT_EQ(service.run("show something").exit, 4);
}

TEST_F(Read, ExplainsTheRollbackOfADeployment) {
  service.run("rollback production --yes --reason broken");
  const auto deployment = service.rollbacks().front().rejected.deployment.text;
  EXPECT_EQ(service.run("explain " + deployment + " -o id").out,
            service.rollbacks().front().id.text + "\n");
  EXPECT_EQ(service.run("explain " + service.head("test").current->text).exit, 4);
}

TEST_F(Read, VerifyExits1WhenSomethingIsWrong) {
  EXPECT_EQ(service.run("verify production").exit, 0);
  service.world.places[{"production"}].cursed = true;
  const auto ran = service.run("verify production");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("✖  health api"), std::string::npos) << ran.out;
}

TEST_F(Read, ChecklistHasTheRunbooksTenBoxes) {
  service.run("rollback production --yes --reason broken");
  const auto out = service.run("verify production --checklist").out;
  EXPECT_EQ(std::ranges::count(out, '\n'), 10);
  EXPECT_TRUE(out.starts_with("[x] Pipeline execution stopped or completed"));
  EXPECT_NE(out.find("[ ] Stakeholders informed of rollback completion"), std::string::npos);
}

TEST_F(Read, AlarmsAreFilteredByState) {
  turn_red("production");
  EXPECT_EQ(service.run("alarms --all --state ALARM -o id").out, "kiro-worker-production-errors\n");
  EXPECT_EQ(service.run("alarms").exit, 2);
}

TEST_F(Read, HealthExits1WhenAProbeFails) {
  EXPECT_EQ(service.run("health --all").exit, 0);
  service.world.places[{"test"}].cursed = true;
  EXPECT_EQ(service.run("health test").exit, 1);
}

TEST_F(Read, WatchForATimeExits1WhenSomethingTurnsRed) {
  EXPECT_EQ(service.run("watch production --for 1m").exit, 0);
  service.on_wait = [this](int wait) {
    if (wait == 400) turn_red("production");
  };
  EXPECT_EQ(service.run("watch production --for 5m").exit, 1);
}

TEST_F(Read, WatchGivesASignOfLifeWhereNothingHappens) {
  const auto out = service.run("watch production --for 2m").out;
  EXPECT_GE(std::ranges::count(out, '\n'), 4) << out;
}

TEST_F(Read, WatchWithoutANameFollowsTheOneRollback) {
  EXPECT_EQ(service.run("watch").exit, 0);
  service.run("rollback production --yes --reason r --no-wait");
  const auto ran = service.run("watch");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.out.find("✔ production runs 2222222, verified"), std::string::npos);
}

TEST_F(Read, WatchAsksWhichOfSeveral) {
  service.run("rollback production --yes --reason r --no-wait");
  service.run("rollback test --yes --reason r --no-wait");
  EXPECT_EQ(service.run("watch").exit, 2);
}

TEST_F(Read, TouchesNoConfigurationForHelpVersionAndMistakes) {
  for (const auto* line : {"--version", "version", "--help", "help exit-codes", "rollback --help",
                           "frobnicate", "rollback", "help nothing", "config schema"}) {
    service.run(line);
  }
  EXPECT_EQ(service.engines_made, 0);
}

TEST_F(Read, ShowsEveryTopic) {
  for (const auto* topic : {"concepts", "exit-codes", "config", "formats", "emergencies"})
    EXPECT_EQ(service.run(std::string("help ") + topic).exit, 0) << topic;
  const auto ran = service.run("help concept");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.attempt(), "stepback help concepts");
}

TEST_F(Read, EndsEveryErrorWithACommandThatIsUnderstood) {
  for (const auto* line : {"status nowhere",
                           "targets prodction",
                           "rollback production --to 9999999",
                           "rollback production",
                           "rollback production --scope full --yes --reason r",
                           "rollback test --to 3",
                           "watch rb-nothing",
                           "show nothing",
                           "explain dep-nothing",
                           "cancel rb-nothing",
                           "hold add production --version \"a b\"",
                           "hold release production",
                           "hold release production --version 1 --reason r",
                           "apply /nowhere",
                           "alarms",
                           "health",
                           "trigger production",
                           "trigger production --event /nowhere",
                           "trigger production --alarm kiro-worker-test-errors",
                           "deploy fail test --reason r",
                           "deploy start test --version ../x",
                           "status -c missing.yaml",
                           "config check",
                           "help nothing",
                           "--read-only rollback production",
                           "history --since never",
                           "rollback production --no-wait --bogus"}) {
    const auto ran = service.run(line);
    EXPECT_NE(ran.exit, 0) << line;
    EXPECT_GE(std::ranges::count(ran.err, '\n'), 3) << line << "\n" << ran.err;
    auto attempt = ran.attempt();
    ASSERT_TRUE(attempt.starts_with("stepback ")) << line << "\n" << ran.err;
    std::vector<std::string> words;
    std::istringstream stream(attempt.substr(9));
    for (std::string word; stream >> word;) words.push_back(word);
    EXPECT_FALSE(std::holds_alternative<Complaint>(parse(words))) << line << ": " << attempt;
  }
}

}  // namespace
}  // namespace stepback::cli
