// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "entry/cli/catalogue.hpp"
#include "entry/cli/options.hpp"
#include "entry/cli/spelling.hpp"

namespace stepback::cli {
namespace {

template <class Options>
Options parsed(const std::vector<std::string>& arguments) {
  const auto result = parse(arguments);
  if (const auto* complaint = std::get_if<Complaint>(&result)) ADD_FAILURE() << render(*complaint);
  const auto* command = std::get_if<Parsed>(&result);
  if (command == nullptr || !std::holds_alternative<Options>(command->command)) {
    ADD_FAILURE() << "another command";
    return {};
  }
  return std::get<Options>(command->command);
}

Complaint refused(const std::vector<std::string>& arguments) {
  const auto result = parse(arguments);
  const auto* complaint = std::get_if<Complaint>(&result);
  EXPECT_NE(complaint, nullptr);
  return complaint == nullptr ? Complaint{} : *complaint;
}

std::string help(const std::vector<std::string>& arguments) {
  const auto result = parse(arguments);
  const auto* text = std::get_if<HelpText>(&result);
  EXPECT_NE(text, nullptr);
  return text == nullptr ? "" : text->text;
}

// As a shell would take it apart.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

TEST(Parse, TakesFlagsBeforeAndAfterTheCommand) {
  const auto before = parse({"-o", "json", "status"});
  const auto after = parse({"status", "-o", "json"});
  EXPECT_EQ(std::get<Parsed>(before).global.output, OutputFormat::json);
  EXPECT_EQ(std::get<Parsed>(after).global.output, OutputFormat::json);
}

TEST(Parse, ReadsARollbackWhole) {
  const auto options = parsed<RollbackOptions>({"rollback",
                                                "production",
                                                "--to",
                                                "2222222",
                                                "--scope",
                                                "full",
                                                "--component",
                                                "app",
                                                "--accept-data-risk",
                                                "--accept-alarm",
                                                "a",
                                                "--accept-alarm",
                                                "b",
                                                "--dry-run",
                                                "--yes",
                                                "--confirm",
                                                "kiro",
                                                "--reason",
                                                "it burns",
                                                "--no-wait",
                                                "--timeout",
                                                "15m",
                                                "--detailed-exitcode"});
  EXPECT_EQ(options.wanted.environment, "production");
  EXPECT_EQ(options.wanted.to, "2222222");
  EXPECT_EQ(options.wanted.level, Level::full);
  EXPECT_EQ(options.wanted.component, "app");
  EXPECT_TRUE(options.wanted.accept_data_risk);
  EXPECT_EQ(options.wanted.accept_alarms, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(options.dry_run);
  EXPECT_TRUE(options.consent.yes);
  EXPECT_EQ(options.consent.confirm, "kiro");
  EXPECT_EQ(options.consent.reason, "it burns");
  EXPECT_TRUE(options.waiting.no_wait);
  EXPECT_EQ(options.waiting.timeout, minutes(15));
  EXPECT_TRUE(options.detailed_exitcode);
}

TEST(Parse, KnowsTheAliases) {
  EXPECT_EQ(parsed<RollbackOptions>({"undo", "production"}).wanted.environment, "production");
  EXPECT_EQ(parsed<VerifyOptions>({"check", "test"}).environment, "test");
  EXPECT_EQ(parsed<HistoryOptions>({"releases"}).limit, 20U);
}

TEST(Parse, TellsDeployFromItsCommands) {
  const auto deploy = parsed<DeployOptions>(
      {"deploy", "test", "--version", "3", "--from", "out", "--infra-changed", "false"});
  EXPECT_EQ(deploy.facts.version, "3");
  EXPECT_EQ(deploy.facts.infrastructure_changed, false);
  EXPECT_EQ(parsed<DeployStartOptions>({"deploy", "start", "test", "--version", "3"})
                .facts.infrastructure_changed,
            std::nullopt);
  EXPECT_EQ(parsed<DeployFailOptions>({"deploy", "fail", "test", "--reason", "r"}).reason, "r");
}

TEST(Parse, SaysWhatDeployNeeds) {
  const auto complaint = refused({"deploy", "test"});
  EXPECT_EQ(complaint.exit, Exit::usage);
  EXPECT_EQ(complaint.why, "missing: --version --from");
}

TEST(Parse, SuggestsTheCommandThatWasMeant) {
  const auto complaint = refused({"statsu"});
  EXPECT_EQ(complaint.exit, Exit::usage);
  EXPECT_EQ(render(complaint),
            "stepback: stepback knows no statsu\n"
            "    did you mean status?\n"
            "    try: stepback status --help\n");
}

TEST(Parse, SuggestsTheFlagThatWasMeant) {
  EXPECT_EQ(refused({"rollback", "production", "--dryrun"}).why, "did you mean --dry-run?");
  EXPECT_EQ(refused({"rollback", "--dryrun"}).why, "did you mean --dry-run?");
  EXPECT_EQ(refused({"status", "--outptu", "json"}).why, "did you mean --output?");
}

TEST(Parse, SuggestsNothingThatIsFarFromIt) {
  EXPECT_EQ(refused({"frobnicate"}).attempt, "stepback --help");
}

TEST(Parse, SuggestsCommandsBelowACommand) {
  EXPECT_EQ(refused({"hold", "lst"}).attempt, "stepback hold list --help");
}

TEST(Parse, RefusesValuesThatAreNone) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"status", "-o", "xml"},
                                             {"watch", "--for", "5"},
                                             {"history", "--limit", "0"},
                                             {"history", "--limit", "-3"},
                                             {"history", "--limit", "many"},
                                             {"history", "--since", "yesterday"},
                                             {"history", "--status", "fine"},
                                             {"rollback", "x", "--component", "database"},
                                             {"rollback", "x", "--scope", "planet"},
                                             {"rollback", "x", "--to"},
                                             {"alarms", "x", "--all"},
                                             {"trigger", "x", "--alarm", "a", "--event", "f"},
                                             {"hold"},
                                             {"rollback"},
                                             {"rollback", "a", "b"},
                                             {"show"}}) {
    EXPECT_EQ(refused(arguments).exit, Exit::usage) << arguments.front();
  }
}

