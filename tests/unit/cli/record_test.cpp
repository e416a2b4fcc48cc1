// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class Record : public testing::Test {
 protected:
  Record() {
    old = service.deployed("production", "1111111", days(3)).id.text;
    service.deployed("production", "2222222", days(2));
  }

  std::string old;
  PretendService service;
};

TEST_F(Record, AmendCorrectsItAndKeepsWhatItSaidBefore) {
  const auto ran = service.run("record amend " + old + " --status failed --reason \"was broken\"");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  const auto shown = service.run("show " + old).out;
  EXPECT_NE(shown.find("✖ failed"), std::string::npos) << shown;
  EXPECT_NE(shown.find("by alice, was succeeded: was broken"), std::string::npos) << shown;
  const auto history = service.run("history production").out;
  EXPECT_NE(history.find("amended by alice: was broken"), std::string::npos) << history;
}

TEST_F(Record, AmendSaysHowToUndoItAndThatParses) {
  const auto ran = service.run("record amend " + old + " --status failed --reason broken");
  const auto undo = "record amend " + old + " --status succeeded --reason TEXT";
  EXPECT_NE(ran.err.find("undo: stepback " + undo), std::string::npos) << ran.err;
  EXPECT_EQ(service.run(undo).exit, 0);
}

TEST_F(Record, AmendIsNoTargetAnyMore) {
  ASSERT_EQ(service.run("targets production --limit 1 -o id").out, "1111111\n");
  ASSERT_EQ(service.run("record amend " + old + " --status failed --reason broken").exit, 0);
  EXPECT_EQ(service.run("targets production -o id").exit, 4);
}

TEST_F(Record, AmendNeedsAReasonAndAStatusThatIsAnEnd) {
  EXPECT_EQ(service.run("record amend " + old + " --status failed").exit, 2);
  EXPECT_EQ(service.run("record amend " + old + " --reason r").exit, 2);
  EXPECT_EQ(service.run("record amend " + old + " --status gone --reason r").exit, 2);
  EXPECT_NE(service.run("record amend " + old + " --status in_progress --reason r").exit, 0);
}

TEST_F(Record, AmendRefusesWhereNothingMayChange) {
  const auto commits = service.store.commits();
  EXPECT_EQ(service.run("record amend " + old + " --status failed --reason r --read-only").exit, 3);
  EXPECT_EQ(service.store.commits(), commits);
}

TEST_F(Record, HistoryShowsOneKindOnlyWhenAsked) {
  service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
  ASSERT_EQ(service.run("rollback production --yes --reason red").exit, 0);
  ASSERT_TRUE(service.rest());
  const auto rollbacks = service.run("history production --kind rollback -o text").out;
  EXPECT_EQ(std::ranges::count(rollbacks, '\n'), 1) << rollbacks;
  const auto deployments = service.run("history production --kind deploy -o text").out;
  EXPECT_EQ(std::ranges::count(deployments, '\n'), 2) << deployments;
}

TEST_F(Record, HistoryLeavesOutWhatIsOlderThanAsked) {
  const auto out = service.run("history production --since 60h -o text").out;
  EXPECT_NE(out.find("2222222"), std::string::npos) << out;
  EXPECT_EQ(out.find("1111111"), std::string::npos) << out;
  const auto before = service.run("history production --until 60h -o text").out;
  EXPECT_EQ(before.find("2222222"), std::string::npos) << before;
  EXPECT_NE(before.find("1111111"), std::string::npos) << before;
}

}  // namespace
}  // namespace stepback::cli
