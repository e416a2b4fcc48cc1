// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "reports/ratings.hpp"
#include "unit/reports/seeds.hpp"

namespace stepback {
namespace {

GateVerdict verdict_of(const std::string& name) {
  for (const auto& seed : seeds()) {
    if (seed.name == name) return judged(seed.bytes, seed.kind);
  }
  ADD_FAILURE() << "no seed " << name;
  return {};
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> found;
  for (const auto& each : findings) found.push_back(each.id);
  return found;
}

using Names = std::vector<std::string>;

TEST(Scans, ByTrivyCountVulnerabilitiesMisconfigurationsAndSecrets) {
  const auto verdict = verdict_of("trivy/failing.json");
  EXPECT_EQ(ids(verdict.counted),
            (Names{"CVE-2030-0001", "AVD-AWS-0001", "CVE-2030-0002", "private-key"}));
  EXPECT_EQ(verdict.counted[0].where, "left@1.0.0");
  EXPECT_EQ(verdict.counted[0].text, "left: a hole; fixed in 1.0.1");
  EXPECT_EQ(verdict.counted[1].where, "template.yaml:Bucket");
  EXPECT_EQ(verdict.counted[1].line, 4);
  ASSERT_EQ(verdict.let_through.size(), 2U);
  EXPECT_EQ(verdict.let_through[0].why, "medium is below high");
  EXPECT_EQ(verdict.let_through[1].why, "ignored: not reachable");
  EXPECT_EQ(verdict.why,
            "4 findings counted (1 critical, 2 high, 1 unknown): CVE-2030-0001, AVD-AWS-0001, "
            "CVE-2030-0002 and 1 more; 2 findings let through");
}

TEST(Scans, ByGrypeAreNamedByTheirCve) {
  const auto verdict = verdict_of("grype/failing.json");
  EXPECT_EQ(ids(verdict.counted), Names{"CVE-2030-0001"});
  EXPECT_EQ(verdict.let_through.size(), 2U);
}

TEST(Scans, InSarifAreRatedByScoreAndElseByLevel) {
  const auto verdict = verdict_of("sarif/failing-score.json");
  ASSERT_EQ(ids(verdict.counted), Names{"CVE-2030-0001"});
  EXPECT_EQ(verdict.counted[0].rating, Rating::critical);
  EXPECT_EQ(verdict.counted[0].where, "package-lock.json");
  EXPECT_EQ(verdict.counted[0].line, 7);
  EXPECT_EQ(verdict.counted[0].text, "library 1.0 has a hole");
  ASSERT_EQ(verdict.let_through.size(), 2U);
  EXPECT_EQ(verdict.let_through[1].why, "suppressed in the report: not for security");
}

TEST(Scans, ByNpmCountEachAdvisoryOnce) {
  const auto verdict = verdict_of("npm-audit/failing.json");
  EXPECT_EQ(ids(verdict.counted), Names{"GHSA-aaaa-bbbb-cccc"});
  EXPECT_EQ(ids(verdict_of("npm-audit/failing-version-1.json").counted), Names{"CVE-2030-0001"});
  EXPECT_EQ(verdict_of("npm-audit/unreadable-offline.json").why,
            "report: npm could not ask its registry: request to "
            "https://registry.example/-/npm/v1/security/audits/quick failed");
}

TEST(Scans, ByNpmKeepAPackageWhoseReasonIsMissing) {
  const auto verdict = judged(R"({"auditReportVersion": 2, "vulnerabilities": {"left": {"name":
      "left", "severity": "critical", "via": ["gone"]}}, "metadata": {}})",
                              GateKind::scan);
  EXPECT_EQ(ids(verdict.counted), Names{"left"});
}

TEST(Templates, AreCountedByTheRuleThatTheyBreak) {
  EXPECT_EQ(ids(verdict_of("cfn-lint/failing.json").counted), Names{"E3039"});
  EXPECT_EQ(ids(verdict_of("cfn-lint/failing-parse.json").counted), Names{"E0000"});
  const auto guard = verdict_of("cfn-guard/failing.json");
  ASSERT_EQ(ids(guard.counted), Names{"BUCKET_HAS_LOGS"});
  EXPECT_EQ(guard.counted[0].text, "A bucket needs logs.");
  EXPECT_EQ(ids(verdict_of("cfn-guard/failing-older.json").counted), Names{"bucket_has_logs"});
}

TEST(Ratings, FollowTheBandsOfScores) {
  using reports::rating_of_score;
  EXPECT_EQ(rating_of_score("9.0"), Rating::critical);
  EXPECT_EQ(rating_of_score("8.9"), Rating::high);
  EXPECT_EQ(rating_of_score("7.0"), Rating::high);
  EXPECT_EQ(rating_of_score("6.9"), Rating::medium);
  EXPECT_EQ(rating_of_score("3.9"), Rating::low);
  EXPECT_EQ(rating_of_score("0.0"), Rating::none);
  for (const auto* const none : {"", "high", "11", "-1", "nan", "9.8x"})
    EXPECT_EQ(rating_of_score(none), Rating::unknown) << none;
}

TEST(Ratings, OfWordsThatNobodyKnowsAreUnknown) {
  EXPECT_EQ(reports::rating_of(Format::npm_audit, "Moderate"), Rating::medium);
  EXPECT_EQ(reports::rating_of(Format::trivy, "catastrophic"), Rating::unknown);
  EXPECT_EQ(reports::rating_of(Format::sarif, "critical"), Rating::unknown);
}

TEST(Coverage, IsComparedByCountsAndNotByRoundedShares) {
  const auto at = [](const std::string& covered) {
    return judged("<coverage lines-covered='" + covered + "' lines-valid='1000000'/>",
                  GateKind::coverage);
  };
  EXPECT_EQ(at("799999").result, GateResult::fail);
  EXPECT_EQ(at("799999").why, "79.99 % of lines (799999 of 1000000), below 80.00 %");
  EXPECT_EQ(at("800000").why, "80.00 % of lines (800000 of 1000000), at least 80.00 %");
  EXPECT_EQ(at("1000001").result, GateResult::unreadable);
}

TEST(Coverage, OfBranchesIsReadWhereItIsAskedFor) {
  const GateRules rules{.coverage_basis_points = 5'000, .by_branches = true};
  for (const auto& seed : seeds()) {
    if (seed.name != "lcov/failing-sums.info" && seed.name != "cobertura/failing-lines.xml" &&
        seed.name != "clover/failing.xml" && seed.name != "istanbul/failing-full.json")
      continue;
    EXPECT_EQ(judged(seed.bytes, seed.kind, {}, rules).why,
              "50.00 % of branches (1 of 2), at least 50.00 %")
        << seed.name;
  }
  EXPECT_EQ(
      judged("<coverage lines-covered='1' lines-valid='1'/>", GateKind::coverage, {}, rules).why,
      "report: no branches were measured");
}

TEST(Coverage, OfOneFileTwiceIsNotAddedUp) {
  const std::string record = "SF:a.c\nDA:1,1\nend_of_record\n";
  EXPECT_NE(judged(record + record, GateKind::coverage).why.find("a second time"),
            std::string::npos);
}

}  // namespace
}  // namespace stepback
