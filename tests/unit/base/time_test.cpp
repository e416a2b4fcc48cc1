// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

TEST(Rfc3339, ReadsTheSpellingsThatCloudWatchWrites) {
  EXPECT_EQ(parse_rfc3339("2026-01-27T10:18:04.431+0000").value().ms, 1769509084431);
  EXPECT_EQ(parse_rfc3339("2026-01-27T10:18:04Z").value().ms, 1769509084000);
  EXPECT_EQ(parse_rfc3339("2026-01-27T12:18:04+02:00").value().ms, 1769509084000);
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const auto* text :
       {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-27T25:00:00Z",
        "2026-01-27T10:18:04", "1969-01-01T00:00:00Z", "2026-01-27T10:18:04Zx",
        "2026-01-27T10:18:04.Z", "99999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, WritesWhatItReads) {
  for (const std::int64_t ms : {0LL, 1769509084431LL, 4102444799999LL, 951782400000LL}) {
    EXPECT_EQ(parse_rfc3339(to_rfc3339(Instant{ms})).value().ms, ms);
  }
}

TEST(Durations, NeedAUnit) {
  EXPECT_EQ(parse_duration("15m").value(), minutes(15));
  EXPECT_EQ(parse_duration("250ms").value(), Duration(250));
  for (const auto* text : {"", "15", "0s", "-5m", "1.5h", "5 m", "99999999999999999999s", "m"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Durations, AreShortForPeople) {
  EXPECT_EQ(to_short(seconds(282)), "4m42s");
  EXPECT_EQ(to_short(Duration(1200)), "1.2s");
  EXPECT_EQ(to_short(minutes(15)), "15m");
  EXPECT_EQ(to_short(hours(50)), "2d");
}

}  // namespace
}  // namespace stepback
