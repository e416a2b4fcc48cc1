// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/completing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "entry/cli/catalogue.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

KnownNames shop() {
  return {.environments = {"test", "staging", "production"},
          .versions = {"2222222", "$(touch harm)", "a b", "22;x"},
          .ids = {"rb-01", "dep-01"},
          .alarms = {"errors-production"}};
}

std::vector<std::string> offered(
    const std::vector<std::string>& words,
    const Knowing& knowing = [](const std::string&) { return shop(); }) {
  std::istringstream lines(completions(words, knowing));
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);)
    found.push_back(line.substr(0, line.find('\t')));
  return found;
}
using Words = std::vector<std::string>;

bool has(const Words& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

TEST(Completing, OffersTheCommandsThatBeginSo) {
  EXPECT_EQ(offered({"roll"}), Words{"rollback"});
  EXPECT_EQ(offered({"hold", ""}), (Words{"list", "add", "release"}));
  EXPECT_TRUE(offered({"nothing-like-it"}).empty());
}

TEST(Completing, OffersEveryCommandAndNothingHidden) {
  const auto all = offered({""});
  for (const auto& entry : catalogue()) {
    if (entry.path.contains(' ')) continue;
    EXPECT_TRUE(has(all, std::string(entry.path))) << entry.path;
  }
  EXPECT_FALSE(has(all, "__complete"));
}

TEST(Completing, OffersEnvironmentsWhereOneBelongs) {
  EXPECT_EQ(offered({"rollback", ""}), (Words{"test", "staging", "production"}));
  EXPECT_EQ(offered({"rollback", "p"}), Words{"production"});
  EXPECT_EQ(offered({"undo", "p"}), Words{"production"});
  EXPECT_TRUE(offered({"rollback", "production", ""}).empty());
  EXPECT_EQ(offered({"status", "test", "p"}), Words{"production"});
  EXPECT_EQ(offered({"--ascii", "hold", "add", "p"}), Words{"production"});
}

TEST(Completing, OffersVersionsIdsAndAlarms) {
  EXPECT_EQ(offered({"rollback", "test", "--to", ""}), Words{"2222222"});
  EXPECT_EQ(offered({"rollback", "test", "--to=2"}), Words{"--to=2222222"});
  EXPECT_EQ(offered({"rollback", "test", "--to", "=", "2"}), Words{"2222222"});
  EXPECT_EQ(offered({"explain", ""}), (Words{"rb-01", "dep-01"}));
  EXPECT_EQ(offered({"watch", ""}), (Words{"test", "staging", "production", "rb-01", "dep-01"}));
  EXPECT_EQ(offered({"rollback", "test", "--accept-alarm", "e"}), Words{"errors-production"});
  EXPECT_EQ(offered({"trigger", "test", "--alarm", ""}), Words{"errors-production"});
}

TEST(Completing, OffersTheFlagsOfTheCommandAndOfAll) {
  const auto flags = offered({"rollback", "--"});
  EXPECT_TRUE(has(flags, "--dry-run"));
  EXPECT_TRUE(has(flags, "--query"));
  EXPECT_FALSE(has(flags, "--checklist"));
  EXPECT_EQ(offered({"verify", "test", "--check"}), Words{"--checklist"});
  EXPECT_TRUE(offered({"rollback", "--", "--d"}).empty());
}

TEST(Completing, OffersTheValuesOfAChoice) {
  EXPECT_EQ(offered({"status", "-o", "j"}), (Words{"json", "jsonl"}));
  EXPECT_EQ(offered({"alarms", "--state", ""}), (Words{"OK", "ALARM", "INSUFFICIENT_DATA"}));
  EXPECT_EQ(offered({"completion", "z"}), Words{"zsh"});
  EXPECT_TRUE(has(offered({"help", "ex"}), "exit-codes"));
}

TEST(Completing, LeavesFilesToTheShell) {
  EXPECT_EQ(offered({"-c", ""}), Words{":files"});
  EXPECT_EQ(offered({"apply", ""}), Words{":files"});
  EXPECT_EQ(offered({"deploy", "test", "--from", ""}), Words{":directories"});
}

TEST(Completing, LooksIntoTheConfigurationThatIsNamed) {
  std::string asked = "nobody";
  const Knowing knowing = [&](const std::string& configuration) {
    asked = configuration;
    return shop();
  };
  offered({"-c", "other.yaml", "status", ""}, knowing);
  EXPECT_EQ(asked, "other.yaml");
  offered({"--config=third.yaml", "status", ""}, knowing);
  EXPECT_EQ(asked, "third.yaml");
}

TEST(Completing, LooksNowhereWhenItNeedsNoNames) {
  const Knowing knowing = [](const std::string&) -> KnownNames {
    ADD_FAILURE() << "it looked";
    return {};
  };
  offered({"hold", ""}, knowing);
  offered({"rollback", "--"}, knowing);
}

TEST(Completing, IsAnsweredByTheProgramWithoutAnEngine) {
  PretendService service;
  service.known = shop();
  const auto ran = service.run("__complete rollback p");
  EXPECT_EQ(ran.out, "production\tenvironment\n");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(service.engines_made, 0);
  const auto unknown = service.run("__complete -c missing.yaml status p");
  EXPECT_EQ(unknown.out + unknown.err, "");
  EXPECT_EQ(unknown.exit, 0);
}

TEST(Completing, HasAScriptForEachShellAndSaysSoForOthers) {
  PretendService service;
  for (const auto* shell : {"bash", "zsh", "fish"})
    EXPECT_NE(service.run(std::string("completion ") + shell).out.find("__complete"),
              std::string::npos);
  const auto ran = service.run("completion tcsh");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.attempt(), "stepback completion bash");
}

}  // namespace
}  // namespace stepback::cli
