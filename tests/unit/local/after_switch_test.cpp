// SPDX-License-Identifier: Apache-2.0
#include "releases_fixture.hpp"

namespace stepback::local {
namespace {

class AfterSwitchTest : public ReleasesTest {
 protected:
  AfterSwitchTest() {
    published("v1");
    published("v2");
  }

  Releases with(Command command, Duration limit = seconds(10)) {
    ReleasesConfig config = this->config();
    config.after_switch = command.arguments;
    config.variables = command.environment;
    config.after_switch_limit = limit;
    config.grace = Duration(100);
    return {config, clock_};
  }
  bool settled() { return pointer().settled; }
};

TEST_F(AfterSwitchTest, TellsTheCommandWhatItIsAbout) {
  Command command = python(
      "import os, sys\n"
      "names = ['ENVIRONMENT', 'VERSION', 'OPERATION', 'RELEASE_DIR']\n"
      "open(sys.argv[1], 'w').write(' '.join(sys.argv[2:] + [os.environ['STEPBACK_' + n] for n in"
      " names]))");
  for (const auto* argument : {"told", "{version}", "{environment}", "x{digest}"}) {
    command.arguments.emplace_back(argument == std::string("told") ? directory_.path("told")
                                                                   : argument);
  }
  Releases releases = with(command);
  ASSERT_TRUE(releases.switch_to(to("v1", 4)));
  EXPECT_EQ(directory_.read("told"), "v1 production x" + pointer().digest.hex +
                                         " production v1 4 " +
                                         directory_.path("production/releases/v1"));
  EXPECT_TRUE(settled());
  EXPECT_FALSE(directory_.has("production/current.command"));
}

TEST_F(AfterSwitchTest, ASwitchWhoseCommandFailedIsMadeButNotSettled) {
  Releases releases = with(python("import sys; print('port taken'); sys.exit(1)"));
  const auto done = releases.switch_to(to("v1", 1));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::invalid);
  EXPECT_NE(done.error().message.find("port taken"), std::string::npos);
  EXPECT_EQ(pointer().version.text, "v1");
  EXPECT_FALSE(settled());
}

TEST_F(AfterSwitchTest, AStatusOf75MeansTryAgain) {
  Releases releases = with(python("import sys; sys.exit(75)"));
  EXPECT_EQ(releases.switch_to(to("v1", 1)).error().code, Code::unavailable);
}

TEST_F(AfterSwitchTest, ACommandThatIgnoresTheAskingToEndIsKilledAndNamed) {
  Releases releases =
      with(python("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"),
           Duration(300));
  const auto done = releases.switch_to(to("v1", 1));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::timeout);
  EXPECT_FALSE(settled());
  EXPECT_FALSE(directory_.has("production/current.command"));
}

TEST_F(AfterSwitchTest, AMissingCommandIsNamed) {
  Releases releases = with({.arguments = {"/nowhere/restart"}});
  const auto done = releases.switch_to(to("v1", 1));
  EXPECT_EQ(done.error().code, Code::not_found);
  EXPECT_NE(done.error().message.find("/nowhere/restart"), std::string::npos);
  EXPECT_FALSE(settled());
}

TEST_F(AfterSwitchTest, TheSameNumberAgainFinishesWhatWasNotSettled) {
  Releases failing = with({.arguments = {"false"}});
  EXPECT_FALSE(failing.switch_to(to("v1", 1)));
  Releases working = with({.arguments = {"true"}});
  EXPECT_TRUE(working.switch_to(to("v1", 1)));
  EXPECT_TRUE(settled());
}

TEST_F(AfterSwitchTest, NobodyActsWhileAnEarlierCommandRuns) {
  directory_.make("gate");
  Releases slow =
      with(python("import os, time\n"
                  "open('" +
                  directory_.path("begun") +
                  "', 'w').close()\n"
                  "while not os.path.exists('" +
                  directory_.path("gate/open") + "'): time.sleep(0.01)"));
  Result<std::string> first;
  {
    const std::jthread restarting([&] { first = slow.switch_to(to("v1", 1)); });
    while (!directory_.has("begun")) std::this_thread::yield();
    EXPECT_FALSE(settled());
    EXPECT_EQ(releases_.stamp(production_, 2).error().code, Code::unavailable);
    EXPECT_EQ(refused(to("v2", 2)).code, Code::unavailable);
    EXPECT_EQ(pointer().version.text, "v1");
    directory_.write("gate/open", "");
  }
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(releases_.stamp(production_, 2));
}

TEST_F(AfterSwitchTest, TheCommandOfADeadEngineIsKilledBeforeTheNextActs) {
  // An engine of its own process, killed while its restart runs. The restart has left a child in
  // its group that outlives it.
  const pid_t engine = ::fork();
  if (engine == 0) {
    Releases releases =
        with(python("import os, time\n"
                    "child = os.fork()\n"
                    "if child: open('" +
                    directory_.path("child.new") +
                    "', 'w').write(str(child))\n"
                    "if child: os.rename('" +
                    directory_.path("child.new") + "', '" + directory_.path("child") +
                    "')\n"
                    "time.sleep(60)"));
    [[maybe_unused]] const auto never_back = releases.switch_to(to("v1", 1));
    ::_exit(1);
  }
  while (!directory_.has("child")) std::this_thread::yield();
  ::kill(engine, SIGKILL);
  ::waitpid(engine, nullptr, 0);
  const pid_t child = std::stoi(directory_.read("child"));
  ASSERT_EQ(::kill(child, 0), 0) << "the test needs a survivor";

  EXPECT_EQ(pointer().operation, 1U);
  EXPECT_FALSE(settled());
  must_switch(to("v2", 2));
  EXPECT_TRUE(is_gone_soon(child));
  EXPECT_EQ(pointer().version.text, "v2");
}

TEST_F(AfterSwitchTest, LeavesNoTimeForTheCommandIfVerifyingTookItAll) {
  Releases releases = with({.arguments = {"true"}});
  Switch change = to("v1", 1);
  change.limit = Duration(50);  // less than the grace
  EXPECT_EQ(releases.switch_to(change).error().code, Code::timeout);
  EXPECT_FALSE(settled());
}

}  // namespace
}  // namespace stepback::local
