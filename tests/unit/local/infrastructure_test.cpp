// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/infrastructure.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <optional>

#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

const Environment production{"production"};

// A repository with two versions: the file `kind` says "old" at the tag v1, and "new" after it.
class InfrastructureByCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_.make("repository");
    git({"init", "--quiet"});
    directory_.write("repository/kind", "old");
    git({"add", "kind"});
    commit("old");
    git({"tag", "v1"});
    directory_.write("repository/kind", "new");
    commit("new");
  }
  void git(std::vector<std::string> arguments) {
    Command command{.arguments = {"git", "-C", directory_.path("repository")},
                    .environment = {{"HOME", directory_.path()}}};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    const auto ended = run(command, system_);
    ASSERT_TRUE(ended && ended->succeeded()) << ended->output;
  }
  void commit(const std::string& message) {
    git({"-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-a", "-m", message});
  }
  static std::vector<std::string> script(const std::string& text,
                                         std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"/usr/bin/python3", "-S", "-c", text};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // Appends what `kind` says, and its arguments, to a file outside of the work tree.
  std::vector<std::string> noting() {
    return script(
        "import sys, os; open(sys.argv[1], 'a').write(' '.join([open('kind').read(), "
        "os.environ['STEPBACK_OPERATION']] + sys.argv[2:]) + '\\n')",
        {directory_.path("notes"), "{environment}", "{version}"});
  }
  InfrastructureCommand with(std::vector<std::string> run, std::vector<std::string> install = {}) {
    return InfrastructureCommand({directory_.path("state"),
                                  {{.environment = production,
                                    .repository = directory_.path("repository"),
                                    .install = std::move(install),
                                    .run = std::move(run)}}},
                                 system_);
  }
  static InfrastructureChange change(const std::string& key = "rb-1/production/1") {
    return {.environment = production,
            .infrastructure_version = "v1",
            .version = {"a1"},
            .operation = 4,
            .key = key,
            .limit = seconds(60)};
  }
  // Starts a command as a process that then died would have left it: recorded, and running.
  Child left_running(const std::string& key) {
    CommandRecord record(directory_.path("state/production.command"), system_);
    return record
        .begin({.arguments = script("import signal; signal.pause()"), .limit = seconds(60)}, 3, key)
        .value();
  }

  SystemClock system_;
  TemporaryDirectory directory_;
};

TEST_F(InfrastructureByCommand, RunsInAWorkTreeOfThatVersion) {
  auto infrastructure = with(noting());
  EXPECT_TRUE(infrastructure.configured());
  EXPECT_EQ(infrastructure.look(change())->progress, Progress::not_started);
  const auto report = infrastructure.revert(change());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::done);
  EXPECT_EQ(directory_.read("notes"), "old 4 production a1\n");
  EXPECT_EQ(directory_.read("repository/kind"), "new") << "the repository itself stays as it is";
  EXPECT_FALSE(directory_.has("state/production.tree"));
  EXPECT_EQ(infrastructure.look(change())->progress, Progress::done);
}

TEST_F(InfrastructureByCommand, IsDoneOnceForOneKey) {
  auto infrastructure = with(noting());
  ASSERT_TRUE(infrastructure.revert(change()));
  ASSERT_TRUE(infrastructure.revert(change()));
  EXPECT_EQ(directory_.read("notes"), "old 4 production a1\n");
  ASSERT_TRUE(infrastructure.revert(change("another")));
  EXPECT_EQ(directory_.read("notes"), "old 4 production a1\nold 4 production a1\n");
  EXPECT_EQ(infrastructure.look(change())->progress, Progress::not_started);
}

TEST_F(InfrastructureByCommand, InstallsBeforeItRuns) {
  auto infrastructure = with(script("assert open('installed').read() == 'yes'"),
                             script("open('installed', 'w').write('yes')"));
  const auto report = infrastructure.revert(change());
  EXPECT_TRUE(report) << report.error().message;
}

