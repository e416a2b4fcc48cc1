// SPDX-License-Identifier: Apache-2.0
#include "engine/reconciler.hpp"

#include <gtest/gtest.h>

#include "domain/deploying.hpp"
#include "support/pretend_service.hpp"

namespace stepback {
namespace {

class ReconcilerTest : public testing::Test {
 protected:
  ReconcilerTest() { service.deployed("production", "1111111", days(2)); }

  SimWorld::Place& production() { return service.world.places[{"production"}]; }
  Deployment current() { return *service.store.deployment(*service.head("production").current); }
  void look() { ASSERT_TRUE(service.engine().reconciler.turn()); }
  // What a deployer writes when it begins, before anything is switched.
  void begin(const std::string& version) {
    const DeployRequest request{.environment = {"production"},
                                .version = {version},
                                .digest = SimWorld::digest_of({version}),
                                .started_by = "ci",
                                .holder = "deployer-1"};
    const auto head = service.head("production");
    const auto before = service.store.deployment(*head.current);
    Random random(7);
    const auto change =
        begin_deployment(head, *before, request, service.clock.now(), service.settings.policy,
                         make_id<DeploymentTag>(service.clock.now(), random));
    ASSERT_TRUE(change) << change.error().message;
    ASSERT_TRUE(commit_change(service.store, *change));
  }

  cli::PretendService service;
};

TEST_F(ReconcilerTest, FindsTheAlarmWhoseEventNeverCame) {
  service.deployed("production", "2222222", minutes(5), false);
  production().red = true;
  production().red_since = service.clock.steady() - minutes(1);
  look();
  ASSERT_EQ(service.rollbacks().size(), 1u);
  const auto since = production().red_since;
  auto late = service.alarm("production");  // the event comes after all: the same fact
  late.at = Instant{since.count()};
  const auto answer = service.engine().intake.take(late);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->seen_before);
  EXPECT_EQ(service.rollbacks().size(), 1u);
}

TEST_F(ReconcilerTest, LeavesAloneWhatWasRedBefore) {
  auto deployment = service.deployed("production", "2222222", minutes(5), false);
  production().red = true;
  production().red_since = service.clock.steady() - hours(2);
  look();
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(ReconcilerTest, AVersionIsGoodWhenItsBakeIsOverAndNothingIsRed) {
  service.deployed("production", "2222222", minutes(5), false);
  look();
  EXPECT_FALSE(current().good_at);
  service.clock.advance(service.settings.policy.bake);
  look();
  EXPECT_TRUE(current().good_at);
}

TEST_F(ReconcilerTest, NothingIsGoodWhileItsAlarmsCannotBeRead) {
  service.deployed("production", "2222222", minutes(5), false);
  service.clock.advance(service.settings.policy.bake);
  service.world.before = [](std::string_view point, bool) {
    return point == "alarms" ? SimFault::unavailable : SimFault::none;
  };
  look();
  EXPECT_FALSE(current().good_at);
}

TEST_F(ReconcilerTest, ClosesTheRecordOfADeployerThatDiedBeforeItTouchedAnything) {
  begin("2222222");
  service.clock.advance(minutes(1));
  look();
  EXPECT_EQ(current().status, DeploymentStatus::in_progress);  // it may be alive
  service.world.dead.insert("deployer-1");
  look();
  EXPECT_EQ(current().status, DeploymentStatus::failed);
  EXPECT_TRUE(service.rollbacks().empty()) << "nothing of it was live";
}

TEST_F(ReconcilerTest, TakesBackWhatADeadDeployerHadSwitched) {
  begin("2222222");
  production().pointer = {{"2222222"}, SimWorld::digest_of({"2222222"}), 1, true};
  production().running = SimWorld::digest_of({"2222222"});
  production().running_version = {"2222222"};
  service.world.dead.insert("deployer-1");
  service.clock.advance(minutes(1));
  look();
  ASSERT_EQ(service.rollbacks().size(), 1u);
  ASSERT_TRUE(service.rest());
  EXPECT_EQ(production().running_version.text, "1111111");
}

TEST_F(ReconcilerTest, ClosesTheRecordThatIsPastItsDeadline) {
  begin("2222222");
  service.clock.advance(service.settings.policy.deploy_limit + seconds(1));
  look();
  EXPECT_EQ(current().status, DeploymentStatus::failed);
}

}  // namespace
}  // namespace stepback
