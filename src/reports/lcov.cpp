// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <set>

#include "base/text.hpp"
#include "reports/formats.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

// One file of the source, from SF to end_of_record.
struct Record {
  Measure counted_lines;
  Measure counted_branches;
  std::optional<std::uint64_t> lines_found, lines_hit, branches_found, branches_hit;
};

class Tracefile {
 public:
  Result<Report> read(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      ++line_;
      // Every line is ended, also the last.
      if (end == std::string_view::npos && text != "end_of_record") return wrong("is cut off");
      auto line = text.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      TRY(take(line));
      text = end == std::string_view::npos ? "" : text.substr(end + 1);
    }
    if (record_) return fail(Code::corrupt, "it ends too early: the last record has no end");
    Report report;
    report.lines = lines_;
    report.branches = branches_;
    return report;
  }

 private:
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(Code::corrupt, fmt::format("line {} {}", line_, what));
  }

  Result<> take(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return {};
    if (line == "end_of_record") return finish();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return wrong("is of no kind that is known");
    const auto key = line.substr(0, colon);
    const auto value = line.substr(colon + 1);
    if (key == "TN") return {};
    if (key == "SF") return begin(value);
    if (!record_) return wrong("stands outside of a record");
    return take_count(key, value);
  }

  Result<> begin(std::string_view file) {
    if (record_) return wrong("begins a record in another");
    if (!files_.emplace(file).second) {
      return wrong(
          fmt::format("names {} a second time: merge the files first, or give each by a "
                      "--report of its own",
                      one_line(file, 120)));
    }
    record_.emplace();
    return {};
  }

  Result<> take_count(std::string_view key, std::string_view value) {
    if (key == "DA") return count(value, 1, record_->counted_lines);
    if (key == "BRDA") return count(value, 3, record_->counted_branches);
    auto* const total = key == "LF"    ? &record_->lines_found
                        : key == "LH"  ? &record_->lines_hit
                        : key == "BRF" ? &record_->branches_found
                        : key == "BRH" ? &record_->branches_hit
                                       : nullptr;
    if (total == nullptr) return {};  // functions, checksums, and what later versions may add
    *total = whole_number(value);
    return *total ? Result<>() : wrong("has no whole number");
  }

  // "LINE,HITS[,CHECKSUM]" and "LINE,BLOCK,BRANCH,TAKEN", where "-" says that it was never reached.
  Result<> count(std::string_view value, std::size_t before, Measure& into) const {
    for (std::size_t i = 0; i < before; ++i) {
      const auto comma = value.find(',');
      if (comma == std::string_view::npos) return wrong("is cut off");
      value.remove_prefix(comma + 1);
    }
    const auto hits = value.substr(0, value.find(','));
    if (hits.empty() || (hits != "-" && hits.find_first_not_of("0123456789") != hits.npos))
      return wrong("has no count");
    ++into.total;
    if (hits != "-" && hits.find_first_not_of('0') != hits.npos) ++into.covered;
    return {};
  }

  // What it says in sum, where it does, and else what was counted.
  Result<> add(Measure counted, std::optional<std::uint64_t> found,
               std::optional<std::uint64_t> hit, Measure& into) const {
    if (found && hit) {
      if (*hit > *found || *found < counted.total)
        return wrong("ends a record whose sums cannot be");
      counted = {*hit, *found};
    }
    into.covered += counted.covered;
    into.total += counted.total;
    return {};
  }

  Result<> finish() {
    if (!record_) return wrong("ends a record that did not begin");
    TRY(add(record_->counted_lines, record_->lines_found, record_->lines_hit, lines_));
    TRY(add(record_->counted_branches, record_->branches_found, record_->branches_hit, branches_));
    record_.reset();
    return {};
  }

  std::size_t line_ = 0;
  std::optional<Record> record_;
  std::set<std::string, std::less<>> files_;
  Measure lines_;
  Measure branches_;
};

}  // namespace

Result<Report> read_lcov(std::string_view text) { return Tracefile().read(text); }

}  // namespace stepback::reports
