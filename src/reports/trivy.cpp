// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "reports/formats.hpp"
#include "reports/ratings.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

using json::Reader;

Result<Rating> rating_in(const Reader& from) {
  return rating_of(Format::trivy, TRY(from.text_or("Severity", "unknown")));
}

Result<Finding> read_vulnerability(const Reader& from, const std::string&) {
  Finding finding;
  finding.id = TRY(from.text("VulnerabilityID"));
  finding.rating = TRY(rating_in(from));
  finding.text = TRY(from.text_or("Title", ""));
  finding.where =
      joined(TRY(from.text_or("PkgName", "")), "@", TRY(from.text_or("InstalledVersion", "")));
  const auto fixed = TRY(from.text_or("FixedVersion", ""));
  if (!fixed.empty()) finding.text = joined(finding.text, "; ", "fixed in " + fixed);
  if (TRY(from.text_or("Status", "")) == "not_affected")
    finding.suppressed = "not affected, says the report";
  return finding;
}

// Checks that were kept are listed beside those that were not.
Result<Finding> read_misconfiguration(const Reader& from, const std::string& target) {
  Finding finding;
  finding.id = TRY(from.text("ID"));
  finding.rating = TRY(rating_in(from));
  finding.text = TRY(from.text_or("Message", ""));
  finding.where = target;
  if (finding.text.empty()) finding.text = TRY(from.text_or("Title", ""));
  if (const auto cause = TRY(from.optional_object("CauseMetadata"))) {
    finding.where = joined(target, ":", TRY(cause->text_or("Resource", "")));
    const auto line = TRY(cause->integer_or("StartLine", 0));
    if (line > 0) finding.line = line;
  }
  if (TRY(from.text_or("Status", "FAIL")) == "EXCEPTION")
    finding.suppressed = "excepted in the report";
  return finding;
}

// What matched is not shown: it is a secret.
Result<Finding> read_secret(const Reader& from, const std::string& target) {
  Finding finding;
  finding.id = TRY(from.text("RuleID"));
  finding.rating = TRY(rating_in(from));
  finding.text = TRY(from.text_or("Title", ""));
  finding.where = target;
  finding.line = TRY(from.optional_integer("StartLine"));
  return finding;
}

Result<Finding> read_license(const Reader& from, const std::string& target) {
  const auto package = TRY(from.text_or("PkgName", ""));
  Finding finding;
  finding.id = "license " + TRY(from.text_or("Name", ""));
  finding.rating = TRY(rating_in(from));
  finding.text = TRY(from.text_or("Category", ""));
  finding.where = package.empty() ? target : package;
  return finding;
}

struct Part {
  std::string_view key;
  Result<Finding> (*read)(const Reader&, const std::string& target);
};
constexpr Part parts[] = {{"Vulnerabilities", read_vulnerability},
                          {"Misconfigurations", read_misconfiguration},
                          {"Secrets", read_secret},
                          {"Licenses", read_license}};

// What people told the tool to leave out, which it lists apart.
Result<> read_ignored(const Reader& from, FindingList& findings) {
  const auto inner = TRY(from.optional_object("Finding"));
  if (!inner) return {};
  auto id = TRY(inner->text_or("VulnerabilityID", ""));
  if (id.empty()) id = TRY(inner->text_or("ID", ""));
  Finding finding;
  finding.id = std::move(id);
  finding.rating = TRY(rating_in(*inner));
  finding.text = TRY(inner->text_or("Title", ""));
  finding.where = TRY(inner->text_or("PkgName", ""));
  finding.suppressed =
      joined(TRY(from.text_or("Status", "ignored")), ": ", TRY(from.text_or("Statement", "")));
  return findings.add(std::move(finding));
}

Result<> read_result(const Reader& result, FindingList& findings) {
  const auto target = TRY(result.text_or("Target", ""));
  for (const auto& [key, read] : parts) {
    for (const auto& each : TRY(result.optional_array(key))) {
      if (key == "Misconfigurations" && TRY(each.text_or("Status", "FAIL")) == "PASS") continue;
      auto finding = TRY(read(each, target));
      TRY(findings.add(std::move(finding)));
    }
  }
  for (const auto& each : TRY(result.optional_array("ExperimentalModifiedFindings")))
    TRY(read_ignored(each, findings));
  return {};
}

}  // namespace

// A scan that found nothing leaves its results out; it still says what it scanned.
Result<Report> read_trivy(const json::Value& document) {
  const Reader whole(document);
  if (const auto version = TRY(whole.integer("SchemaVersion")); version != 2) {
    return fail(Code::invalid,
                fmt::format("SchemaVersion {}: only version 2 is known here", version));
  }
  TRY(whole.text("ArtifactName"));
  FindingList findings;
  for (const auto& result : TRY(whole.optional_array("Results")))
    TRY(read_result(result, findings));
  Report report;
  report.findings = findings.take();
  return report;
}

}  // namespace stepback::reports
