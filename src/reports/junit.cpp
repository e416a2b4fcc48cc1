// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "reports/formats.hpp"
#include "reports/read.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

// What dialects write into `status` and `result` of a case that has no element to say so.
constexpr std::array<std::string_view, 8> failing_words{"fail",   "failed",  "failure", "error",
                                                        "broken", "crashed", "timeout", "aborted"};
constexpr std::array<std::string_view, 6> skipping_words{"skipped", "notrun",  "disabled",
                                                         "ignored", "pending", "suppressed"};

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::ranges::find(words, in_small_letters(word)) != words.end();
}

bool is_suite(const Xml& element) {
  return element.name() == "testsuite" || element.name() == "testsuites";
}

// A suite while its elements are walked over: what it claims of itself, and what was counted.
struct Suite {
  std::size_t depth = 0;
  std::string name;
  std::string file;
  std::uint64_t claimed_tests = 0;
  std::uint64_t claimed_failures = 0;
  std::uint64_t claimed_errors = 0;
  std::uint64_t cases = 0;
  std::uint64_t failed = 0;   // for a failure or an error
  std::uint64_t errored = 0;  // of those, for an error
};

struct CaseEnd {
  enum { passed, skipped, failed } how = passed;
  bool by_error = false;
  bool at_last = false;  // it failed, ran again and passed
  std::string text;
};

std::string text_of(const Xml& problem) {
  const auto message = problem.attribute_or("message", "");
  return std::string(first_line(message.empty() ? problem.text() : message));
}

CaseEnd end_of(const Xml& test_case) {
  CaseEnd end;
  for (const auto& child : test_case.children()) {
    const auto name = child.name();
    const bool error = name == "error" || name == "rerunError";
    if (error || name == "failure" || name == "rerunFailure") {
      if (end.how != CaseEnd::failed) end.text = text_of(child);
      end.how = CaseEnd::failed;
      end.by_error = end.by_error || error;
    } else if (name == "flakyFailure" || name == "flakyError") {
      end.at_last = true;
      if (end.text.empty()) end.text = text_of(child);
    } else if ((name == "skipped" || name == "disabled") && end.how == CaseEnd::passed) {
      end.how = CaseEnd::skipped;
    }
  }
  if (end.how == CaseEnd::failed) return end;
  for (const auto* const name : {"status", "result"}) {
    const auto word = test_case.attribute_or(name, "");
    if (is_one_of(word, failing_words)) {
      end.how = CaseEnd::failed;
      end.text = fmt::format("{}: {}", name, one_line(word, 40));
    } else if (is_one_of(word, skipping_words) && end.how == CaseEnd::passed) {
      end.how = CaseEnd::skipped;
    }
  }
  return end;
}

class Counter {
 public:
  Result<Report> count(const Xml& root) {
    if (!is_suite(root)) {
      return fail(Code::invalid,
                  fmt::format("its root is <{}>, no test suite", one_line(root.name(), 60)));
    }
    enter(root, 0);
    root.walk([this](const Xml& element, std::size_t depth) {
      if (problem_) visit(element, depth);
    });
    leave_to(0);
    TRY(problem_);
    report_.findings = findings_.take();
    return std::move(report_);
  }

 private:
  void visit(const Xml& element, std::size_t depth) {
    leave_to(depth);
    if (case_depth_ != 0 && depth > case_depth_) return;  // what a case says of itself
    case_depth_ = 0;
    if (is_suite(element)) {
      enter(element, depth);
    } else if (element.name() == "testcase") {
      case_depth_ = depth;
      take_case(element);
    } else if ((element.name() == "error" || element.name() == "failure") &&
               depth == suites_.back().depth + 1) {
      // It fell over outside of any case.
      ++suites_.back().failed;
      ++suites_.back().errored;
      add({.id = suites_.back().name, .rating = Rating::high, .text = text_of(element)});
    }
  }

  void enter(const Xml& element, std::size_t depth) {
    Suite suite{.depth = depth,
                .name = std::string(element.attribute_or("name", "")),
                .file = std::string(element.attribute_or("file", ""))};
    // This one framework counts assertions where all others count cases.
    if (element.attribute_or("hostname", "") != "tbd") {
      suite.claimed_tests = whole_number(element.attribute_or("tests", "")).value_or(0);
      suite.claimed_failures = whole_number(element.attribute_or("failures", "")).value_or(0);
      suite.claimed_errors = whole_number(element.attribute_or("errors", "")).value_or(0);
    } else {
      counts_assertions_ = true;
    }
    suites_.push_back(std::move(suite));
  }

  // Leaves the suites that an element of this depth is not in.
  void leave_to(std::size_t depth) {
    while (!suites_.empty() && suites_.back().depth >= depth) {
      const Suite suite = std::move(suites_.back());
      suites_.pop_back();
      check(suite);
      if (suites_.empty()) return;
      suites_.back().cases += suite.cases;
      suites_.back().failed += suite.failed;
      suites_.back().errored += suite.errored;
    }
  }

  // A report that was cut off and mended, or whose program fell over in the middle.
  void check(const Suite& suite) {
    if (counts_assertions_) return;
    const auto name = one_line(suite.name.empty() ? "the report" : suite.name, 80);
    if (suite.claimed_tests > suite.cases) {
      refuse(
          fmt::format("{} says {} tests and has {} cases", name, suite.claimed_tests, suite.cases));
    } else if (suite.claimed_failures > 0 && suite.failed == 0) {
      refuse(fmt::format("{} says {} failures that no case has", name, suite.claimed_failures));
    } else if (suite.claimed_errors > suite.errored &&
               suite.claimed_failures + suite.claimed_errors > suite.failed) {
      refuse(fmt::format("{} says {} errors that no case has", name, suite.claimed_errors));
    }
  }

  void take_case(const Xml& element) {
    if (++report_.cases > most_findings)
      return refuse(fmt::format("it has more than {} cases", most_findings), Code::invalid);
    auto end = end_of(element);
    Suite& suite = suites_.back();
    ++suite.cases;
    const bool failed = end.how == CaseEnd::failed;
    if (end.how == CaseEnd::skipped) ++report_.skipped;
    if (!failed && !end.at_last) return;
    ++suite.failed;
    if (end.by_error || end.at_last) ++suite.errored;
    const auto file = element.attribute_or("file", suite.file);
    Finding finding{
        .id = joined(element.attribute_or("classname", ""), ".", element.attribute_or("name", "")),
        .rating = Rating::high,
        .text = std::move(end.text),
        .where = std::string(file.empty() ? suite.name : file)};
    const auto line = whole_number(element.attribute_or("line", ""));
    if (line && !file.empty()) finding.line = static_cast<std::int64_t>(*line);
    if (!failed) finding.suppressed = "it passed when it ran again";
    add(std::move(finding));
  }

  void add(Finding finding) {
    if (auto added = findings_.add(std::move(finding)); !added) problem_ = std::move(added);
  }
  void refuse(std::string why, Code code = Code::corrupt) {
    if (problem_) problem_ = fail(code, std::move(why));
  }

  Report report_;
  FindingList findings_;
  std::vector<Suite> suites_;
  std::size_t case_depth_ = 0;  // of the case that is being walked over; 0: none
  bool counts_assertions_ = false;
  Result<> problem_;
};

}  // namespace

Result<Report> read_junit(const Xml& root) { return Counter().count(root); }

}  // namespace stepback::reports
