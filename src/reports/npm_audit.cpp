// SPDX-License-Identifier: Apache-2.0
// npm's audit of version 2 (npm 7 and later), and of version 1 (npm 6, pnpm).
#include <fmt/core.h>

#include <set>
#include <utility>

#include "base/text.hpp"
#include "reports/formats.hpp"
#include "reports/ratings.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

using json::Reader;

// What npm prints when it could not ask: it looks like a report, and says nothing of packages.
Result<> must_have_asked(const Reader& whole) {
  if (whole.has("error")) {
    const auto& error = whole.value().get_object().at("error");
    std::string text = "npm could not ask its registry";
    if (error.is_object()) {
      const Reader details(error, "error");
      const auto code = TRY(details.text_or("code", ""));
      text = joined(text, ": ", TRY(details.text_or("summary", code)));
    }
    text = joined(text, ": ", TRY(whole.text_or("message", "")));
    return fail(Code::corrupt, one_line(text));
  }
  if (!whole.has("metadata"))
    return fail(Code::corrupt, "it has no metadata, so it is not a whole report");
  return {};
}

// How many packages it says to have found something in; none where it does not say.
Result<std::int64_t> claimed(const Reader& whole) {
  const auto metadata = TRY(whole.object("metadata"));
  const auto counts = TRY(metadata.optional_object("vulnerabilities"));
  if (!counts) return 0;
  if (counts->has("total")) return counts->integer("total");
  std::int64_t total = 0;
  for (const auto& [word, count] : TRY(counts->members())) total += TRY(count.as_integer());
  return total;
}

// "GHSA-…" at the end of the advisory's address; else the number that npm gives it.
Result<std::string> id_of(const Reader& advisory, std::string_view number) {
  const auto url = TRY(advisory.text_or("url", ""));
  const auto at = url.rfind("GHSA-");
  if (at != std::string::npos) return url.substr(at, url.find_first_of("/?#", at) - at);
  if (advisory.has(number)) return fmt::format("npm:{}", TRY(advisory.integer(number)));
  return std::string("an advisory without a number");
}

Result<Finding> read_advisory(const Reader& advisory) {
  const auto name = TRY(advisory.text_or("name", ""));
  Finding finding;
  finding.id = TRY(id_of(advisory, "source"));
  finding.rating = rating_of(Format::npm_audit, TRY(advisory.text_or("severity", "")));
  finding.text =
      joined(TRY(advisory.text_or("title", "")), "; ", TRY(advisory.text_or("range", "")));
  finding.where = name;
  return finding;
}

// A package is there for its own advisories, or for those of packages below it, by their names.
Result<> read_package(const Reader& packages, const std::string& name, const Reader& package,
                      FindingList& findings, std::set<std::pair<std::string, std::string>>& seen) {
  bool explained = false;
  for (const auto& via : TRY(package.array("via"))) {
    if (via.value().is_string()) {
      explained = explained || packages.has(TRY(via.as_text()));
      continue;
    }
    auto finding = TRY(read_advisory(via));
    explained = true;
    if (seen.insert({finding.id, finding.where}).second) TRY(findings.add(std::move(finding)));
  }
  if (explained) return {};
  const auto severity = TRY(package.text_or("severity", ""));
  return findings.add({.id = name,
                       .rating = rating_of(Format::npm_audit, severity),
                       .text = "vulnerable, for a reason that the report does not have",
                       .where = name});
}

Result<Report> read_version_2(const Reader& whole) {
  if (const auto version = TRY(whole.integer("auditReportVersion")); version != 2)
    return fail(Code::invalid, fmt::format("version {} of the report is not known", version));
  TRY(must_have_asked(whole));
  const auto packages = TRY(whole.object("vulnerabilities"));
  const auto members = TRY(packages.members());
  if (const auto total = TRY(claimed(whole)); std::cmp_greater(total, members.size())) {
    return fail(Code::corrupt,
                fmt::format("it says {} vulnerable packages and has {}", total, members.size()));
  }
  FindingList findings;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& [name, package] : members)
    TRY(read_package(packages, name, package, findings, seen));
  if (findings.empty() && !members.empty())
    return fail(Code::corrupt, "it names vulnerable packages and no advisory");
  Report report;
  report.findings = findings.take();
  return report;
}

Result<Finding> read_old_advisory(const Reader& advisory) {
  const auto name = TRY(advisory.text("module_name"));
  Finding finding;
  finding.id = TRY(advisory.text_or("github_advisory_id", ""));
  finding.rating = rating_of(Format::npm_audit, TRY(advisory.text_or("severity", "")));
  finding.text = TRY(advisory.text_or("title", ""));
  finding.where = name;
  for (const auto& cve : TRY(advisory.optional_array("cves"))) {
    finding.id = TRY(cve.as_text());
    break;
  }
  if (finding.id.empty()) finding.id = TRY(id_of(advisory, "id"));
  for (const auto& found : TRY(advisory.optional_array("findings"))) {
    finding.where = joined(name, "@", TRY(found.text_or("version", "")));
    break;
  }
  return finding;
}

Result<Report> read_version_1(const Reader& whole) {
  TRY(must_have_asked(whole));
  const auto advisories = TRY(whole.object("advisories"));
  FindingList findings;
  for (const auto& [number, advisory] : TRY(advisories.members())) {
    auto finding = TRY(read_old_advisory(advisory));
    TRY(findings.add(std::move(finding)));
  }
  if (findings.empty() && TRY(claimed(whole)) > 0)
    return fail(Code::corrupt, "it counts vulnerabilities and names no advisory");
  Report report;
  report.findings = findings.take();
  return report;
}

}  // namespace

Result<Report> read_npm_audit(const json::Value& document) {
  const Reader whole(document);
  if (whole.has("auditReportVersion")) return read_version_2(whole);
  if (whole.has("advisories")) return read_version_1(whole);
  TRY(must_have_asked(whole));
  return fail(Code::corrupt, "it has neither vulnerabilities nor advisories");
}

}  // namespace stepback::reports
