// SPDX-License-Identifier: Apache-2.0
#include "engine/runs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/pretend_service.hpp"

namespace stepback {
namespace {

StagePlan stage(std::string name, StageKind kind = StageKind::command,
                const std::string& environment = "") {
  StagePlan plan{.name = std::move(name), .kind = kind};
  if (!environment.empty()) plan.environment = Environment{environment};
  if (kind == StageKind::command || kind == StageKind::tests) plan.command = {"make", plan.name};
  if (kind != StageKind::command && kind != StageKind::deploy && kind != StageKind::approval)
    plan.reports = {plan.name + ".xml"};
  if (kind == StageKind::deploy) plan.from = "out/{version}";
  plan.limit = kind == StageKind::approval ? hours(1) : minutes(2);
  return plan;
}

// The runbook's pipeline, each environment with a good version to go back to.
class RunsTest : public testing::Test {
 protected:
  RunsTest() {
    for (const auto* name : {"test", "staging", "production"})
      service.deployed(name, "1111111", days(2));
    service.settings.stages = {stage("build"),
                               stage("unit-tests", StageKind::tests),
                               stage("coverage", StageKind::coverage),
                               stage("scan", StageKind::scan),
                               stage("deploy-test", StageKind::deploy, "test"),
                               stage("integration-tests", StageKind::tests, "test"),
                               stage("deploy-staging", StageKind::deploy, "staging"),
                               stage("end-to-end-tests", StageKind::tests, "staging"),
                               stage("approval", StageKind::approval),
                               stage("deploy-production", StageKind::deploy, "production")};
    for (const auto* tests : {"unit-tests.xml", "integration-tests.xml", "end-to-end-tests.xml"})
      service.work.reports[tests] = Report{.format = "junit", .cases = 12};
    service.work.reports["coverage.xml"] =
        Report{.format = "cobertura", .lines = Measure{.covered = 80, .total = 100}};
    service.work.reports["scan.xml"] = Report{.format = "sarif"};
    service.on_wait = [this](int) { answer_if_asked(); };
  }

  void answer_if_asked() {
    const auto run = service.engine().runs.newest();
    if (!run || !run->approval || run->approval->approved || !answers) return;
    ASSERT_TRUE(service.engine().runs.answer({*answers, "bob", "looked at staging"}));
  }
  stepback::Run carry_out(const std::string& version = "2222222") {
    const auto run = service.engine().runs.carry_out(
        {.version = {version}, .by = "alice"},
        [](const stepback::Run&, std::string_view, std::string_view) {});
    EXPECT_TRUE(run) << run.error().message;
    EXPECT_TRUE(service.rest());
    return run.value_or(stepback::Run{});
  }
  std::string live(const std::string& environment) {
    return service.head(environment).live->version.text;
  }
  bool held(const std::string& environment, const std::string& version = "2222222") {
    return hold_on(service.head(environment), {version}, {}) != nullptr;
  }
  void fail_tests(const std::string& name) {
    service.work.reports[name + ".xml"] = Report{
        .format = "junit", .findings = {{.id = "Cart.Adds", .rating = Rating::high}}, .cases = 12};
  }

