// SPDX-License-Identifier: Apache-2.0
#include "domain/telling.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

Rollback ended(Outcome outcome) {
  Rollback rollback{.id = {"rb-1"}, .environment = {"production"}};
  rollback.accepted_at = noon;
  rollback.ended_at = noon + minutes(4);
  rollback.outcome = outcome;
  rollback.reason = "an alarm";
  rollback.why = "nothing would run";
  rollback.incident = "INC-1";
  rollback.lanes.push_back({.environment = {"production"}});
  rollback.lanes[0].end = outcome == Outcome::succeeded ? LaneEnd::passed : LaneEnd::failed;
  return rollback;
}

TEST(TellingAgain, SaysHowItEndedAndThatItWasToldBefore) {
  const auto notice = tell_again(ended(Outcome::succeeded), true, noon + hours(1));
  EXPECT_EQ(notice.kind, NoticeKind::rollback_completed);
  EXPECT_TRUE(notice.again);
  EXPECT_TRUE(notice.held);
  EXPECT_EQ(notice.took, minutes(4));
  EXPECT_EQ(notice.validation_status, "success");
  EXPECT_EQ(notice.environments_rolled_back, std::vector<std::string>{"production"});
}

TEST(TellingAgain, HasAKeyOfItsOwnEachTime) {
  const auto rollback = ended(Outcome::escalated);
  const auto first = tell_again(rollback, false, noon + hours(1));
  const auto second = tell_again(rollback, false, noon + hours(2));
  EXPECT_NE(first.key, second.key);
  EXPECT_EQ(first.kind, NoticeKind::rollback_escalated);
  EXPECT_EQ(first.incident, "INC-1");
  EXPECT_NE(first.reason.find("nothing would run"), std::string::npos);
}

TEST(TellingAgain, SaysOfOneAtWorkThatItBegan) {
  auto rollback = ended(Outcome::succeeded);
  rollback.outcome.reset();
  rollback.ended_at.reset();
  const auto notice = tell_again(rollback, false, noon + minutes(1));
  EXPECT_EQ(notice.kind, NoticeKind::rollback_started);
  EXPECT_FALSE(notice.took);
}

}  // namespace
}  // namespace stepback
