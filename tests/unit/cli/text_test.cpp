// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/text.hpp"

#include <gtest/gtest.h>

#include "entry/cli/render_live.hpp"
#include "entry/cli/table.hpp"
#include "entry/cli/yaml.hpp"

namespace stepback::cli {
namespace {

TEST(Escaped, ShowsWhatCouldMoveTheCursor) {
  EXPECT_EQ(escaped("\x1b[2Jgone"), "\\x1b[2Jgone");
  EXPECT_EQ(escaped("two\nlines\tand\r"), "two\\nlines\\tand\\x0d");
  EXPECT_EQ(escaped(std::string("nul\0l", 5)), "nul\\x00l");
  EXPECT_EQ(escaped("\xc2\x9b"
                    "31m"),
            "\\u{009b}31m");
}

TEST(Escaped, ShowsWhatTurnsTheWritingDirectionOrHasNoInk) {
  EXPECT_EQ(escaped("a\u202Eb"), "a\\u{202e}b");
  EXPECT_EQ(escaped("a\u2066b\u2069"), "a\\u{2066}b\\u{2069}");
  EXPECT_EQ(escaped("a\u200Bb\uFEFF"), "a\\u{200b}b\\u{feff}");
}

TEST(Escaped, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(escaped("\xff"), "\\xff");
  EXPECT_EQ(escaped("\xc0\xaf"), "\\xc0\\xaf");           // an overlong slash
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half of a pair
  EXPECT_EQ(escaped("cut \xe2\x9c"), "cut \\xe2\\x9c");
}

TEST(Escaped, LeavesOrdinaryTextAlone) { EXPECT_EQ(escaped("Größe ✔ 日本"), "Größe ✔ 日本"); }

TEST(Width, CountsColumnsAndNotBytes) {
  EXPECT_EQ(width_of("✔ ok"), 4);
  EXPECT_EQ(width_of("日本"), 4);
  EXPECT_EQ(width_of("e\u0301"), 1);
}

TEST(Width, CutsWithASignThatSomethingIsMissing) {
  EXPECT_EQ(cut_to("production", 6), "produ…");
  EXPECT_EQ(cut_to("production", 10), "production");
  EXPECT_EQ(cut_to("日本語", 4), "日…");
}

TEST(Line, EscapesWhateverIsPutIn) { EXPECT_EQ(render(Line("a\x1b[0m"), {}), "a\\x1b[0m"); }

TEST(Line, HasColourOnlyWhereItIsWanted) {
  const auto line = Line("✔", Role::good).add(" fine");
  EXPECT_EQ(render(line, {}), "✔ fine");
  EXPECT_EQ(render(line, {.color = true}), "\x1b[32m✔\x1b[0m fine");
}

TEST(Line, KeepsItsWidthInAscii) {
  EXPECT_EQ(render(Line("✔ ✖ ◌ ◷ ⚠ ⊘ – · → … ▕█▋░▏ é"), {.ascii = true}),
            "+ x o w ! # - . > ~ |##.| ?");
}

TEST(Line, IsCutToTheTerminal) {
  EXPECT_EQ(render(Line("abcdef").add("ghij"), {.width = 8}), "abcdefg…");
}

TEST(Table, AlignsByColumnsAndLeavesTheLastAlone) {
  Table table({{"NAME"}, {"N", Table::Align::right}, {"WHY"}});
  table.add({"✔ production", "5", "because"});
  table.add({"test", "1204", "x"});
  EXPECT_EQ(render(table.screen(), {}),
            "NAME             N  WHY\n"
            "✔ production     5  because\n"
            "test          1204  x\n");
  EXPECT_EQ(render(table.screen(false), {}),
            "✔ production     5  because\n"
            "test          1204  x\n");
  EXPECT_EQ(table.tab_separated(), "✔ production\t5\tbecause\ntest\t1204\tx\n");
}

TEST(Table, KeepsATabInACellFromBecomingAColumn) {
  Table table({{"A"}, {"B"}});
  table.add({"a\tb", "c\nd"});
  EXPECT_EQ(table.tab_separated(), "a\\tb\tc\\nd\n");
}

TEST(Words, SayHowLongAgo) {
  const Instant now{1'000'000'000'000};
  EXPECT_EQ(ago(now, now), "just now");
  EXPECT_EQ(ago(now - seconds(42), now), "42s ago");
  EXPECT_EQ(ago(now - minutes(42), now), "42m ago");
  EXPECT_EQ(ago(now - hours(47), now), "47h ago");
  EXPECT_EQ(ago(now - days(9), now), "9d ago");
  EXPECT_EQ(ago(now + minutes(3), now), "in 3m");
}

TEST(Words, GiveTimesOnAClock) {
  EXPECT_EQ(clock_text(seconds(5)), "5s");
  EXPECT_EQ(clock_text(seconds(62)), "1m02s");
  EXPECT_EQ(clock_text(minutes(15)), "15m");
  EXPECT_EQ(clock_text(minutes(150)), "2h30m");
  EXPECT_EQ(clock_text(Duration(-5)), "0s");
}

TEST(Words, ShortenACommitAndNothingElse) {
  EXPECT_EQ(short_version({std::string(40, 'a')}), std::string(12, 'a'));
  EXPECT_EQ(short_version({"v1.2.3-of-a-very-long-name-that-is-no-commit"}),
            "v1.2.3-of-a-very-long-name-that-is-no-commit");
}

TEST(Yaml, QuotesWhatAReaderCouldTakeForSomethingElse) {
  json::Object object;
  object["version"] = "0777";
  object["truth"] = "no";
  object["text"] = "plain text";
  object["tricky"] = "a: b # c";
  object["count"] = 3;
  object["none"] = json::Array{};
  object["list"] = json::Array{json::Object{{"a", true}, {"b", nullptr}}, "x"};
  object["deep"] = json::Object{{"key with: colon", "-"}};
  EXPECT_EQ(to_yaml(object),
            "version: \"0777\"\n"
            "truth: \"no\"\n"
            "text: plain text\n"
            "tricky: \"a: b # c\"\n"
            "count: 3\n"
            "none: []\n"
            "list:\n"
            "- a: true\n"
            "  b: null\n"
            "- x\n"
            "deep:\n"
            "  \"key with: colon\": \"-\"\n");
}

TEST(BudgetBar, FillsInEighthsAndNeverBeyondItsEnd) {
  EXPECT_EQ(budget_bar(seconds(0), seconds(10), 4), "▕░░░░▏");
  EXPECT_EQ(budget_bar(seconds(5), seconds(10), 4), "▕██░░▏");
  EXPECT_EQ(budget_bar(Duration(1250), seconds(10), 4), "▕▌░░░▏");
  EXPECT_EQ(budget_bar(seconds(99), seconds(10), 4), "▕████▏");
  EXPECT_EQ(budget_bar(seconds(-1), seconds(0), 4), "▕░░░░▏");
}

}  // namespace
}  // namespace stepback::cli
