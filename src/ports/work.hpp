// SPDX-License-Identifier: Apache-2.0
#pragma once

// Work: what a pipeline on this machine needs done: commands carried out, and the reports that they
// leave read. Used by engine/runs.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/gate.hpp"

namespace stepback {

struct WorkOrder {
  std::string name;                    // of the stage, and of the file that keeps its output
  std::string run;                     // its folder
  std::vector<std::string> arguments;  // the program first; never a shell
  std::vector<std::pair<std::string, std::string>> variables;
  Duration limit{};
};

struct WorkEnd {
  bool succeeded = false;
  bool stopped = false;  // because go_on said so
  std::string why;       // "exit status 2", "no end within 30m"
  std::string log;       // where its output lies
};

class Work {
 public:
  virtual ~Work() = default;
  // Asks `go_on` about every second while it runs; false ends it. An error: it did not begin.
  virtual Result<WorkEnd> carry_out(const WorkOrder& order, const std::function<bool()>& go_on) = 0;
};

class ReportFiles {
 public:
  virtual ~ReportFiles() = default;
  // Every path, in its order; one that is missing or makes no sense says so in its place.
  virtual ReportsRead read(GateKind kind, const std::vector<std::string>& paths) = 0;
};

}  // namespace stepback
