// SPDX-License-Identifier: Apache-2.0
#include "reports/formats.hpp"
#include "reports/ratings.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

using json::Reader;

// The name that other tools use for it: a CVE before the advisory of an ecosystem.
Result<std::string> id_of(const Reader& match, std::string own) {
  if (own.starts_with("CVE-")) return own;
  for (const auto& related : TRY(match.optional_array("relatedVulnerabilities"))) {
    auto id = TRY(related.text_or("id", ""));
    if (id.starts_with("CVE-")) return id;
  }
  return own;
}

Result<std::string> reason_of(const Reader& match) {
  for (const auto& rule : TRY(match.optional_array("appliedIgnoreRules"))) {
    const auto reason = TRY(rule.text_or("reason", ""));
    if (!reason.empty()) return "ignored in the report: " + reason;
  }
  return std::string("ignored in the report");
}

Result<Finding> read_match(const Reader& match) {
  const auto vulnerability = TRY(match.object("vulnerability"));
  const auto artifact = TRY(match.object("artifact"));
  auto own_id = TRY(vulnerability.text("id"));
  Finding finding;
  finding.id = TRY(id_of(match, std::move(own_id)));
  finding.rating = rating_of(Format::grype, TRY(vulnerability.text_or("severity", "unknown")));
  finding.text = std::string(first_line(TRY(vulnerability.text_or("description", ""))));
  finding.where = joined(TRY(artifact.text("name")), "@", TRY(artifact.text_or("version", "")));
  if (const auto fix = TRY(vulnerability.optional_object("fix"))) {
    const auto versions = TRY(fix->optional_array("versions"));
    if (!versions.empty())
      finding.text = joined(finding.text, "; ", "fixed in " + TRY(versions.front().as_text()));
  }
  return finding;
}

}  // namespace

Result<Report> read_grype(const json::Value& document) {
  const Reader whole(document);
  FindingList findings;
  for (const auto& match : TRY(whole.array("matches"))) {
    auto finding = TRY(read_match(match));
    TRY(findings.add(std::move(finding)));
  }
  for (const auto& match : TRY(whole.optional_array("ignoredMatches"))) {
    auto finding = TRY(read_match(match));
    finding.suppressed = TRY(reason_of(match));
    TRY(findings.add(std::move(finding)));
  }
  Report report;
  report.findings = findings.take();
  return report;
}

}  // namespace stepback::reports
