// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/m_of_n.hpp"

#include <gtest/gtest.h>

namespace stepback::local {
namespace {

// "0 X -": clean, breaching, missing; one for each minute, the newest last. Written out, a
// missing one is a sample that says so; "." is a minute in which nobody sampled.
struct Case {
  std::string_view samples;
  MOfN rule;
  AlarmState current = AlarmState::ok;
};

Told told(const Case& one) {
  std::vector<Sample> samples;
  Instant at{1'769'509'080'000};
  for (const char c : one.samples) {
    if (c == ' ') continue;
    at = at + minutes(1);
    if (c == '.') continue;
    const auto kind = c == '0'   ? SampleKind::clean
                      : c == 'X' ? SampleKind::breaching
                                 : SampleKind::missing;
    samples.push_back({at, kind, std::string(1, c)});
  }
  return tell(one.rule, samples, one.current, at);
}

AlarmState state(std::string_view samples, int m, int n, MissingData missing = MissingData::missing,
                 AlarmState current = AlarmState::ok) {
  return told({samples, {minutes(1), n, m, missing}, current}).state;
}

constexpr auto red = AlarmState::alarm;
constexpr auto fine = AlarmState::ok;
constexpr auto unknown = AlarmState::insufficient_data;

TEST(MOutOfN, AlarmsWhenMOfTheLastNBreach) {
  EXPECT_EQ(state("X", 1, 1), red);
  EXPECT_EQ(state("X 0", 1, 1), fine);
  EXPECT_EQ(state("0 X X", 2, 3), red);
  EXPECT_EQ(state("X 0 X", 2, 3), red);
  EXPECT_EQ(state("X 0 0 X", 2, 3), fine);
  EXPECT_EQ(state("X X 0", 3, 3), fine);
}

TEST(MOutOfN, TakesOlderOnesWhenSomeAreMissing) {
  EXPECT_EQ(state("0 X X - X", 3, 3), red);
  EXPECT_EQ(state("0 - X - X", 3, 3), fine);
  EXPECT_EQ(state("X X . . . 0", 2, 3), fine) << "older than that is forgotten";
}

TEST(MOutOfN, SaysInsufficientDataWhenNothingWasSeen) {
  EXPECT_EQ(state("- - - - -", 3, 3), unknown);
  EXPECT_EQ(state("", 1, 1), unknown);
  EXPECT_EQ(state("X . . .", 1, 1), unknown);
}

TEST(MOutOfN, TreatsAllMissingByItsRule) {
  EXPECT_EQ(state("- - - - -", 3, 3, MissingData::breaching), red);
  EXPECT_EQ(state("- - - - -", 3, 3, MissingData::not_breaching, red), fine);
  EXPECT_EQ(state("- - - - -", 3, 3, MissingData::ignore, red), red);
  EXPECT_EQ(state("- - - - -", 3, 3, MissingData::ignore, fine), fine);
}

TEST(MOutOfN, FillsUpWhatIsMissingByItsRule) {
  EXPECT_EQ(state("0 - - - -", 3, 3, MissingData::breaching), fine);
  EXPECT_EQ(state("- - - - X", 3, 3, MissingData::breaching), red);
  EXPECT_EQ(state("- - - - X", 2, 3, MissingData::not_breaching, red), fine);
  EXPECT_EQ(state("- - - - X", 2, 3, MissingData::ignore, red), red);
  EXPECT_EQ(state("0 - - - -", 3, 3, MissingData::ignore, red), fine);
}

TEST(MOutOfN, DoesNotWaitForSamplesThatDoNotCome) {
  EXPECT_EQ(state("- - X - -", 3, 3), red);
  EXPECT_EQ(state("- - - - X", 3, 3), fine);
  EXPECT_EQ(state("- - X - 0", 3, 3), fine);
}

TEST(MOutOfN, NamesThePointsItWasToldFrom) {
  const Told result = told({"X 0 - X", {minutes(1), 3, 2, MissingData::missing}, fine});
  ASSERT_EQ(result.points.size(), 3u);
  EXPECT_TRUE(result.points[0].breaching);
  EXPECT_FALSE(result.points[1].breaching);
  EXPECT_EQ(result.points[2].from - result.points[0].from, minutes(3));
  EXPECT_TRUE(result.reason.starts_with("2 of the last 3 points breach, 2 of 3 make an alarm"))
      << result.reason;
}

}  // namespace
}  // namespace stepback::local
