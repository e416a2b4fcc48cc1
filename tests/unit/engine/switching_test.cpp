// SPDX-License-Identifier: Apache-2.0
// What follows a switch elsewhere, and takes its time.
#include <gtest/gtest.h>

#include <set>

#include "support/pretend_service.hpp"

namespace stepback {
namespace {

class Switching : public testing::Test {
 protected:
  Switching() {
    service.deployed("production", "1111111", days(2));
    service.deployed("production", "2222222", minutes(5), false);
    service.world.on_issue = [this](const Environment&, const std::string& key, std::uint64_t) {
      if (!key.empty()) keys.insert(key);
    };
  }
  SimWorld::Place& production() { return service.world.places[{"production"}]; }

  std::set<std::string> keys;  // under which something was asked to change
  cli::PretendService service;
};

TEST_F(Switching, WhatFollowsElsewhereIsWaitedForUnderOneKey) {
  service.world.looks_until_followed = 20;  // more than a step has tries
  ASSERT_TRUE(service.engine().intake.take(service.alarm("production")));
  ASSERT_TRUE(service.rest());
  EXPECT_EQ(service.rollbacks().front().outcome, Outcome::succeeded);
  EXPECT_EQ(production().running_version.text, "1111111");
  const auto switches = std::ranges::count_if(
      keys, [](const std::string& key) { return key.contains("/application/"); });
  EXPECT_EQ(switches, 1);
  EXPECT_EQ(service.world.looks_until_followed, 0);
}

TEST_F(Switching, WhatNeverFollowsIsLeftToPeopleWithinTheBudget) {
  service.world.looks_until_followed = 1'000'000;
  ASSERT_TRUE(service.engine().intake.take(service.alarm("production")));
  ASSERT_TRUE(service.rest());
  for (const auto& rollback : service.rollbacks()) EXPECT_NE(rollback.outcome, Outcome::succeeded);
  EXPECT_TRUE(service.head("production").waiting);
}

TEST_F(Switching, ADeploymentWaitsForWhatFollowsItToo) {
  service.world.looks_until_followed = 5;
  const auto report = service.engine().deployer.deploy(
      {.request = {.environment = {"production"}, .version = {"3333333"}, .started_by = "ci"},
       .from_directory = "/builds/3333333"},
      [](std::string_view, std::string_view) {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->why, "");
  EXPECT_EQ(service.world.looks_until_followed, 0);
  EXPECT_EQ(production().running_version.text, "3333333");
}

}  // namespace
}  // namespace stepback
