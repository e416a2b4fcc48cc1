// SPDX-License-Identifier: Apache-2.0
#include "domain/gate.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

constexpr Instant now{1'800'000'000'000};

GateVerdict judged(GateKind kind, std::vector<Report> reports, const GateRules& rules = {}) {
  std::vector<ReadReport> files;
  for (auto& report : reports)
    files.push_back({"r" + std::to_string(files.size()), std::move(report)});
  return judge_gate(kind, files, rules, now);
}

Report scan(std::vector<Finding> findings) { return {.findings = std::move(findings)}; }

TEST(Gate, IsUnreadableWithoutAReport) {
  EXPECT_EQ(judge_gate(GateKind::scan, {}, {}, now).result, GateResult::unreadable);
  EXPECT_EQ(judge_gate(GateKind::scan, {}, {}, now).why, "there is no report");
}

TEST(Gate, IsUnreadableWhenOneOfItsFilesIs) {
  const std::vector<ReadReport> files{{"a.json", scan({})},
                                      {"b.json", fail(Code::corrupt, "it is empty")}};
  const auto verdict = judge_gate(GateKind::scan, files, {}, now);
  EXPECT_EQ(verdict.result, GateResult::unreadable);
  EXPECT_EQ(verdict.why, "b.json: it is empty");
}

TEST(Gate, CountsWhatNobodyRatedLikeHigh) {
  EXPECT_EQ(judged(GateKind::scan, {scan({{.id = "X", .rating = Rating::unknown}})}).result,
            GateResult::fail);
  const GateRules critical_only{.counts_from = Rating::critical};
  EXPECT_EQ(judged(GateKind::scan, {scan({{.id = "X", .rating = Rating::unknown}})}, critical_only)
                .result,
            GateResult::pass);
}

TEST(Gate, CountsFromHighWhereItIsTurnedToWhatNobodyRated) {
  const GateRules rules{.counts_from = Rating::unknown};
  EXPECT_EQ(judged(GateKind::scan, {scan({{.id = "X", .rating = Rating::critical}})}, rules).result,
            GateResult::fail);
}

TEST(Gate, ListsTheWorstFirstAndEachOnce) {
  const auto verdict =
      judged(GateKind::scan, {scan({{.id = "B", .rating = Rating::high, .where = "p"},
                                    {.id = "C", .rating = Rating::critical, .where = "p"}}),
                              scan({{.id = "A", .rating = Rating::unknown, .where = "q"},
                                    {.id = "B", .rating = Rating::critical, .where = "p"},
                                    {.id = "B", .rating = Rating::high, .where = "other"}})});
  std::string order;
  for (const auto& each : verdict.counted) order += each.id + "@" + each.where + " ";
  EXPECT_EQ(order, "B@p C@p A@q B@other ");
}

TEST(Gate, LetsThroughWhatIsAllowedAndSaysByWhom) {
  const GateRules rules{.allowed = {{"X", "alice", "not reachable", now + days(1)}}};
  const auto verdict =
      judged(GateKind::scan, {scan({{.id = "X", .rating = Rating::critical}})}, rules);
  EXPECT_EQ(verdict.result, GateResult::pass);
  ASSERT_EQ(verdict.let_through.size(), 1U);
  EXPECT_EQ(verdict.let_through[0].why,
            "allowed until 2027-01-16T08:00:00Z by alice: not reachable");
  EXPECT_EQ(verdict.why, "no finding counts; 1 finding let through");
}

TEST(Gate, DoesNotLetThroughWhatWasAllowedUntilNow) {
  const GateRules rules{.allowed = {{"X", "alice", "not reachable", now}}};
  const auto verdict = judged(GateKind::scan, {scan({{.id = "X", .rating = Rating::high}})}, rules);
  EXPECT_EQ(verdict.result, GateResult::fail);
  ASSERT_EQ(verdict.notes.size(), 1U);
  EXPECT_EQ(verdict.notes[0], "the allowance of X by alice ended 2027-01-15T08:00:00Z");
}

TEST(Gate, DoesNotLetThroughWhatNobodyAnswersFor) {
  const GateRules rules{.allowed = {{"X", "", "because", now + days(1)}}};
  EXPECT_EQ(judged(GateKind::scan, {scan({{.id = "X", .rating = Rating::high}})}, rules).result,
            GateResult::fail);
}

TEST(Gate, FailsForAnyFailedCaseWhateverCountsInScans) {
  const Report report{.findings = {{.id = "A.x", .rating = Rating::low}}, .cases = 2};
  EXPECT_EQ(judged(GateKind::tests, {report}, {.counts_from = Rating::critical}).why,
            "1 of 2 cases failed: A.x");
}

TEST(Gate, TakesCoverageOfSeveralFilesTogether) {
  const Report low{.lines = Measure{1, 10}};
  const Report high{.lines = Measure{99, 115}};
  EXPECT_EQ(judged(GateKind::coverage, {low, high}).why,
            "80.00 % of lines (100 of 125), at least 80.00 %");
  EXPECT_EQ(judged(GateKind::coverage, {high, Report{.lines = Measure{0, 0}}}).result,
            GateResult::unreadable);
}

TEST(Gate, WantsNoMoreThanItWasTold) {
  const Report report{.lines = Measure{0, 5}};
  EXPECT_EQ(judged(GateKind::coverage, {report}, {.coverage_basis_points = 0}).result,
            GateResult::pass);
  EXPECT_EQ(judged(GateKind::coverage, {Report{.lines = Measure{5, 5}}},
                   {.coverage_basis_points = 10'000})
                .result,
            GateResult::pass);
  EXPECT_EQ(judged(GateKind::coverage, {Report{.lines = Measure{6, 5}}}).result,
            GateResult::unreadable);
}

}  // namespace
}  // namespace stepback
