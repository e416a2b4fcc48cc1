// SPDX-License-Identifier: Apache-2.0
#include "domain/override.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

Override word(const std::string& check, Duration lasts = hours(1)) {
  return {.check = check,
          .reason = "its metric is broken",
          .by = "alice",
          .since = noon,
          .until = noon + lasts};
}

TEST(Overrides, LetACheckPassThatShowsWhoSaidSoAndWhatItSaw) {
  const auto change = add_override({.environment = {"production"}},
                                   word("alarm kiro-worker-production-errors"), noon);
  ASSERT_TRUE(change);
  auto seen = support::healthy_observation(noon + minutes(10), "v1", '1', 7);
  seen.alarms = {support::alarm(AlarmState::alarm, noon + minutes(5))};
  Expectation expected{.version = {"v1"}, .digest = support::digest('1'), .operation = 7};
  expected.cutover = noon;
  EXPECT_EQ(validate(seen, expected, {}).verdict, Verdict::failed);
  expected.accepted = accepted_in(change->head, {}, noon + minutes(10));
  const auto validation = validate(seen, expected, {});
  EXPECT_EQ(validation.verdict, Verdict::passed) << validation.reason;
  EXPECT_TRUE(validation.failed_alarms.empty());
  const auto& evidence = validation.checks.front().evidence;
  EXPECT_NE(evidence.find("overridden by alice"), std::string::npos) << evidence;
  EXPECT_NE(evidence.find("it was failed"), std::string::npos) << evidence;
}

TEST(Overrides, EndByThemselves) {
  const auto change = add_override({}, word("alarm errors"), noon).value();
  EXPECT_EQ(accepted_in(change.head, {}, noon + minutes(59)).size(), 1U);
  EXPECT_TRUE(accepted_in(change.head, {}, noon + hours(1)).empty());
}

TEST(Overrides, AreRefusedForWhatProvesTheVersionWithoutAReasonAndForLong) {
  EXPECT_EQ(add_override({}, word("version"), noon).error().code, Code::invalid);
  EXPECT_EQ(add_override({}, word("alarm errors", days(8)), noon).error().code, Code::invalid);
  EXPECT_EQ(add_override({}, word("alarm errors", Duration(0)), noon).error().code, Code::invalid);
  auto mute = word("alarm errors");
  mute.reason.clear();
  EXPECT_EQ(add_override({}, mute, noon).error().code, Code::invalid);
}

TEST(Overrides, AreOneForEachCheckAndForgottenWhenOver) {
  auto head = add_override({}, word("alarm errors"), noon)->head;
  head = add_override(head, word("alarm errors", hours(3)), noon)->head;
  ASSERT_EQ(head.overrides.size(), 1U);
  EXPECT_EQ(head.overrides[0].until, noon + hours(3));
  const auto later = noon + hours(4);
  auto fresh = word("health home");
  fresh.until = later + hours(1);
  head = add_override(head, fresh, later)->head;
  ASSERT_EQ(head.overrides.size(), 1U);
  EXPECT_EQ(head.overrides[0].check, "health home");
}

TEST(Overrides, CanBeTakenBackOnce) {
  auto head = add_override({}, word("alarm errors"), noon)->head;
  const auto change = remove_override(head, "alarm errors", "bob", "mended", noon + minutes(1));
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->head.overrides.empty());
  EXPECT_EQ(change->journal.back().actor, "bob");
  EXPECT_EQ(remove_override(change->head, "alarm errors", "bob", "", noon).error().code,
            Code::not_found);
}

}  // namespace
}  // namespace stepback