  cli::PretendService service;
  std::optional<bool> answers = true;
};

TEST_F(RunsTest, TakesAVersionThroughEveryStage) {
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::passed) << run.why;
  for (const auto* name : {"test", "staging", "production"}) EXPECT_EQ(live(name), "2222222");
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(RunsTest, TouchesNothingWhenTheBuildFailsAndKeepsTheVersionOut) {
  service.work.failing["build"] = "exit status 2";
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::failed);
  EXPECT_EQ(run.why.substr(0, 20), "build: exit status 2");
  for (const auto* name : {"test", "staging", "production"}) {
    EXPECT_EQ(live(name), "1111111");
    EXPECT_TRUE(held(name)) << name;
  }
  EXPECT_TRUE(service.rollbacks().empty());
  service.work.failing.clear();
  EXPECT_EQ(carry_out().state, RunState::passed) << "a build that was mended lets it in again";
}

TEST_F(RunsTest, TouchesNothingWhenUnitTestsFail) {
  fail_tests("unit-tests");
  EXPECT_EQ(carry_out().state, RunState::failed);
  EXPECT_TRUE(held("production"));
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(RunsTest, TouchesNothingWhenAReportCannotBeRead) {
  service.work.reports.erase("unit-tests.xml");
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::failed);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(RunsTest, StopsBelowTheCoverageThatIsAskedFor) {
  service.work.reports["coverage.xml"].lines = Measure{.covered = 7'999, .total = 10'000};
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::failed);
  EXPECT_NE(run.why.find("coverage"), std::string::npos) << run.why;
}

TEST_F(RunsTest, KeepsOutWhatAScanFinds) {
  service.work.reports["scan.xml"].findings = {
      {.id = "CVE-2021-44906", .rating = Rating::critical}};
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::failed);
  EXPECT_TRUE(held("test"));
  EXPECT_EQ(service.head("test").gates.back().findings, std::vector<std::string>{"CVE-2021-44906"});
}

TEST_F(RunsTest, TakesBackTestAloneWhenIntegrationTestsFail) {
  fail_tests("integration-tests");
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::failed);
  ASSERT_EQ(service.rollbacks().size(), 1U);
  EXPECT_EQ(service.rollbacks()[0].environment.name, "test");
  EXPECT_EQ(service.rollbacks()[0].level, Level::stage);
  EXPECT_EQ(live("test"), "1111111");
  EXPECT_EQ(run.stages[5].rollback, service.rollbacks()[0].id);
}

TEST_F(RunsTest, TakesBackStagingAloneWhenEndToEndTestsFail) {
  fail_tests("end-to-end-tests");
  carry_out();
  ASSERT_EQ(service.rollbacks().size(), 1U);
  EXPECT_EQ(service.rollbacks()[0].environment.name, "staging");
  EXPECT_EQ(live("staging"), "1111111");
  EXPECT_EQ(live("test"), "2222222");
}

TEST_F(RunsTest, RollsNothingBackWhenApprovalIsRefused) {
  answers = false;
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::rejected);
  EXPECT_TRUE(service.rollbacks().empty());
  EXPECT_EQ(live("staging"), "2222222");
  EXPECT_EQ(live("production"), "1111111");
  EXPECT_FALSE(held("production"));
}

TEST_F(RunsTest, RollsNothingBackWhenNobodyAnswers) {
  answers.reset();
  EXPECT_EQ(carry_out().state, RunState::expired);
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(RunsTest, EndsWhereItIsAskedToStop) {
  service.work.on_work = [this](const WorkOrder& order) {
    if (order.name != "integration-tests") return;
    EXPECT_TRUE(service.engine().runs.ask_to_stop("carol"));
  };
  const auto run = carry_out();
  EXPECT_EQ(run.state, RunState::stopped);
  EXPECT_EQ(run.stop_asked_by, "carol");
  EXPECT_EQ(live("test"), "2222222");
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(RunsTest, IsEndedByTheReconcilerWhenItsProcessDied) {
  service.work.on_work = [](const WorkOrder&) { throw std::runtime_error("killed"); };
  EXPECT_THROW((void)service.engine().runs.carry_out(
                   {.version = {"2222222"}, .by = "alice"},
                   [](const stepback::Run&, std::string_view, std::string_view) {}),
               std::runtime_error);
  ASSERT_TRUE(service.engine().reconciler.turn());
  EXPECT_EQ(service.engine().runs.newest()->state, RunState::running);
  service.world.dead.insert("test-process");
  ASSERT_TRUE(service.engine().reconciler.turn());
  const auto run = service.engine().runs.newest();
  EXPECT_EQ(run->state, RunState::failed);
  EXPECT_NE(run->why.find("died"), std::string::npos) << run->why;
}

}  // namespace
}  // namespace stepback
