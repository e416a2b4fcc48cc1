// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/report_files.hpp"

#include "adapters/local/files.hpp"
#include "reports/read.hpp"

namespace stepback::local {

ReportsRead LocalReportFiles::read(GateKind kind, const std::vector<std::string>& paths) {
  ReportsTogether reports(kind);
  for (const auto& path : paths) reports.add(path, read_file(path, largest_report));
  return reports.take();
}

}  // namespace stepback::local
