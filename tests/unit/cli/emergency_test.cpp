// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class SeveralAtOnce : public ::testing::Test {
 protected:
  SeveralAtOnce() {
    for (const auto* name : {"test", "staging", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", minutes(5), false);
    }
    service.deployed("test", "4444444", minutes(4), false);
    service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
  }

  std::string live(const std::string& name) { return service.head(name).live->version.text; }

  PretendService service;
};

TEST_F(SeveralAtOnce, ShowsAPlanAndChangesNothing) {
  const auto ran = service.run("emergency --dry-run");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_LT(ran.out.find("production"), ran.out.find("staging")) << ran.out;
  EXPECT_NE(ran.out.find("leave alone"), std::string::npos) << ran.out;
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(SeveralAtOnce, AsksOnceForTheServicesNameAndTakesNoYes) {
  service.terminal = true;
  const auto ran = service.run("emergency", "yes\n");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_TRUE(service.rollbacks().empty());
  service.terminal = false;
  EXPECT_EQ(service.run("emergency --yes --reason \"all is lost\"").exit, 3);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(SeveralAtOnce, GoesBackWhereItIsBadAndWatchesAfterwards) {
  const auto ran =
      service.run("emergency --confirm kiro-worker --reason \"checkout is down\" --soak 1m");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_EQ(live("production"), "1111111");
  EXPECT_EQ(live("staging"), "1111111");
  EXPECT_EQ(live("test"), "4444444") << "it is well, and nobody asked for everything";
  EXPECT_NE(ran.out.find("nothing turned red"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("2 of 2 restored"), std::string::npos) << ran.out;
  for (const auto& each : service.rollbacks()) EXPECT_EQ(each.reason, "checkout is down");
}

TEST_F(SeveralAtOnce, StopsWithoutRollingBack) {
  const auto ran =
      service.run("emergency --stop-only --confirm kiro-worker --reason \"checkout is down\"");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("stop production"), std::string::npos) << ran.out;
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(SeveralAtOnce, SaysPartlyWhenOneHasNothingToGoBackTo) {
  service.world.artifacts[SimWorld::digest_of({"1111111"}).hex] = ArtifactState::missing;
  const auto ran =
      service.run("emergency --confirm kiro-worker --reason \"checkout is down\" --soak 1s");
  EXPECT_EQ(ran.exit, 1) << ran.out;
  EXPECT_NE(ran.out.find("production wants people"), std::string::npos) << ran.out;
}

// --- one environment, further back and forth again ----------------------------------------------

TEST_F(SeveralAtOnce, GoesFurtherBackThanWhatRuns) {
  service.deployed("staging", "3333333", days(1));
  const auto ran = service.run("rollback staging --further --yes --reason \"still bad\"");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_EQ(live("staging"), "1111111");
  EXPECT_TRUE(service.rollbacks().front().wish.further);
}

TEST_F(SeveralAtOnce, BringsBackWhatWasRolledBackAndLiftsItsHold) {
  service.world.bad.clear();
  ASSERT_EQ(service.run("rollback staging --yes --reason \"false alarm\"").exit, 0);
  ASSERT_EQ(live("staging"), "1111111");
  ASSERT_FALSE(service.head("staging").holds.empty());
  const auto ran = service.run("rollback staging --undo --yes --reason \"it was false\"");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_EQ(live("staging"), "2222222");
  EXPECT_TRUE(service.head("staging").holds.empty());
  const auto again = service.run("rollback staging --undo --yes --reason \"once more\"");
  EXPECT_EQ(again.exit, 5) << again.err;
}

TEST_F(SeveralAtOnce, FindsNothingToUndoWhereNothingWasRolledBack) {
  EXPECT_EQ(service.run("rollback staging --undo --yes --reason x").exit, 4);
}

TEST_F(SeveralAtOnce, GoesBackAgainWhenWhatWasBroughtBackIsStillBad) {
  ASSERT_EQ(service.run("rollback staging --yes --reason \"bad\"").exit, 0);
  const auto ran = service.run("rollback staging --undo --yes --reason \"hope\"");
  EXPECT_EQ(ran.exit, 1) << ran.out;
  EXPECT_EQ(live("staging"), "1111111");
}

// --- overrides and backtests ---------------------------------------------------------------------

TEST_F(SeveralAtOnce, LetsOneCheckNotCountUntilItIsTakenBack) {
  const std::string check = "--check \"alarm kiro-worker-test-errors\"";
  EXPECT_EQ(service.run("override add test " + check + " --for 2h --reason \"broken\"").exit, 0);
  EXPECT_NE(service.run("override list").out.find("kiro-worker-test-errors"), std::string::npos);
  EXPECT_EQ(service.run("override remove test " + check + " --reason mended").exit, 0);
  EXPECT_EQ(service.run("override remove test " + check + " --reason mended").exit, 4);
  EXPECT_EQ(service.run("override add test --check version --reason x").exit, 2)
      << "what proves the version cannot be overridden";
}

TEST_F(SeveralAtOnce, OverridesNothingThatIsNotLookedAt) {
  const auto ran =
      service.run("override add test --check \"alarm kiro-worker-test-eror\" --reason x");
  EXPECT_EQ(ran.exit, 4);
  EXPECT_NE(ran.err.find("did you mean"), std::string::npos) << ran.err;
  EXPECT_TRUE(service.head("test").overrides.empty());
}

TEST_F(SeveralAtOnce, CarriesOnWhatSomebodyElseOpened) {
  const auto id = service.engine().intake.request(
      {.environment = {"production"}, .reason = "seen before", .requested_by = "bob"});
  ASSERT_TRUE(id);
  const auto ran =
      service.run("emergency --confirm kiro-worker --reason \"checkout is down\" --soak 1s");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_EQ(live("production"), "1111111");
  EXPECT_EQ(service.store.rollback(*id)->reason, "seen before");
}

TEST_F(SeveralAtOnce, WantsTheNameTypedWherePeopleAreServed) {
  service.settings.guarded = {{"production"}};
  const std::string line =
      "override add production --check \"alarm kiro-worker-production-errors\" --reason broken";
  EXPECT_EQ(service.run(line).exit, 3);
  EXPECT_EQ(service.run(line + " --confirm production").exit, 0);
}

TEST_F(SeveralAtOnce, HoldsAPolicyAgainstTheRecord) {
  ASSERT_TRUE(service.engine().intake.take(service.alarm("production")));
  ASSERT_TRUE(service.rest());
  const auto ran = service.run("backtest production");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("1 right, 0 wrong"), std::string::npos) << ran.out;
  const auto document = service.run("backtest production -o json");
  EXPECT_NE(document.out.find("\"stepback/v1/backtest\""), std::string::npos) << document.out;
}

}  // namespace
}  // namespace stepback::cli
