// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace stepback {
namespace {

TEST(Secret, NeverPrintsItsText) {
  const Secret secret("hunter2");
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(testing::PrintToString(secret), "***");
}

TEST(Secret, MatchesItsOwnTextOnly) {
  const Secret secret("hunter2");
  EXPECT_TRUE(secret.matches("hunter2"));
  EXPECT_FALSE(secret.matches("hunter3"));
  EXPECT_FALSE(secret.matches("hunter22"));
  EXPECT_FALSE(secret.matches(""));
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
  Secret first(std::string(100, 'k'));
  const char* const bytes = first.reveal().data();
  const Secret second = std::move(first);
  EXPECT_EQ(second.reveal(), std::string(100, 'k'));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the rule under test
  EXPECT_EQ(bytes[0], '\0');
  EXPECT_EQ(bytes[50], '\0');
}

TEST(Secret, IsReplacedWhole) {
  Secret secret("long enough to be on the heap, surely");
  secret = Secret("short");
  EXPECT_EQ(secret.reveal(), "short");
  const Secret copy = secret;
  EXPECT_EQ(copy, secret);
}

}  // namespace
}  // namespace stepback
