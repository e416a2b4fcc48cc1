// SPDX-License-Identifier: Apache-2.0
#pragma once

// A gate's verdict, for people, for scripts and for the pages of a build. Everything that came out
// of a report is escaped for where it is shown. Pure; any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "domain/gate.hpp"
#include "engine/gatekeeper.hpp"
#include "entry/cli/table.hpp"
#include "entry/cli/text.hpp"

namespace stepback::cli {

// A file that was looked at, and what it turned out to be.
struct GateFile {
  std::string name;
  std::string format;  // empty: it could not be read
  std::string problem;
};

// What the command has to tell.
struct GateTelling {
  Environment environment;
  Version version;  // empty: none was named, and nothing was recorded
  GateVerdict verdict;
  std::vector<GateFile> files;
  std::string digest;
  Instant at;
  std::optional<TriggerRecord> trigger;  // what became of it
  bool recorded = false;
};

Screen gate_screen(const GateTelling& telling, const std::string& output_file, bool all);
Table gate_table(const GateVerdict& verdict);
json::Value gate_document(const GateTelling& telling);

Screen ratings_screen();
json::Value ratings_document();
Table ratings_table();

// Lines that GitHub Actions shows beside the code, each with its end.
std::string github_annotations(const GateVerdict& verdict);
// A report of tests with a case for each finding: what CodeBuild shows of a build.
std::string junit_of(const GateVerdict& verdict);

}  // namespace stepback::cli
