// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class DrillCommand : public testing::Test {
 protected:
  DrillCommand() {
    for (const auto* name : {"test", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", days(1));
    }
  }

  PretendService service;
};

TEST_F(DrillCommand, GoesThereAndBackAndSaysHowLongItTook) {
  const auto ran = service.run("drill test");
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("✔ test went back from 2222222 in "), std::string::npos) << ran.out;
  const auto rollbacks = service.rollbacks();
  ASSERT_EQ(rollbacks.size(), 2U);
  for (const auto& each : rollbacks) EXPECT_EQ(each.origin, Origin::drill);
  EXPECT_EQ(service.head("test").live->version.text, "2222222");
}

TEST_F(DrillCommand, LeavesNothingBehindThatSpeaksAgainstTheVersion) {
  const auto failing = *service.head("test").current;
  ASSERT_EQ(service.run("drill test").exit, 0);
  const auto head = service.head("test");
  EXPECT_TRUE(head.holds.empty());
  EXPECT_TRUE(head.automatic.empty());
  EXPECT_FALSE(head.brake);
  EXPECT_EQ(service.store.deployment(failing)->status, DeploymentStatus::succeeded);
  EXPECT_EQ(service.store.deployment(*head.current)->kind, DeploymentKind::drill);
}

TEST_F(DrillCommand, IsProofForAMonthAndCanBeRepeated) {
  ASSERT_EQ(service.run("drill test").exit, 0);
  const auto ready = service.run("ready test");
  EXPECT_EQ(ready.out.find("no rollback ever succeeded here"), std::string::npos) << ready.out;
  const auto again = service.run("drill test -o json");
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_NE(again.out.find("\"trend\""), std::string::npos) << again.out;
  EXPECT_EQ(service.head("test").live->version.text, "2222222");
}

TEST_F(DrillCommand, RefusesWherePeopleAreServed) {
  service.settings.guarded = {{"production"}};
  const auto ran = service.run("drill production");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(DrillCommand, TouchesNothingWhereItIsNotReadyOrNotJudged) {
  service.world.artifacts[SimWorld::digest_of({"1111111"}).hex] = ArtifactState::missing;
  EXPECT_EQ(service.run("drill test").exit, 1);
  service.world.artifacts.clear();
  service.deployed("test", "3333333", minutes(5), false);
  EXPECT_EQ(service.run("drill test").exit, 3);
  EXPECT_TRUE(service.rollbacks().empty());
}

}  // namespace
}  // namespace stepback::cli
