// SPDX-License-Identifier: Apache-2.0
// Istanbul's summary, and its full report, from which the same is counted.
#include <fmt/core.h>

#include <map>

#include "reports/formats.hpp"

namespace stepback::reports {
namespace {

using json::Reader;

// "pct" is left alone: it is rounded, and "Unknown" where there is nothing.
Result<Measure> measure_of(const Reader& total, std::string_view what) {
  const auto counts = TRY(total.object(what));
  const auto all = TRY(counts.integer("total"));
  const auto covered = TRY(counts.integer("covered"));
  if (covered < 0 || covered > all)
    return fail(Code::corrupt, fmt::format("{}: {} of {} cannot be", what, covered, all));
  return Measure{static_cast<std::uint64_t>(covered), static_cast<std::uint64_t>(all)};
}

Result<Report> read_summary(const Reader& summary) {
  const auto total = TRY(summary.object("total"));
  Report report;
  report.lines = TRY(measure_of(total, "lines"));
  if (total.has("branches")) report.branches = TRY(measure_of(total, "branches"));
  return report;
}

void count(bool covered, Measure& into) {
  ++into.total;
  if (covered) ++into.covered;
}

// A line is covered when any statement that begins on it was reached.
Result<> count_lines(const Reader& file, Measure& into) {
  const auto statements = TRY(file.object("s"));
  std::map<std::int64_t, bool> lines;
  const auto places = TRY(file.object("statementMap"));
  for (const auto& [key, place] : TRY(places.members())) {
    const auto start = TRY(place.object("start"));
    const auto line = TRY(start.integer("line"));
    const auto hits = TRY(statements.number(key));
    auto& covered = lines[line];
    covered = covered || hits > 0;
  }
  for (const auto& [line, covered] : lines) count(covered, into);
  return {};
}

Result<> count_branches(const Reader& file, Measure& into) {
  const auto branches = TRY(file.object("b"));
  for (const auto& [key, taken] : TRY(branches.members())) {
    for (const auto& way : TRY(taken.as_array())) count(TRY(way.as_number()) > 0, into);
  }
  return {};
}

}  // namespace

Result<Report> read_istanbul(const json::Value& document) {
  const Reader whole(document);
  if (whole.has("total")) return read_summary(whole);
  Measure lines;
  Measure branches;
  for (const auto& [path, file] : TRY(whole.members())) {
    TRY(count_lines(file, lines));
    TRY(count_branches(file, branches));
  }
  Report report;
  report.lines = lines;
  report.branches = branches;
  return report;
}

}  // namespace stepback::reports
