// SPDX-License-Identifier: Apache-2.0
// Coverage in XML: Cobertura, as gcovr and coverage.py write it too, and Clover.
#include <fmt/core.h>

#include "base/text.hpp"
#include "reports/formats.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

Result<std::optional<std::uint64_t>> number_of(const Xml& element, std::string_view name) {
  const auto text = element.attribute(name);
  if (!text) return std::optional<std::uint64_t>();
  const auto number = whole_number(*text);
  if (!number) {
    return fail(Code::corrupt, fmt::format("{} of <{}> is no whole number: {}", name,
                                           element.name(), one_line(*text, 40)));
  }
  return number;
}

// What an element says of itself; none where it says half of it or nothing.
Result<std::optional<Measure>> measure_of(const Xml& element, std::string_view covered_name,
                                          std::string_view total_name) {
  const auto covered = TRY(number_of(element, covered_name));
  const auto total = TRY(number_of(element, total_name));
  if (!covered || !total) return std::optional<Measure>();
  if (*covered > *total) {
    return fail(Code::corrupt, fmt::format("{} {} is more than {} {}", covered_name, *covered,
                                           total_name, *total));
  }
  return std::optional(Measure{*covered, *total});
}

// "50% (1/2)": the counts in it.
std::optional<Measure> conditions_of(std::string_view text) {
  const auto open = text.find('(');
  const auto slash = text.find('/', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || slash == std::string_view::npos || text.back() != ')')
    return std::nullopt;
  const auto covered = whole_number(text.substr(open + 1, slash - open - 1));
  const auto total = whole_number(text.substr(slash + 1, text.size() - slash - 2));
  if (!covered || !total || *covered > *total) return std::nullopt;
  return Measure{*covered, *total};
}

struct Counted {
  Measure lines;
  Measure branches;
};

// The lines of classes; those of their methods are the same ones again.
Result<Counted> counted_lines(const Xml& root) {
  Counted counted;
  std::size_t in_methods = 0;  // the depth of <methods> that is being walked over; 0: none
  std::string problem;
  root.walk([&](const Xml& element, std::size_t depth) {
    if (in_methods != 0 && depth > in_methods) return;
    in_methods = element.name() == "methods" ? depth : 0;
    if (element.name() != "line") return;
    const auto hits = element.attribute_or("hits", "");
    if (hits.empty() || hits.find_first_not_of("0123456789") != std::string_view::npos) {
      problem = fmt::format("a line has no count of hits: {}", one_line(hits, 40));
      return;
    }
    ++counted.lines.total;
    if (hits.find_first_not_of('0') != std::string_view::npos) ++counted.lines.covered;
    if (const auto conditions = conditions_of(element.attribute_or("condition-coverage", ""))) {
      counted.branches.covered += conditions->covered;
      counted.branches.total += conditions->total;
    }
  });
  if (!problem.empty()) return fail(Code::corrupt, problem);
  return counted;
}

}  // namespace

Result<Report> read_cobertura(const Xml& root) {
  if (root.name() != "coverage")
    return fail(Code::invalid, fmt::format("its root is <{}>", one_line(root.name(), 60)));
  Report report;
  report.lines = TRY(measure_of(root, "lines-covered", "lines-valid"));
  report.branches = TRY(measure_of(root, "branches-covered", "branches-valid"));
  if (report.lines && report.branches) return report;
  const auto counted = TRY(counted_lines(root));
  if (!report.lines) report.lines = counted.lines;
  if (!report.branches) report.branches = counted.branches;
  return report;
}

// Statements stand for lines there.
Result<Report> read_clover(const Xml& root) {
  const auto project = root.child("project");
  if (root.name() != "coverage" || !project)
    return fail(Code::invalid, "it has no <coverage> with a <project>");
  const auto metrics = project->child("metrics");
  if (!metrics) return fail(Code::corrupt, "its project has no metrics");
  Report report;
  report.lines = TRY(measure_of(*metrics, "coveredstatements", "statements"));
  report.branches = TRY(measure_of(*metrics, "coveredconditionals", "conditionals"));
  if (!report.lines) return fail(Code::corrupt, "its project does not count statements");
  return report;
}

}  // namespace stepback::reports
