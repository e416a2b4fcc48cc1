// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reports that a stage's command leaves as files of this machine. Each is read whole up to the
// readers' limit, by its content. Used by the pipeline; any thread.

#include <string>
#include <vector>

#include "ports/work.hpp"

namespace stepback::local {

class LocalReportFiles final : public ReportFiles {
 public:
  ReportsRead read(GateKind kind, const std::vector<std::string>& paths) override;
};

}  // namespace stepback::local
