// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class SecondPerson : public ::testing::Test {
 protected:
  SecondPerson() {
    service.deployed("production", "1111111", days(3));
    service.deployed("production", "2222222", minutes(5), false);
    service.settings.seconded = {{"production"}};
  }

  Ran ask() { return service.run("rollback production --yes --reason \"checkout fails\""); }
  std::string live() { return service.head("production").live->version.text; }

  PretendService service;
};

TEST_F(SecondPerson, IsAskedAndNothingIsTouchedUntilTheyAgree) {
  const auto asked = ask();
  EXPECT_EQ(asked.exit, 3);
  EXPECT_NE(asked.err.find("stepback approve production"), std::string::npos) << asked.err;
  EXPECT_TRUE(service.rollbacks().empty());
  EXPECT_EQ(service.run("approve production --reason sure").exit, 3) << "it is the same person";
  EXPECT_TRUE(service.rollbacks().empty());
  service.user = "bob";
  const auto agreed = service.run("approve production --reason \"seen it too\"");
  EXPECT_EQ(agreed.exit, 0) << agreed.out << agreed.err;
  EXPECT_EQ(live(), "1111111");
  EXPECT_EQ(service.rollbacks().front().evidence.front(), "agreed to by bob: seen it too");
}

TEST_F(SecondPerson, MayRefuse) {
  ASSERT_EQ(ask().exit, 3);
  EXPECT_EQ(service.run("reject production --reason \"it is the network\"").exit, 0);
  service.user = "bob";
  EXPECT_EQ(service.run("approve production --reason late").exit, 4);
  EXPECT_EQ(live(), "2222222");
}

TEST_F(SecondPerson, IsDoneWithoutWhereSomebodyGoesOnAloneWhichIsOnRecord) {
  const auto ran = service.run("rollback production --alone --yes --reason \"nobody answers\"");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(service.rollbacks().front().evidence.front().find("went on alone"), std::string::npos);
}

TEST_F(SecondPerson, IsNotWaitedForByAutomation) {
  ASSERT_TRUE(service.engine().intake.take(service.alarm("production")));
  ASSERT_TRUE(service.rest());
  EXPECT_EQ(live(), "1111111");
}

}  // namespace
}  // namespace stepback::cli
