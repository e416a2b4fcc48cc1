// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reports in tests/fuzz/seeds: a folder for each format, and each file named for its verdict.
// Read by tests only; one thread.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "domain/gate.hpp"
#include "reports/read.hpp"

namespace stepback {

struct Seed {
  std::string name;  // "junit/failing-gtest.xml"
  Format format = Format::junit;
  GateKind kind = GateKind::tests;
  std::string verdict;  // passing, failing, unreadable
  std::string bytes;
};

inline GateKind first_kind_of(Format format) {
  for (const auto kind : {GateKind::tests, GateKind::coverage, GateKind::scan, GateKind::cfn}) {
    if (is_for(format, kind)) return kind;
  }
  return GateKind::tests;
}

inline std::vector<Seed> seeds() {
  std::vector<Seed> found;
  for (const auto name : names_of<Format>) {
    const auto format = *named<Format>(name);
    const std::filesystem::path folder =
        std::filesystem::path(STEPBACK_SOURCE_DIR) / "tests/fuzz/seeds" / name;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const auto stem = entry.path().filename().string();
      found.push_back({.name = std::string(name) + "/" + stem,
                       .format = format,
                       .kind = first_kind_of(format),
                       .verdict = stem.substr(0, stem.find_first_of("-.")),
                       .bytes = {std::istreambuf_iterator<char>(file), {}}});
    }
  }
  return found;
}

inline GateVerdict judged(std::string_view bytes, GateKind kind,
                          std::optional<Format> format = std::nullopt,
                          const GateRules& rules = {}) {
  const ReadReport file{.name = "report", .report = read_report(bytes, kind, format)};
  return judge_gate(kind, {&file, 1}, rules, Instant{1'800'000'000'000});
}

}  // namespace stepback
