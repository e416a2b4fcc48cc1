// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "base/random.hpp"
#include "config_text.hpp"

namespace stepback {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(HostileConfig, ThatHoldsNothingIsRefused) {
  EXPECT_EQ(refusal_of(""), "stepback.yaml:1:1: the file is empty");
  EXPECT_EQ(refusal_of("\n\n# a comment\n"), "stepback.yaml:1:1: the file is empty");
  EXPECT_EQ(refusal_of("---\n"), "stepback.yaml:1:1: expected a map of settings");
  EXPECT_EQ(refusal_of("- a\n- b\n"), "stepback.yaml:1:1: expected a map of settings");
  EXPECT_EQ(refusal_of("just words"), "stepback.yaml:1:1: expected a map of settings");
}

TEST(HostileConfig, ThatIsNoTextIsRefusedWhereItStops) {
  const std::string what = "not text: a control character, a byte-order mark, or not UTF-8";
  EXPECT_EQ(refusal_of(std::string("\x7F"
                                   "ELF\0\1",
                                   6)),
            "stepback.yaml:1:1: " + what);
  EXPECT_EQ(refusal_of(std::string("version: 1\nservice: a\0b", 23)),
            "stepback.yaml:2:11: " + what);
  EXPECT_EQ(refusal_of("\xEF\xBB\xBFversion: 1\n"), "stepback.yaml:1:1: " + what);
  EXPECT_EQ(refusal_of("version: 1\nservice: \xC3\x28\n"), "stepback.yaml:2:10: " + what);
  EXPECT_EQ(refusal_of("a: \xED\xA0\x80\n"), "stepback.yaml:1:4: " + what);
  EXPECT_EQ(refusal_of("a: \xE2\x82\xAC\xC0\xAF\n"), "stepback.yaml:1:5: " + what);
}

TEST(HostileConfig, ThatIsTooLargeIsNotRead) {
  EXPECT_EQ(refusal_of(std::string(2'000'000, ' ')),
            "stepback.yaml: 2000000 bytes; at most 1048576 are read");
}

TEST(HostileConfig, ThatIsNestedTooDeeplyIsRefused) {
  EXPECT_EQ(refusal_of("a: " + repeated("[", 40) + repeated("]", 40)),
            "stepback.yaml:1:35: nested deeper than 32");
  EXPECT_EQ(refusal_of("a: " + repeated("{a: ", 40) + repeated("}", 40)),
            "stepback.yaml:1:128: nested deeper than 32");
  // Never closed: the parser takes it for the beginning of a key.
  EXPECT_TRUE(refusal_of(repeated("[", 100'000)).starts_with("stepback.yaml:1:1: "));
  EXPECT_TRUE(refusal_of(repeated("{a: ", 50'000)).starts_with("stepback.yaml:1:1: "));
  EXPECT_EQ(refusal_of(repeated("- ", 200'000)), "stepback.yaml:1:65: nested deeper than 32");
}

TEST(HostileConfig, ThatGrowsByAliasesIsRefusedAtTheFirstAnchor) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'z'; ++name) {
    const std::string before = "*" + std::string(1, static_cast<char>(name - 1)) + ", ";
    bomb += std::string(1, name) + ": &" + name + " [" + repeated(before, 8) + "x]\n";
  }
  EXPECT_EQ(refusal_of(bomb),
            "stepback.yaml:1:4: anchors are not read here: write it out, or put it into defaults");
}

TEST(HostileConfig, ThatHoldsTooManyValuesOrTooLongATextIsRefused) {
  EXPECT_EQ(refusal_of("a: [" + repeated("x,", 20'000) + "]"),
            "stepback.yaml:1:19999: more than 10000 values");
  EXPECT_EQ(refusal_of("service: " + repeated("a", 3'000)),
            "stepback.yaml:1:10: a text of 3000 bytes; at most 2048 are read");
  const auto said = refusal_of(with(good_config, "service: shop", "service: ${LONG}${LONG}"),
                               {{"LONG", repeated("a", 1'100)}});
  EXPECT_EQ(said,
            "stepback.yaml:2:10: a text of 2200 bytes with its variables; at most 2048 are read");
}

TEST(HostileConfig, WithTheLongestTextIsMatchedWithoutHarm) {
  EXPECT_TRUE(refusal_of(with(good_config, "service: shop", "service: " + repeated("a", 2'048)))
                  .starts_with("stepback.yaml:2:10: expected the name of the service"));
}

TEST(HostileConfig, IsToldAtOnceAndAtMostFiftyThingsOfIt) {
  std::string text = good_config;
  for (int i = 0; i < 80; ++i) text += "unknown" + std::to_string(i) + ": 1\n";
  const std::string said = refusal_of(text);
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 50);
  EXPECT_TRUE(said.ends_with("\nstepback.yaml: and 30 more")) << said;
}

TEST(HostileConfig, IsQuotedWithoutItsEscapes) {
  const auto said =
      refusal_of(with(good_config, "service: shop", "service: \"\\u202Eshop\\u2066\""));
  EXPECT_TRUE(said.starts_with("stepback.yaml:2:10: expected the name of the service")) << said;
  const auto key = refusal_of(good_config + "\"\\e[31m\": 1\n");
  EXPECT_FALSE(key.contains('\x1b')) << key;
}

std::string mutated(Random& random) {
  constexpr std::array<std::string_view, 20> pieces{
      "[",  "]",  "{",   "}",    ": ", "- ",   "\n",   "\n  ", "\"",  "'",
      "&a", "*a", "!!x", "${A}", "${", "| \n", "> \n", "? ",   "0x1", "{environment}"};
  std::string text = good_config;
  for (auto times = 1 + random.below(4); times > 0; --times) {
    const auto at = static_cast<std::size_t>(random.below(text.size()));
    switch (random.below(4)) {
      case 0: text.erase(at, 1 + static_cast<std::size_t>(random.below(20))); break;
      case 1: text[at] = static_cast<char>(random.below(256)); break;
      case 2:
        text.insert(at, text.substr(static_cast<std::size_t>(random.below(text.size())), 30));
        break;
      default: text.insert(at, pieces.at(static_cast<std::size_t>(random.below(pieces.size()))));
    }
    if (text.empty()) text = "a";
  }
  return text;
}

TEST(HostileConfig, IsReadOrRefusedWithItsPlaceWhateverWasChangedInIt) {
  Random random(20260302);
  int accepted = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = mutated(random);
    const std::string said = refusal_of(text, {{"A", "x"}});
    ASSERT_TRUE(said == "accepted" || said.starts_with("stepback.yaml:")) << said << "\n" << text;
    ASSERT_FALSE(said.contains("constraint")) << said << "\n" << text;  // the library's own words
    accepted += said == "accepted" ? 1 : 0;
  }
  EXPECT_GT(accepted, 20);
  EXPECT_LT(accepted, 2'900);
}

}  // namespace
}  // namespace stepback
