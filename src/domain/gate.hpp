// SPDX-License-Identifier: Apache-2.0
#pragma once

// Gate: what a report of tests, coverage or a scan means for a version. Readers in `reports` make a
// Report of what a tool wrote; judge_gate() says pass, fail or unreadable, and why. A report that
// cannot be understood is never green: it is the third result, and blocks like a failure. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/version.hpp"

namespace stepback {

enum class GateKind { tests, coverage, scan, cfn };
template <>
inline constexpr Names<GateKind, GateKind::cfn> names_of<GateKind>{"tests", "coverage", "scan",
                                                                   "cfn"};

enum class GateResult { pass, fail, unreadable };
template <>
inline constexpr Names<GateResult, GateResult::unreadable> names_of<GateResult>{"pass", "fail",
                                                                                "unreadable"};

// One scale for all tools. unknown: the tool named none; it counts like high, because a finding
// that nobody rated is not known to be harmless.
enum class Rating { none, low, medium, high, critical, unknown };
template <>
inline constexpr Names<Rating, Rating::unknown> names_of<Rating>{"none", "low",      "medium",
                                                                 "high", "critical", "unknown"};

// One thing that a tool found: a failed test case, a vulnerability, a broken rule.
struct Finding {
  std::string
      id;  // the case's name, the advisory (CVE before GHSA before the tool's own), the rule
  Rating rating = Rating::unknown;
  std::string text;   // for people, one line
  std::string where;  // file, package@version, resource
  std::optional<std::int64_t> line;
  std::string suppressed;  // why the report itself says that it does not count; empty: it counts

  bool operator==(const Finding&) const = default;
};

struct Measure {
  std::uint64_t covered = 0;
  std::uint64_t total = 0;  // 0: nothing was measured, which is not 100 %

  bool operator==(const Measure&) const = default;
};

// What one file says.
struct Report {
  std::string format;  // "junit", "cobertura", "sarif", ...
  std::vector<Finding> findings;
  std::uint64_t cases = 0;    // tests: run or skipped, counted one by one
  std::uint64_t skipped = 0;  // of those
  std::optional<Measure> lines;
  std::optional<Measure> branches;

  bool operator==(const Report&) const = default;
};

// A finding that people have looked at and let through for a while. Without an owner or a reason it
// lets nothing through.
struct Allowed {
  std::string id;
  std::string owner;
  std::string reason;
  Instant until;

  bool operator==(const Allowed&) const = default;
};

struct GateRules {
  std::int64_t coverage_basis_points = 8'000;  // hundredths of a percent: 80.00 %
  bool by_branches = false;                    // else by lines
  Rating counts_from = Rating::high;
  std::vector<Allowed> allowed;

  bool operator==(const GateRules&) const = default;
};

// The rating by which a finding counts.
constexpr Rating effective(Rating rating) {
  return rating == Rating::unknown ? Rating::high : rating;
}

std::string percent_text(std::int64_t basis_points);  // "80.00 %"

struct LetThrough {
  Finding finding;
  std::string why;  // below high; suppressed by the report; allowed until ... by ...

  bool operator==(const LetThrough&) const = default;
};

struct GateVerdict {
  GateKind kind = GateKind::tests;
  GateResult result = GateResult::unreadable;
  std::string why;  // one line: "2 of 143 cases failed", "79.99 % of lines, below 80.00 %"
  std::vector<Finding> counted;  // the worst first, each once
  std::vector<LetThrough> let_through;
  std::vector<std::string> notes;  // allowances that let nothing through any more, and why

  bool operator==(const GateVerdict&) const = default;
};

// A verdict as it stays with a version.
struct GateRecord {
  Version version;
  GateKind kind = GateKind::tests;
  GateResult result = GateResult::unreadable;
  std::string why;
  Instant at;
  std::vector<std::string> findings;  // ids of those that counted, at most 100
  std::string digest;                 // of what was read

  bool operator==(const GateRecord&) const = default;
};

// Tests and coverage judge a version as a whole; what a scan found another version may have too, so
// it is kept by its name.
GateRecord gate_record(const GateVerdict& verdict, Version version, std::string digest,
                       Instant now);
// The command that should have written the reports failed: so does the gate, whatever they say.
GateVerdict after_failed_command(GateVerdict verdict, const std::string& how);

// Who keeps a version out that a gate refused: the hold goes when the same gate passes.
std::string held_by_gate(GateKind kind);
std::string held_by_stage(std::string_view name);

// A file and what became of reading it.
struct ReadReport {
  std::string name;
  Result<Report> report = fail(Code::internal, "not read");
};

struct ReportsRead {
  std::vector<ReadReport> files;
  std::string digest;  // SHA-256 over all that was read: the same reports are the same fact
};

// No file at all, one that could not be read, one of another kind (a scan where tests are asked
// for), no test case or none that ran, nothing measured: unreadable. Of several files every one
// must be readable; their cases, lines and findings are taken together.
GateVerdict judge_gate(GateKind kind, std::span<const ReadReport> files, const GateRules& rules,
                       Instant now);

}  // namespace stepback
