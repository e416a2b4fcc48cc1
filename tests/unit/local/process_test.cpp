// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

class ProcessTest : public ::testing::Test {
 protected:
  Ended run_well(Command command) {
    auto ended = run(command, clock_);
    EXPECT_TRUE(ended) << ended.error().message;
    return ended ? *ended : Ended{};
  }
  Error run_badly(Command command) {
    const auto ended = run(command, clock_);
    EXPECT_FALSE(ended);
    return ended ? Error{} : ended.error();
  }

  SystemClock clock_;
  TemporaryDirectory directory_;
};

TEST_F(ProcessTest, TellsTheExitStatus) {
  EXPECT_TRUE(run_well({.arguments = {"true"}}).succeeded());
  EXPECT_EQ(run_well({.arguments = {"false"}}).status, 1);
  EXPECT_EQ(run_well(python("import sys; sys.exit(75)")).status, 75);
}

TEST_F(ProcessTest, TellsTheSignal) {
  const Ended ended = run_well(python("import os; os.kill(os.getpid(), 9)"));
  EXPECT_FALSE(ended.status);
  EXPECT_EQ(ended.signal, SIGKILL);
  EXPECT_FALSE(ended.timed_out);
}

TEST_F(ProcessTest, HandsArgumentsOverAsTheyAreWithoutAShell) {
  const std::string hostile = "$(touch x); `id` | cat && \"'\n-rf *";
  const Ended ended = run_well({.arguments = {"/bin/echo", "-n", "--", hostile}});
  EXPECT_EQ(ended.output, "-- " + hostile);
}

TEST_F(ProcessTest, GivesTheChildOnlyTheEnvironmentThatWasAskedFor) {
  ::setenv("STEPBACK_TEST_LEAK", "1", 1);
  const Ended ended =
      run_well({.arguments = {"env"}, .environment = {{"COLOUR", "green"}, {"EMPTY", ""}}});
  EXPECT_EQ(ended.output,
            "COLOUR=green\nEMPTY=\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
            "/bin\n");
}

TEST_F(ProcessTest, LooksForTheProgramInTheGivenPathOnly) {
  EXPECT_EQ(run_badly({.arguments = {"true"}, .environment = {{"PATH", "/nowhere"}}}).code,
            Code::not_found);
  EXPECT_EQ(run_badly({.arguments = {"true"}, .environment = {{"PATH", "."}}}).code,
            Code::not_found);
  EXPECT_EQ(run_badly({.arguments = {"./true"}}).code, Code::invalid);
  EXPECT_EQ(run_badly({.arguments = {}}).code, Code::invalid);
}

TEST_F(ProcessTest, NamesTheProgramThatCouldNotBeStarted) {
  const Error missing = run_badly({.arguments = {"/nowhere/restart"}});
  EXPECT_EQ(missing.code, Code::not_found);
  EXPECT_NE(missing.message.find("/nowhere/restart"), std::string::npos);
  directory_.write("plain", "not a program");
  EXPECT_EQ(run_badly({.arguments = {directory_.path("plain")}}).code, Code::denied);
}

TEST_F(ProcessTest, RefusesWhatNoArgumentCanHold) {
  EXPECT_EQ(run_badly({.arguments = {"echo", std::string("a\0b", 3)}}).code, Code::invalid);
  EXPECT_EQ(run_badly({.arguments = {"echo"}, .environment = {{"A=B", "c"}}}).code, Code::invalid);
}

TEST_F(ProcessTest, RunsWhereItIsTold) {
  EXPECT_EQ(run_well({.arguments = {"pwd"}, .directory = directory_.path()}).output,
            directory_.path() + "\n");
  EXPECT_EQ(run_badly({.arguments = {"pwd"}, .directory = directory_.path("gone")}).code,
            Code::not_found);
}

