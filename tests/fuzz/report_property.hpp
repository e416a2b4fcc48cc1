// SPDX-License-Identifier: Apache-2.0
#pragma once

// What must hold of any bytes that are given for a report: reading them ends, judging them twice
// says the same, and a report that fails does not pass for having lost its end. Used by the fuzzers
// beside this file; one thread.

#include <array>
#include <string_view>

#include "base/ensure.hpp"
#include "reports/read.hpp"

namespace stepback {

inline GateVerdict judged(std::string_view bytes, Format format, GateKind kind) {
  const ReadReport file{.name = "report", .report = read_report(bytes, kind, format)};
  return judge_gate(kind, {&file, 1}, {}, Instant{1'800'000'000'000});
}

// Between two records of a tracefile nothing says that a third one is missing.
inline bool may_be_whole(std::string_view part, Format format) {
  if (format != Format::lcov) return false;
  const auto end = part.rfind("end_of_record");
  return end != std::string_view::npos && part.find("SF:", end) == std::string_view::npos;
}

inline void check_report(std::string_view bytes, Format format, GateKind kind) {
  const auto verdict = judged(bytes, format, kind);
  ENSURE(verdict == judged(bytes, format, kind));
  ENSURE(!verdict.why.empty());
  if (verdict.result != GateResult::fail) return;
  constexpr std::size_t parts = 7;
  for (std::size_t i = 1; i <= parts; ++i) {
    const auto part = bytes.substr(0, i == parts ? bytes.size() - 1 : bytes.size() * i / parts);
    if (!may_be_whole(part, format)) ENSURE(judged(part, format, kind).result != GateResult::pass);
  }
}

}  // namespace stepback
