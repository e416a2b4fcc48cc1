// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tools write of tests, coverage, scans and templates, as Reports: one reader for each format,
// found by the content unless it is named. Nothing in a report is believed: its size, depth and
// count are limited, cases are counted one by one, and one that was cut off is an error and never a
// smaller report. Called by the command `gate` and the pipeline on this machine. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/names.hpp"
#include "base/result.hpp"
#include "domain/gate.hpp"

namespace stepback {

enum class Format {
  junit,
  cobertura,
  lcov,
  istanbul,
  clover,
  sarif,
  trivy,
  grype,
  npm_audit,
  cfn_lint,
  cfn_guard
};
template <>
inline constexpr Names<Format, Format::cfn_guard> names_of<Format>{
    "junit", "cobertura", "lcov",      "istanbul", "clover",   "sarif",
    "trivy", "grype",     "npm-audit", "cfn-lint", "cfn-guard"};

inline constexpr std::size_t largest_report = std::size_t{32} * 1024 * 1024;
inline constexpr std::size_t deepest_report = 64;
inline constexpr std::size_t most_findings = 200'000;  // and as many test cases

// Whether a gate of that kind reads that format.
bool is_for(Format format, GateKind kind);

// corrupt: cut off, or it contradicts itself. invalid: of another kind, unknown, or too large.
Result<Report> read_report(std::string_view bytes, GateKind kind,
                           std::optional<Format> forced = std::nullopt);

// Several files as one answer: each with what became of reading it, and one digest over all that
// was read, so that the same reports are known again. A file that is missing says as little of a
// version as one that is damaged.
class ReportsTogether {
 public:
  explicit ReportsTogether(GateKind kind, std::optional<Format> forced = std::nullopt)
      : kind_(kind), forced_(forced) {}

  void add(const std::string& name, const Result<std::string>& bytes);
  ReportsRead take();  // and begins anew

 private:
  GateKind kind_;
  std::optional<Format> forced_;
  ReportsRead read_;
  Sha256 digest_;
};

}  // namespace stepback
