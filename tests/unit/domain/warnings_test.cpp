// SPDX-License-Identifier: Apache-2.0
// What people are told before anything happens, and that they are told it once.
#include "domain/warnings.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

const Environment test{"test"};

Readiness ready() {
  Readiness readiness{.live = support::release("v2", 'b'), .is_judged = true};
  readiness.verdict = Verdict::passed;
  readiness.target = support::candidate("v1", 'a');
  readiness.proven_at = noon - days(3);
  return readiness;
}

Readiness not_ready() {
  auto readiness = ready();
  readiness.verdict = Verdict::failed;
  readiness.checks = {{"target", Verdict::passed, "v1", {}},
                      {"artifacts", Verdict::failed, "app.bin is missing", {}},
                      {"wiring", Verdict::inconclusive, "no event yet", {}}};
  readiness.unproven = {"wiring"};
  return readiness;
}

TEST(Warnings, SayWhatStandsAgainstARollbackAndWhatMendsIt) {
  const auto notice = readiness_lost(test, ready(), not_ready(), noon);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->kind, NoticeKind::readiness_lost);
  EXPECT_EQ(notice->severity, Severity::warning);
  EXPECT_EQ(notice->reason, "artifacts: app.bin is missing");
  EXPECT_EQ(notice->next_command, "stepback doctor test");
}

TEST(Warnings, AreOfWhatWasLostAndNotOfWhatIsStillMissing) {
  EXPECT_FALSE(readiness_lost(test, not_ready(), not_ready(), noon));
  EXPECT_FALSE(readiness_lost(test, not_ready(), ready(), noon));
  EXPECT_FALSE(readiness_lost(test, ready(), ready(), noon));
  auto busy = not_ready();
  busy.is_busy = true;  // it rolls back just now: that passes
  EXPECT_FALSE(readiness_lost(test, ready(), busy, noon));
}

TEST(Warnings, RemindOfADrillWhenNothingWasSeenToWorkForAMonth) {
  auto readiness = ready();
  EXPECT_FALSE(drill_due(test, readiness, false, noon));
  readiness.proven_at = noon - days(32);
  const auto first = drill_due(test, readiness, false, noon);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->next_command, "stepback drill test");
  // The same key the next day: whoever was told is not told again.
  EXPECT_EQ(drill_due(test, readiness, false, noon + days(1))->key, first->key);
  readiness.proven_at.reset();  // who has just begun is reminded of nothing yet
  EXPECT_FALSE(drill_due(test, readiness, false, noon));
}

TEST(Warnings, RemindOfNothingThatMayNotBeRehearsed) {
  auto readiness = ready();
  readiness.proven_at = noon - days(32);
  EXPECT_FALSE(drill_due(test, readiness, true, noon));
  readiness.is_judged = false;
  EXPECT_FALSE(drill_due(test, readiness, false, noon));
  EXPECT_FALSE(drill_due(test, not_ready(), false, noon));
}

}  // namespace
}  // namespace stepback