TEST_F(ProcessTest, FeedsTheInputAndElseNothing) {
  const std::string text(300'000, 'x');  // more than a pipe holds
  EXPECT_EQ(run_well({.arguments = {"wc", "-c"}, .input = text}).output, "300000\n");
  EXPECT_EQ(run_well({.arguments = {"cat"}}).output, "");
}

TEST_F(ProcessTest, KeepsTheBeginningAndTheEndOfEndlessOutput) {
  const Ended ended =
      run_well(python("print('first'); print('x' * 1000000); print('last', end='')"));
  EXPECT_TRUE(ended.output.starts_with("first\n"));
  EXPECT_TRUE(ended.output.ends_with("last"));
  EXPECT_NE(ended.output.find("bytes are left out"), std::string::npos);
  EXPECT_LE(ended.output.size(), most_output_bytes + 100);
}

TEST_F(ProcessTest, MixesBothStreamsUnlessErrorsAreDropped) {
  Command command = python("import sys; print('data', flush=True); print('e', file=sys.stderr)");
  EXPECT_EQ(run_well(command).output, "data\ne\n");
  command.drop_errors = true;
  EXPECT_EQ(run_well(command).output, "data\n");
}

TEST_F(ProcessTest, EndsWhatTakesTooLong) {
  Command command{.arguments = {"sleep", "60"}, .limit = Duration(50)};
  const Ended ended = run_well(command);
  EXPECT_TRUE(ended.timed_out);
  EXPECT_EQ(ended.signal, SIGTERM);
  EXPECT_FALSE(ended.succeeded());
  EXPECT_LT(ended.took, seconds(2));
  EXPECT_EQ(must_succeed(ended, "the restart").error().code, Code::timeout);
}

TEST_F(ProcessTest, KillsAWholeGroupThatIgnoresTheAskingToEnd) {
  Command command = python(
      "import os, signal, sys, time\n"
      "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
      "child = os.fork()\n"
      "if child: print(child, flush=True)\n"
      "time.sleep(60)\n");
  command.limit = Duration(500);
  command.grace = Duration(50);
  const Ended ended = run_well(command);
  EXPECT_TRUE(ended.timed_out);
  EXPECT_EQ(ended.signal, SIGKILL);
  const pid_t grandchild = std::stoi(ended.output);
  EXPECT_TRUE(is_gone_soon(grandchild));
}

TEST_F(ProcessTest, LeavesAloneWhatAGoodCommandStarted) {
  const Ended ended =
      run_well(python("import os, time\n"
                      "child = os.fork()\n"
                      "if child == 0:\n"
                      "  os.close(1); os.close(2); time.sleep(60)\n"
                      "print(child)\n"));
  ASSERT_TRUE(ended.succeeded());
  const pid_t service = std::stoi(ended.output);
  EXPECT_EQ(::kill(service, 0), 0);
  ::kill(service, SIGKILL);
}

TEST_F(ProcessTest, PassesNoDescriptorOfOursOn) {
  const int open_here = ::dup(STDERR_FILENO);  // without close-on-exec
  const Ended ended =
      run_well(python("import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:3],"
                      " max(int(n) for n in os.listdir('/proc/self/fd')))"));
  ::close(open_here);
  EXPECT_EQ(ended.output, "[0, 1, 2] 3\n");  // 3 is the listing itself
}

TEST_F(ProcessTest, DoesNothingBeforeItIsLetGo) {
  const std::string trace = directory_.path("trace");
  {
    auto child = Child::prepare({.arguments = {"touch", trace}}, clock_);
    ASSERT_TRUE(child);
    EXPECT_GT(child->id(), 0);
  }
  EXPECT_FALSE(directory_.has("trace"));
  auto child = Child::prepare({.arguments = {"touch", trace}}, clock_);
  ASSERT_TRUE(child && child->let_go());
  ASSERT_TRUE(child->wait());
  EXPECT_TRUE(directory_.has("trace"));
}

TEST_F(ProcessTest, CannotLetGoWhatWasKilledMeanwhile) {
  auto child = Child::prepare({.arguments = {"true"}}, clock_);
  ASSERT_TRUE(child);
  ::kill(child->id(), SIGKILL);
  ASSERT_TRUE(is_gone_soon(child->id()));
  const auto begun = child->let_go();
  const bool noticed = !begun || !child->wait()->succeeded();
  EXPECT_TRUE(noticed);
}

TEST_F(ProcessTest, SaysWhatTheCommandSaidLast) {
  const Error failed =
      must_succeed(run_well(python("import sys; print('a\\x1b[31mport taken'); sys.exit(3)")),
                   "the restart")
          .error();
  EXPECT_EQ(failed.code, Code::invalid);
  EXPECT_EQ(failed.message, "the restart ended with status 3, saying: a\\x1b[31mport taken");
  const Error later = must_succeed(run_well(python("import sys; sys.exit(75)")), "it").error();
  EXPECT_EQ(later.code, Code::unavailable);
}

}  // namespace
}  // namespace stepback::local
