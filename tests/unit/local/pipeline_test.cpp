// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/pipeline.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

class PipelineTest : public ::testing::Test {
 protected:
  ~PipelineTest() override {
    if (deployer_ <= 0) return;
    ::kill(-deployer_, SIGKILL);
    ::waitpid(deployer_, nullptr, 0);
  }

  // A process that registers itself and goes on until it is ended; with a group of its own.
  void deploy(bool ignores_asking) {
    deployer_ = ::fork();
    if (deployer_ == 0) {
      ::setpgid(0, 0);
      if (ignores_asking) ::signal(SIGTERM, SIG_IGN);
      const auto entry = RunningDeployment::begin(directory_.path(), production_, {"dep-1"});
      while (true) ::pause();
    }
    const std::string name = "running/production/" + std::to_string(deployer_) + ".json";
    while (!directory_.has(name)) {
    }
  }
  bool is_over() {
    // A child of ours stays as a zombie until it is waited for: to others it is gone.
    return is_gone_soon(deployer_);
  }
  LocalPipeline pipeline(std::vector<std::string> stop_command = {}) {
    return {{.state_directory = directory_.path(),
             .stop_command = std::move(stop_command),
             .grace = seconds(5),
             .look = Duration(300)},
            clock_};
  }

  TemporaryDirectory directory_;
  HandClock clock_;
  Environment production_{"production"};
  pid_t deployer_ = 0;
};

TEST_F(PipelineTest, NothingRunningIsSuccess) {
  EXPECT_EQ(pipeline().stop(production_, "why").value(), "nothing was deploying");
  EXPECT_EQ(pipeline().state(production_)->text, "nothing is deploying");
  EXPECT_TRUE(pipeline().state(production_)->idle);
}

TEST_F(PipelineTest, AsksADeploymentToEndAndSaysWhichItWas) {
  deploy(false);
  EXPECT_NE(pipeline().state(production_)->text.find("dep-1"), std::string::npos);
  const auto stopped = pipeline().stop(production_, "why");
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_NE(stopped->find("dep-1"), std::string::npos);
  EXPECT_TRUE(is_over());
  EXPECT_EQ(pipeline().stop(production_, "why").value(), "nothing was deploying");
}

TEST_F(PipelineTest, KillsWhatDoesNotEndWhenItsGraceIsOver) {
  deploy(true);
  EXPECT_EQ(pipeline().stop(production_, "why").error().code, Code::unavailable);
  clock_.pass(seconds(4));
  EXPECT_EQ(pipeline().stop(production_, "why").error().code, Code::unavailable);
  EXPECT_EQ(::kill(deployer_, 0), 0);
  clock_.pass(seconds(2));
  EXPECT_TRUE(pipeline().stop(production_, "why"));
  EXPECT_TRUE(is_over());
}

TEST_F(PipelineTest, PassesOverThisProcess) {
  const auto entry = RunningDeployment::begin(directory_.path(), production_, {"dep-1"});
  ASSERT_TRUE(entry);
  EXPECT_EQ(pipeline().stop(production_, "it failed").value(), "nothing was deploying");
  EXPECT_NE(pipeline().state(production_)->text.find("dep-1"), std::string::npos);
}

TEST_F(PipelineTest, TheEntryGoesWithItsDeployment) {
  {
    const auto entry = RunningDeployment::begin(directory_.path(), production_, {"dep-1"});
  }
  EXPECT_TRUE(names_in(directory_.path("running/production"))->empty());
}

TEST_F(PipelineTest, ForgetsWhatACrashLeftBehind) {
  deploy(false);
  ::kill(deployer_, SIGKILL);
  ::waitpid(deployer_, nullptr, 0);
  deployer_ = 0;
  EXPECT_EQ(names_in(directory_.path("running/production"))->size(), 1U);
  EXPECT_EQ(pipeline().stop(production_, "why").value(), "nothing was deploying");
  EXPECT_TRUE(names_in(directory_.path("running/production"))->empty());
}

TEST_F(PipelineTest, NeverSignalsAnotherProcessWithTheSameNumber) {
  deploy(false);
  const std::string name = "running/production/" + std::to_string(deployer_) + ".json";
  ProcessIdentity other = identity_of(deployer_).value();
  other.started -= 1;
  directory_.write(name,
                   json::write(json::Object{{"process", encode(other)}, {"deployment", "dep-0"}}));
  EXPECT_TRUE(pipeline().stop(production_, "why"));
  EXPECT_EQ(::kill(deployer_, 0), 0);
  EXPECT_FALSE(directory_.has(name));
}

TEST_F(PipelineTest, ReportsADamagedEntryInsteadOfGuessing) {
  directory_.write("running/production/77.json", "{");
  EXPECT_EQ(pipeline().stop(production_, "why").error().code, Code::corrupt);
}

TEST_F(PipelineTest, LeavesOtherEnvironmentsAlone) {
  deploy(false);
  EXPECT_EQ(pipeline().stop({"staging"}, "why").value(), "nothing was deploying");
  EXPECT_EQ(::kill(deployer_, 0), 0);
  EXPECT_EQ(pipeline().stop({"../production"}, "why").error().code, Code::invalid);
}

TEST_F(PipelineTest, RunsTheConfiguredCommandWithTheReasonAsData) {
  Command command = python(
      "import os, sys; open(sys.argv[1], 'w').write(sys.argv[2] + ' ' +"
      " os.environ['STEPBACK_REASON'])");
  command.arguments.push_back(directory_.path("told"));
  command.arguments.emplace_back("{environment}");
  ASSERT_TRUE(pipeline(command.arguments).stop(production_, "$(reboot)\n{environment}"));
  EXPECT_EQ(directory_.read("told"), "production $(reboot)\\n{environment}");
}

TEST_F(PipelineTest, ACommandThatAsksForTimeIsStillStopping) {
  EXPECT_EQ(
      pipeline(python("import sys; sys.exit(75)").arguments).stop(production_, "why").error().code,
      Code::unavailable);
  EXPECT_EQ(pipeline({"false"}).stop(production_, "why").error().code, Code::invalid);
}

}  // namespace
}  // namespace stepback::local
