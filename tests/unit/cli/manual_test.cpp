// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/manual.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "entry/cli/catalogue.hpp"
#include "entry/cli/help_topics.hpp"
#include "entry/cli/options.hpp"
#include "entry/cli/settings.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

std::string file(const std::string& path) {
  std::ifstream in(std::string(STEPBACK_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(in), {}};
}
std::string schema() { return file("src/app/schema/stepback.schema.json"); }

TEST(Manual, HasAPageForEveryCommandAndForTheConfiguration) {
  const auto pages = manual_pages();
  EXPECT_EQ(pages.size(), catalogue().size() + 2);
  for (const auto& page : pages) {
    const auto text = manual_page(page, schema());
    ASSERT_TRUE(text.has_value()) << page;
    EXPECT_TRUE(text->starts_with(".TH ")) << page;
    EXPECT_NE(text->find("\n.SH NAME\n"), std::string::npos) << page;
  }
  EXPECT_FALSE(manual_page("stepback-nothing.1", schema()).has_value());
}

TEST(Manual, SaysOfACommandWhatItsHelpSays) {
  const auto page = *manual_page("stepback-hold-add.1", schema());
  for (const auto* part : {"keep a version out of an environment", ".B \\-\\-version VERSION",
                           "stepback hold add production \\-\\-version 3333333"})
    EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
}

TEST(Manual, HasTheExitCodesAndEveryOtherTopic) {
  const auto page = *manual_page("stepback.1", schema());
  EXPECT_NE(page.find(".SH EXIT STATUS\n"), std::string::npos);
  EXPECT_NE(page.find("another operation holds the environment"), std::string::npos);
  EXPECT_NE(page.find(".SH EMERGENCIES\n"), std::string::npos);
}

// A line that begins with a dot or a quote is a request to roff, and would vanish from the page.
TEST(Manual, LetsNoTextBecomeARequest) {
  for (const auto& name : manual_pages()) {
    const auto page = *manual_page(name, schema());
    for (std::size_t at = page.find('\n'); at + 1 < page.size(); at = page.find('\n', at + 1)) {
      const auto line = page.substr(at + 1, page.find('\n', at + 1) - at - 1);
      if (line.empty() || (line[0] != '.' && line[0] != '\'')) continue;
      const auto request = line.substr(0, line.find(' '));
      const std::string known = "|.SH|.SS|.TP|.B|.I|.BR|.nf|.fi|";
      EXPECT_NE(known.find("|" + request + "|"), std::string::npos) << name << ": " << line;
    }
  }
}

TEST(Manual, KnowsEveryKeyOfTheConfiguration) {
  const auto keys = settings_in(schema());
  for (const auto* path : {"version", "environments[].name", "defaults.health[].url",
                           "policy.settle", "notify[].kind", "server.ingest.hooks.NAME.state"}) {
    EXPECT_NE(std::ranges::find(keys, path, &SettingKey::path), keys.end()) << path;
  }
  EXPECT_TRUE(settings_in("no schema").empty());
}

// After a change: stepback help --markdown > docs/reference/cli.md, and with config the other one.
TEST(Manual, IsTheReferenceInTheDocs) {
  EXPECT_EQ(command_reference(), file("docs/reference/cli.md")) << "make reference writes it anew";
  EXPECT_EQ(configuration_reference(schema()), file("docs/reference/configuration.md"))
      << "make reference writes it anew";
}

TEST(Manual, IsPrintedByHelp) {
  PretendService service;
  EXPECT_EQ(service.run("help --man rollback").out, *manual_page("stepback-rollback.1", schema()));
  EXPECT_EQ(service.run("help --man").out, *manual_page("stepback.1", ""));
  EXPECT_NE(service.run("help --man pages").out.find("stepback-hold-add.1\n"), std::string::npos);
  EXPECT_EQ(service.run("help --markdown").out, command_reference());
  const auto ran = service.run("help --man nothing");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.attempt(), "stepback help --man pages");
}

TEST(FirstPage, IsNoLongerThanAScreen) {
  PretendService service;
  const auto page = service.run("").out;
  EXPECT_LE(std::ranges::count(page, '\n'), 24);
  for (const auto& entry : catalogue()) {
    if (entry.path.contains(' ')) continue;
    EXPECT_NE(page.find(" " + std::string(entry.path)), std::string::npos) << entry.path;
  }
  for (std::size_t at = 0; at < page.size(); at = page.find('\n', at) + 1)
    EXPECT_LE(page.find('\n', at) - at, 80U);
}

// A closed choice of words is a kind of command; names of two things side by side get mixed up.
TEST(Commands, NeedNoTwoArgumentsWithoutAName) {
  for (const auto& entry : catalogue()) {
    int names = 0;
    for (std::size_t at = 0; at < entry.arguments.size();) {
      const auto end = std::min(entry.arguments.find(' ', at), entry.arguments.size());
      const auto argument = entry.arguments.substr(at, end - at);
      const bool is_choice = argument.contains('|') && argument[0] >= 'a' && argument[0] <= 'z';
      names += is_choice ? 0 : 1;
      at = end + 1;
    }
    EXPECT_LE(names, 1) << entry.path;
  }
}

}  // namespace
}  // namespace stepback::cli