TEST_F(InfrastructureByCommand, TellsWhatACommandThatFailedSaid) {
  auto infrastructure = with(script("import sys; sys.exit('the stack is locked')"));
  const auto report = infrastructure.revert(change());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::invalid);
  EXPECT_TRUE(report.error().message.contains("the stack is locked")) << report.error().message;
  EXPECT_FALSE(directory_.has("state/production.tree"));
  const auto seen = infrastructure.look(change());
  EXPECT_EQ(seen->progress, Progress::not_started);
  EXPECT_TRUE(seen->detail.contains("the stack is locked")) << seen->detail;
}

TEST_F(InfrastructureByCommand, DoesNotRunWhatWasNotInstalled) {
  auto infrastructure = with(noting(), {"/bin/false"});
  EXPECT_FALSE(infrastructure.revert(change()));
  EXPECT_FALSE(directory_.has("notes"));
}

TEST_F(InfrastructureByCommand, IsKilledAtTheDeadline) {
  auto infrastructure = with(script("import signal; signal.pause()"));
  InfrastructureChange hurried = change();
  hurried.limit = Duration(1500);
  const auto report = infrastructure.revert(hurried);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::timeout) << report.error().message;
  EXPECT_EQ(infrastructure.look(hurried)->progress, Progress::not_started);
}

TEST_F(InfrastructureByCommand, RefusesAVersionThatIsNoPlainName) {
  auto infrastructure = with(noting());
  for (const auto* version : {"", "--upload-pack=x", "../v1", "v1 v2", "v1..v2", "a/b"}) {
    InfrastructureChange wrong = change();
    wrong.infrastructure_version = version;
    EXPECT_EQ(infrastructure.revert(wrong).error().code, Code::invalid) << version;
  }
  InfrastructureChange unknown = change();
  unknown.infrastructure_version = "v404";
  EXPECT_TRUE(infrastructure.revert(unknown).error().message.contains("git worktree add"));
  EXPECT_FALSE(directory_.has("notes"));
}

TEST_F(InfrastructureByCommand, RefusesAnEnvironmentWithoutACommand) {
  InfrastructureCommand none({directory_.path("state"), {}}, system_);
  EXPECT_FALSE(none.configured());
  const auto report = none.revert(change());
  EXPECT_EQ(report.error().code, Code::invalid);
  EXPECT_EQ(report.error().message,
            "no command is configured to revert the infrastructure of production");
}

TEST_F(InfrastructureByCommand, WaitsForAnEarlierOneThatOutlivedItsEngine) {
  auto infrastructure = with(noting());
  directory_.make("state");
  directory_.write("state/production.json",
                   R"({"schema":"stepback/v1/infrastructure-run","key":"earlier",)"
                   R"("progress":"started","detail":"","deadline":)" +
                       std::to_string((system_.steady() + minutes(1)).count()) + "}");
  std::optional<Child> earlier = left_running("earlier");
  EXPECT_EQ(infrastructure.look(change("earlier"))->progress, Progress::under_way);
  EXPECT_EQ(infrastructure.look(change())->progress, Progress::under_way);
  const auto refused = infrastructure.revert(change());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_FALSE(directory_.has("notes"));

  earlier.reset();  // it has ended
  EXPECT_EQ(infrastructure.look(change("earlier"))->detail,
            "it was cut short: nobody saw how the command ended");
  EXPECT_TRUE(infrastructure.revert(change()));
  EXPECT_EQ(directory_.read("notes"), "old 4 production a1\n");
}

TEST_F(InfrastructureByCommand, IsUnderWayWhileAnotherHoldsItsLock) {
  auto infrastructure = with(noting());
  directory_.make("state");
  const auto lock = FileLock::take(directory_.path("state/production.lock"));
  EXPECT_EQ(infrastructure.look(change())->progress, Progress::under_way);
  EXPECT_EQ(infrastructure.revert(change()).error().code, Code::unavailable);
}

TEST_F(InfrastructureByCommand, ClearsTheWorkTreeThatACrashHasLeft) {
  auto infrastructure = with(noting());
  directory_.make("state");
  git({"worktree", "add", "--quiet", "--detach", directory_.path("state/production.tree"), "HEAD"});
  const auto report = infrastructure.revert(change());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(directory_.read("notes"), "old 4 production a1\n");
}

}  // namespace
}  // namespace stepback::local
