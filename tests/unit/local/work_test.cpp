// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/work.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "adapters/local/report_files.hpp"
#include "support/scratch.hpp"

namespace stepback::local {
namespace {

class WorkTest : public ::testing::Test {
 protected:
  Result<WorkEnd> carry_out(
      std::vector<std::string> arguments, Duration limit = seconds(20),
      const std::function<bool()>& go_on = [] { return true; }) {
    WorkOrder order{.name = "tests", .run = "run-1", .arguments = std::move(arguments)};
    order.variables = {{"STEPBACK_VERSION", "v2; rm -rf x"}};
    order.limit = limit;
    return work_.carry_out(order, go_on);
  }
  static std::string contents(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  testing::Scratch scratch_;
  std::string folder_ = scratch_.path().string();
  SystemClock clock_;
  LocalWork work_{{.state_directory = folder_, .variables = {{"HOME", folder_}}}, clock_};
};

TEST_F(WorkTest, KeepsWhatACommandSaysAndHandsItTheStagesOwnVariables) {
  const auto end = carry_out({"sh", "-c", "echo \"$STEPBACK_VERSION in $HOME\""});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_TRUE(end->succeeded);
  EXPECT_EQ(end->log, folder_ + "/runs/run-1/tests.log");
  EXPECT_EQ(contents(end->log), "v2; rm -rf x in " + folder_ + "\n");
}

TEST_F(WorkTest, TellsHowACommandFailed) {
  EXPECT_EQ(carry_out({"sh", "-c", "exit 2"})->why, "exit status 2");
  EXPECT_EQ(carry_out({"sh", "-c", "kill -9 $$"})->why, "signal 9 ended it");
  const auto missing = carry_out({"no-such-program-anywhere"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
}

TEST_F(WorkTest, EndsACommandThatTakesTooLong) {
  const auto end = carry_out({"sleep", "60"}, Duration(50));
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->succeeded);
  EXPECT_EQ(end->why.substr(0, 13), "no end within");
}

TEST_F(WorkTest, EndsACommandWhenItIsAskedTo) {
  const auto end = carry_out({"sleep", "60"}, minutes(1), [] { return false; });
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->stopped);
  EXPECT_FALSE(end->succeeded);
}

TEST_F(WorkTest, ReadsReportsInTheirOrderAndKnowsThemAgain) {
  const auto path = folder_ + "/junit.xml";
  std::ofstream(path) << R"(<testsuite tests="1"><testcase name="adds"/></testsuite>)";
  LocalReportFiles files;
  const auto read = files.read(GateKind::tests, {path, folder_ + "/missing.xml"});
  ASSERT_EQ(read.files.size(), 2U);
  EXPECT_TRUE(read.files[0].report) << read.files[0].report.error().message;
  EXPECT_FALSE(read.files[1].report);
  EXPECT_EQ(read.digest, files.read(GateKind::tests, {path, folder_ + "/missing.xml"}).digest);
  std::ofstream(path, std::ios::app) << "\n";
  EXPECT_NE(read.digest, files.read(GateKind::tests, {path, folder_ + "/missing.xml"}).digest);
}

}  // namespace
}  // namespace stepback::local
