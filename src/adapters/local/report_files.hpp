// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reports that a stage's command leaves as files of this machine. Each is read whole up to the
// readers' limit, by the content unless a format is forced. Used by the pipeline and by the command
// `gate`; any thread.

#include <optional>

#include "ports/work.hpp"
#include "reports/read.hpp"

namespace stepback::local {

class LocalReportFiles final : public ReportFiles {
 public:
  ReportsRead read(GateKind kind, const std::vector<std::string>& paths) override;
};

}  // namespace stepback::local
