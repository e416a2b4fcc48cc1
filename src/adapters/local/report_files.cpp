// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/report_files.hpp"

#include "adapters/local/files.hpp"
#include "base/digest.hpp"

namespace stepback::local {

ReportsRead LocalReportFiles::read(GateKind kind, const std::vector<std::string>& paths) {
  ReportsRead all;
  Sha256 digest;
  for (const auto& path : paths) {
    ReadReport report{.name = path};
    auto bytes = read_file(path, largest_report);
    if (bytes) {
      digest.add(*bytes);
      report.report = read_report(*bytes, kind);
    } else {
      report.report = fail(bytes.error());
    }
    digest.add(path);
    all.files.push_back(std::move(report));
  }
  all.digest = to_hex(digest.finish());
  return all;
}

}  // namespace stepback::local
