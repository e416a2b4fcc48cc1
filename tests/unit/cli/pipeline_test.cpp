// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <utility>

#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class PipelineCommand : public ::testing::Test {
 protected:
  PipelineCommand() {
    service.deployed("test", "1111111", days(2));
    service.settings.stages = {
        {.name = "build", .command = {"make"}},
        {.name = "deploy-test", .kind = StageKind::deploy, .environment = Environment{"test"}},
        {.name = "approval", .kind = StageKind::approval, .limit = hours(1)}};
    service.on_wait = [this](int) {
      const auto run = service.engine().runs.newest();
      if (said.empty() || !run || !run->approval || run->approval->approved) return;
      answered = service.run(std::exchange(said, {}));
    };
  }

  PretendService service;
  std::string said;
  Ran answered;
};

TEST_F(PipelineCommand, ShowsEachStageWithItsEndAndExitsByTheRuns) {
  said = "approve --reason looked";
  const auto ran = service.run("pipeline run --version 2222222");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("approval"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("alice approved it: looked"), std::string::npos) << ran.out;
  EXPECT_EQ(answered.exit, 0) << answered.err;
  EXPECT_EQ(service.run("pipeline status -o json").exit, 0);
}

TEST_F(PipelineCommand, Exits3WhenItIsRejectedAndRollsNothingBack) {
  said = "reject --reason campaign";
  EXPECT_EQ(service.run("pipeline run --version 2222222").exit, 3);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(PipelineCommand, SaysWhatToTryWhenThereIsNothingToAnswer) {
  EXPECT_EQ(service.run("pipeline status").exit, 4);
  const auto early = service.run("approve --reason looked");
  EXPECT_NE(early.exit, 0);
  EXPECT_EQ(early.attempt(), "stepback pipeline status");
  EXPECT_EQ(service.run("approve").exit, 2) << "a reason is needed";
  EXPECT_EQ(service.run("pipeline stop").exit, 4);
}

TEST_F(PipelineCommand, AnswersNoOtherRunThanTheOneThatIsNamed) {
  said = "approve run-01KFZ3Q8W5T7A0B1C2D3 --reason looked";
  const auto ran = service.run("pipeline run --version 2222222");
  EXPECT_EQ(answered.exit, 4);
  EXPECT_NE(ran.exit, 0) << "nobody answered";
}

TEST_F(PipelineCommand, ShowsWhatFailedAndWhatBecameOfIt) {
  service.work.failing["build"] = "exit status 2";
  const auto ran = service.run("pipeline run --version 2222222");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("test: blocked"), std::string::npos) << ran.out;
}

TEST_F(PipelineCommand, BeginsADeploymentAlthoughSomebodyElseWroteFirst) {
  int commits = 0;
  service.store.before_commit = [&](const Commit&) -> Result<> {
    return ++commits == 1 ? Result<>(fail(Code::conflict, "changed by somebody else")) : Result<>();
  };
  const auto ran = service.run("deploy start test --version 3333333");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_GE(commits, 2);
}

TEST_F(PipelineCommand, GivesADeploymentThatLivesMoreTime) {
  ASSERT_EQ(service.run("deploy start test --version 3333333").exit, 0);
  service.clock.advance(minutes(29));
  EXPECT_EQ(service.run("deploy heartbeat test").exit, 0);
  service.clock.advance(minutes(29));
  ASSERT_TRUE(service.engine().reconciler.turn());
  const auto current = service.store.deployment(*service.head("test").current);
  EXPECT_EQ(current->status, DeploymentStatus::in_progress);
  service.clock.advance(minutes(2));
  ASSERT_TRUE(service.engine().reconciler.turn());
  EXPECT_NE(service.store.deployment(current->id)->status, DeploymentStatus::in_progress);
  EXPECT_EQ(service.run("deploy heartbeat staging").exit, 4);
}

}  // namespace
}  // namespace stepback::cli