TEST(Parse, EndsEveryRefusalWithACommandThatIsUnderstood) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"statsu"},
                                                                     {"hold"},
                                                                     {"hold", "lst"},
                                                                     {"rollback"},
                                                                     {"rollback", "a", "b"},
                                                                     {"deploy", "x"},
                                                                     {"-o", "xml"},
                                                                     {"deploy", "start"}}) {
    auto words = words_of(refused(arguments).attempt);
    ASSERT_EQ(words.front(), "stepback");
    words.erase(words.begin());
    EXPECT_FALSE(std::holds_alternative<Complaint>(parse(words))) << arguments.front();
  }
}

TEST(Parse, UnderstandsEveryExampleOfItsHelp) {
  for (const auto& entry : catalogue()) {
    EXPECT_FALSE(entry.examples.front().empty()) << entry.path;
    for (const auto& example : entry.examples) {
      if (example.empty()) continue;
      auto words = words_of(example);
      words.erase(words.begin());
      const auto result = parse(words);
      EXPECT_TRUE(std::holds_alternative<Parsed>(result)) << example;
      EXPECT_TRUE(example.starts_with("stepback " + std::string(entry.path))) << example;
    }
  }
}

TEST(Parse, ShowsAPageForEveryCommandThatOpensWithAnExample) {
  for (const auto& entry : catalogue()) {
    auto words = words_of(entry.path);
    words.emplace_back("--help");
    EXPECT_TRUE(help(words).starts_with("  stepback " + std::string(entry.path))) << entry.path;
  }
}

TEST(Parse, ShowsTheSamePageForHelpAndItsTopic) {
  EXPECT_EQ(help({"help", "rollback"}), help({"rollback", "--help"}));
  EXPECT_EQ(help({"help", "undo"}), help({"rollback", "-h"}));
}

TEST(Parse, ShowsAllCommandsWhenAskedForHelp) {
  const auto page = help({"help"});
  EXPECT_EQ(page, help({"--help"}));
  for (const auto& entry : catalogue()) {
    if (entry.path.find(' ') != std::string_view::npos) continue;
    EXPECT_NE(page.find("  " + std::string(entry.path)), std::string::npos) << entry.path;
  }
}

TEST(Parse, SaysItsVersion) { EXPECT_TRUE(help({"--version"}).starts_with("stepback ")); }

TEST(Moment, IsADurationBackOrADateOrATime) {
  const Instant now = *parse_rfc3339("2026-01-27T10:00:00Z");
  EXPECT_EQ(*parse_moment("2h", now), *parse_rfc3339("2026-01-27T08:00:00Z"));
  EXPECT_EQ(*parse_moment("2026-01-20", now), *parse_rfc3339("2026-01-20T00:00:00Z"));
  EXPECT_EQ(*parse_moment("2026-01-20T01:02:03Z", now), *parse_rfc3339("2026-01-20T01:02:03Z"));
  EXPECT_FALSE(parse_moment("last week", now));
}

TEST(Spelling, CountsASwapAsOneEdit) {
  EXPECT_EQ(edit_distance("status", "statsu"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("rollback", "rolback"), 1U);
}

TEST(Spelling, NeverReplacesAllOfAShortWord) {
  EXPECT_EQ(nearest("ab", {"xy"}), std::nullopt);
  EXPECT_EQ(nearest("prodction", {"test", "production"}), "production");
  EXPECT_EQ(nearest(std::string(5000, 'a'), {"aaa"}), std::nullopt);
}

TEST(Spelling, CompletesOnlyWhatIsUnique) {
  EXPECT_EQ(completed("abc", {"abcd", "xyz"}), "abcd");
  EXPECT_EQ(completed("ab", {"abcd", "abxy"}), std::nullopt);
  EXPECT_EQ(completed("ab", {"ab", "abxy"}), "ab");
  EXPECT_EQ(completed("ab", {"abc", "abc"}), "abc");
}

TEST(AsksForTheVersion, OnlyByTheFlagAlone) {
  EXPECT_TRUE(std::holds_alternative<HelpText>(parse({"--version"})));
  for (const auto* word : {"nonsense", "status"}) {
    const auto parsed = parse({word, "--version", "3333333"});
    ASSERT_TRUE(std::holds_alternative<Complaint>(parsed)) << word;
    EXPECT_EQ(std::get<Complaint>(parsed).exit, Exit::usage);
  }
}

}  // namespace
}  // namespace stepback::cli
