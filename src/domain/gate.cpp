// SPDX-License-Identifier: Apache-2.0
#include "domain/gate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace stepback {
namespace {

constexpr std::size_t most_findings_kept = 100;   // with a version
constexpr std::size_t named_in_a_line = 3;        // findings, in the verdict's one line
constexpr std::uint64_t most_lines = 1ULL << 32;  // keeps the arithmetic on counts exact

std::string counted_noun(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// What of a kind must be there for anything to be concluded from it; empty if it is.
std::string missing_in(const Report& report, GateKind kind, bool by_branches) {
  switch (kind) {
    case GateKind::tests: return report.cases == 0 ? "it has no test case" : "";
    case GateKind::coverage: {
      const auto& measure = by_branches ? report.branches : report.lines;
      const auto* const what = by_branches ? "branches" : "lines";
      if (!measure || measure->total == 0) return fmt::format("no {} were measured", what);
      const bool absurd = measure->covered > measure->total || measure->total > most_lines;
      return absurd ? fmt::format("{} of {} {} cannot be", measure->covered, measure->total, what)
                    : "";
    }
    case GateKind::scan:
    case GateKind::cfn: return "";
  }
  std::unreachable();
}

// Why nothing may be concluded from these files; empty if something may.
std::string unreadable_why(std::span<const ReadReport> files, const GateRules& rules,
                           const GateVerdict& verdict) {
  const auto kind = verdict.kind;
  if (files.empty()) return "there is no report";
  for (const auto& file : files) {
    const auto why = file.report ? missing_in(*file.report, kind, rules.by_branches)
                                 : file.report.error().message;
    if (!why.empty()) return fmt::format("{}: {}", file.name, why);
  }
  std::uint64_t cases = 0;
  std::uint64_t skipped = 0;
  for (const auto& file : files) {
    cases += file.report->cases;
    skipped += file.report->skipped;
  }
  if (kind == GateKind::tests && skipped >= cases && verdict.counted.empty())
    return fmt::format("nothing was tested: {} skipped", counted_noun(cases, "case"));
  return "";
}

// Sorts findings into those that count and those that are let through.
class Sorting {
 public:
  Sorting(const GateRules& rules, Rating counts_from, Instant now)
      : rules_(rules), counts_from_(counts_from), now_(now) {}

  void take(const Finding& finding) {
    if (!finding.suppressed.empty()) return let_through(finding, finding.suppressed);
    const auto rating = effective(finding.rating);
    if (rating < counts_from_) {
      return let_through(
          finding, fmt::format("{} is below {}", name_of(finding.rating), name_of(counts_from_)));
    }
    if (const auto* allowed = allowance(finding)) {
      return let_through(
          finding, fmt::format("allowed until {} by {}: {}", to_rfc3339_seconds(allowed->until),
                               allowed->owner, allowed->reason));
    }
    const auto [place, is_new] = places_.try_emplace({finding.id, finding.where}, counted_.size());
    if (is_new) {
      counted_.push_back(finding);
    } else if (auto& same = counted_[place->second]; effective(same.rating) < rating) {
      same = finding;
    }
  }

  void finish(GateVerdict& verdict) {
    std::ranges::stable_sort(counted_, [](const Finding& a, const Finding& b) {
      return std::tuple(effective(b.rating), std::string_view(a.id), std::string_view(a.where)) <
             std::tuple(effective(a.rating), std::string_view(b.id), std::string_view(b.where));
    });
    verdict.counted = std::move(counted_);
    verdict.let_through = std::move(let_through_);
    verdict.notes.assign(notes_.begin(), notes_.end());
  }

 private:
  void let_through(const Finding& finding, std::string why) {
    if (through_keys_.insert({finding.id, finding.where, why}).second)
      let_through_.push_back({finding, std::move(why)});
  }

  const Allowed* allowance(const Finding& finding) {
    for (const auto& each : rules_.allowed) {
      if (each.id != finding.id) continue;
      if (each.owner.empty() || each.reason.empty()) {
        notes_.insert(fmt::format("the allowance of {} has no owner or no reason", each.id));
      } else if (each.until <= now_) {
        notes_.insert(fmt::format("the allowance of {} by {} ended {}", each.id, each.owner,
                                  to_rfc3339_seconds(each.until)));
      } else {
        return &each;
      }
    }
    return nullptr;
  }

  const GateRules& rules_;
  Rating counts_from_;
  Instant now_;
  std::vector<Finding> counted_;
  std::vector<LetThrough> let_through_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;  // in counted_
  std::set<std::tuple<std::string, std::string, std::string>> through_keys_;
  std::set<std::string> notes_;
};

std::string names_of_worst(const std::vector<Finding>& counted) {
  std::string names;
  for (std::size_t i = 0; i < std::min(counted.size(), named_in_a_line); ++i)
    names += (i == 0 ? "" : ", ") + counted[i].id;
  const auto more = counted.size() - std::min(counted.size(), named_in_a_line);
  return more == 0 ? names : fmt::format("{} and {} more", names, more);
}

std::string let_through_text(const GateVerdict& verdict) {
  const auto count = verdict.let_through.size();
  return count == 0 ? "" : fmt::format("; {} let through", counted_noun(count, "finding"));
}

void judge_tests(std::span<const ReadReport> files, GateVerdict& verdict) {
  std::uint64_t cases = 0;
  std::uint64_t skipped = 0;
  for (const auto& file : files) {
    cases += file.report->cases;
    skipped += file.report->skipped;
  }
  if (!verdict.counted.empty()) {
    verdict.result = GateResult::fail;
    verdict.why = fmt::format("{} of {} failed: {}", verdict.counted.size(),
                              counted_noun(cases, "case"), names_of_worst(verdict.counted));
    return;
  }
  verdict.result = GateResult::pass;
  verdict.why = fmt::format("{} passed, {} skipped{}", counted_noun(cases - skipped, "case"),
                            skipped, let_through_text(verdict));
}

void judge_coverage(std::span<const ReadReport> files, const GateRules& rules,
                    GateVerdict& verdict) {
  Measure all;
  for (const auto& file : files) {
    const auto& measure = rules.by_branches ? file.report->branches : file.report->lines;
    all.covered += measure->covered;
    all.total += measure->total;
  }
  const auto wanted =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(rules.coverage_basis_points, 0, 100'000));
  const bool enough = all.covered * 10'000 >= wanted * all.total;
  // Rounded down, so that what is not enough never looks as if it were.
  const auto reached = static_cast<std::int64_t>(all.covered * 10'000 / all.total);
  verdict.result = enough ? GateResult::pass : GateResult::fail;
  verdict.why =
      fmt::format("{} of {} ({} of {}), {} {}", percent_text(reached),
                  rules.by_branches ? "branches" : "lines", all.covered, all.total,
                  enough ? "at least" : "below", percent_text(rules.coverage_basis_points));
}

void judge_findings(GateVerdict& verdict) {
  if (verdict.counted.empty()) {
    verdict.result = GateResult::pass;
    verdict.why = "no finding counts" + let_through_text(verdict);
    return;
  }
  verdict.result = GateResult::fail;
  std::string ratings;
  for (const auto rating : {Rating::critical, Rating::high, Rating::unknown, Rating::medium,
                            Rating::low, Rating::none}) {
    const auto count = std::ranges::count(verdict.counted, rating, &Finding::rating);
    if (count > 0)
      ratings += fmt::format("{}{} {}", ratings.empty() ? "" : ", ", count, name_of(rating));
  }
  verdict.why =
      fmt::format("{} counted ({}): {}{}", counted_noun(verdict.counted.size(), "finding"), ratings,
                  names_of_worst(verdict.counted), let_through_text(verdict));
}

}  // namespace

std::string percent_text(std::int64_t basis_points) {
  return fmt::format("{}.{:02} %", basis_points / 100, basis_points % 100);
}

GateVerdict judge_gate(GateKind kind, std::span<const ReadReport> files, const GateRules& rules,
                       Instant now) {
  GateVerdict verdict{.kind = kind};
  // Whatever fails a test case fails it, whatever a tool that writes ratings may call it.
  Sorting sorting(rules, kind == GateKind::tests ? Rating::none : effective(rules.counts_from),
                  now);
  for (const auto& file : files) {
    if (!file.report) continue;
    for (const auto& finding : file.report->findings) sorting.take(finding);
  }
  sorting.finish(verdict);
  verdict.why = unreadable_why(files, rules, verdict);
  if (!verdict.why.empty()) return verdict;
  switch (kind) {
    case GateKind::tests: judge_tests(files, verdict); break;
    case GateKind::coverage: judge_coverage(files, rules, verdict); break;
    case GateKind::scan:
    case GateKind::cfn: judge_findings(verdict); break;
  }
  return verdict;
}

GateRecord gate_record(const GateVerdict& verdict, Version version, std::string digest,
                       Instant now) {
  GateRecord record{.version = std::move(version), .kind = verdict.kind, .result = verdict.result};
  record.why = verdict.why;
  record.at = now;
  record.digest = std::move(digest);
  if (verdict.kind != GateKind::scan && verdict.kind != GateKind::cfn) return record;
  for (const auto& finding : verdict.counted) {
    if (record.findings.size() == most_findings_kept) break;
    if (std::ranges::find(record.findings, finding.id) == record.findings.end())
      record.findings.push_back(finding.id);
  }
  return record;
}

GateVerdict after_failed_command(GateVerdict verdict, const std::string& how) {
  if (verdict.result == GateResult::fail) return verdict;
  verdict.result = GateResult::fail;
  verdict.why = how + "; its report: " + verdict.why;
  return verdict;
}

std::string held_by_gate(GateKind kind) { return "gate " + std::string(name_of(kind)); }

std::string held_by_stage(std::string_view name) { return "stage " + std::string(name); }

}  // namespace stepback
