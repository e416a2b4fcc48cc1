// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/reports/seeds.hpp"

namespace stepback {
namespace {

GateVerdict of(std::string_view bytes) { return judged(bytes, GateKind::tests); }

Report read(const std::string& name) {
  for (const auto& seed : seeds()) {
    if (seed.name == name) return read_report(seed.bytes, seed.kind).value_or(Report{});
  }
  ADD_FAILURE() << "no seed " << name;
  return {};
}

TEST(ReportsOfTests, CountEachCaseAndNameWhatFailed) {
  const auto gtest = read("junit/failing-gtest.xml");
  EXPECT_EQ(gtest.cases, 3U);
  EXPECT_EQ(gtest.skipped, 1U);
  ASSERT_EQ(gtest.findings.size(), 1U);
  EXPECT_EQ(gtest.findings[0].id, "Prices.RoundDown");
  EXPECT_EQ(gtest.findings[0].where, "prices_test.cpp");
  EXPECT_EQ(gtest.findings[0].line, 20);
  EXPECT_EQ(gtest.findings[0].text, "prices_test.cpp:21");
  const auto pytest = read("junit/failing-pytest.xml");
  EXPECT_EQ(pytest.cases, 4U);
  EXPECT_EQ(pytest.skipped, 1U);
  EXPECT_EQ(pytest.findings.size(), 2U);
  EXPECT_EQ(read("junit/failing-nested.xml").cases, 2U);
}

TEST(ReportsOfTests, SayHowManyOfHowManyFailed) {
  const auto verdict = of(R"(<testsuite><testcase classname="A" name="x"/><testcase classname="A"
      name="y"><failure message="no"/><error message="either"/></testcase></testsuite>)");
  EXPECT_EQ(verdict.result, GateResult::fail);
  EXPECT_EQ(verdict.why, "1 of 2 cases failed: A.y");
}

TEST(ReportsOfTests, LetThroughWhatPassedWhenItRanAgain) {
  const auto verdict = of(R"(<testsuite tests="1"><testcase name="x"><flakyFailure
      message="slow"/></testcase></testsuite>)");
  EXPECT_EQ(verdict.result, GateResult::pass);
  ASSERT_EQ(verdict.let_through.size(), 1U);
  EXPECT_EQ(verdict.let_through[0].why, "it passed when it ran again");
}

TEST(ReportsOfTests, FailWhereOnlyTheStatusSaysSo) {
  EXPECT_EQ(of(R"(<testsuite><testcase name="x" status="FAILED"/></testsuite>)").result,
            GateResult::fail);
  EXPECT_EQ(of(R"(<testsuite><testcase name="x" result="timeout"/></testsuite>)").result,
            GateResult::fail);
  EXPECT_EQ(of(R"(<testsuite><testcase name="x" status="passed"/></testsuite>)").result,
            GateResult::pass);
}

TEST(ReportsOfTests, FailWhenASuiteFellOverOutsideOfItsCases) {
  const auto verdict = of(R"(<testsuites><testsuite name="cart" errors="1"><testcase name="x"/>
      <error message="no connection"/></testsuite></testsuites>)");
  EXPECT_EQ(verdict.result, GateResult::fail);
  EXPECT_EQ(verdict.counted.at(0).id, "cart");
}

TEST(ReportsOfTests, AreUnreadableWhenTheyClaimWhatTheyDoNotHave) {
  EXPECT_EQ(of(R"(<testsuite name="s" tests="2"><testcase name="x"/></testsuite>)").why,
            "report: s says 2 tests and has 1 cases");
  EXPECT_EQ(of(R"(<testsuite name="s" failures="1"><testcase name="x"/></testsuite>)").why,
            "report: s says 1 failures that no case has");
  EXPECT_EQ(of(R"(<testsuite name="s" errors="1"><testcase name="x"/></testsuite>)").why,
            "report: s says 1 errors that no case has");
  EXPECT_EQ(of(R"(<testsuites><testsuite name="a" tests="1"/><testsuite name="b" tests="1">
      <testcase name="x"/></testsuite></testsuites>)")
                .result,
            GateResult::unreadable);
}

TEST(ReportsOfTests, AreUnreadableWithoutACaseThatRan) {
  EXPECT_EQ(of("<testsuites/>").why, "report: it has no test case");
  EXPECT_EQ(of(R"(<testsuite><testcase name="x"><skipped/></testcase></testsuite>)").why,
            "nothing was tested: 1 case skipped");
}

TEST(ReportsOfTests, MayCountAssertionsInTheFrameworkThatDoes) {
  EXPECT_EQ(of(R"(<testsuites><testsuite name="s" tests="9" failures="0" hostname="tbd">
      <testcase name="x"/></testsuite></testsuites>)")
                .result,
            GateResult::pass);
}

TEST(ReportsOfTests, TakeNothingOutsideOfASuiteOrInsideOfACaseForACase) {
  EXPECT_EQ(of("<html><testcase name='x'/></html>").result, GateResult::unreadable);
  EXPECT_EQ(of("<testsuite><testcase name='x'><testcase name='y'/></testcase></testsuite>").why,
            "1 case passed, 0 skipped");
}

}  // namespace
}  // namespace stepback
