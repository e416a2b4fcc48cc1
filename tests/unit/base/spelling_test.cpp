// SPDX-License-Identifier: Apache-2.0
#include "base/spelling.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

TEST(EditDistance, CountsInsertedLostReplacedAndSwappedLetters) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("enviroments", "environments"), 1U);
  EXPECT_EQ(edit_distance("budget", "bugdet"), 1U);
  EXPECT_EQ(edit_distance("settle", "setle"), 1U);
  EXPECT_EQ(edit_distance("health", "wealth"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, IsTwoEditsAwayAtMost) {
  const std::vector<std::string> known{"environments", "server", "service"};
  EXPECT_EQ(nearest("enviroment", known), "environments");
  EXPECT_EQ(nearest("servce", known), "service");
  EXPECT_EQ(nearest("notify", known), std::nullopt);
}

TEST(Nearest, NeverReplacesAllOfAShortWord) {
  EXPECT_EQ(nearest("x", {"y"}), std::nullopt);
  EXPECT_EQ(nearest("ab", {"cd", "ac"}), "ac");
  EXPECT_EQ(nearest("", {"a"}), std::nullopt);
}

TEST(Nearest, TakesTheFirstOfEquals) { EXPECT_EQ(nearest("tost", {"test", "most"}), "test"); }

}  // namespace
}  // namespace stepback
