// SPDX-License-Identifier: Apache-2.0
#pragma once

// The readers, one for each format, of what has been parsed within the limits. Called by
// read_report only. Pure; any thread.

#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/xml.hpp"
#include "domain/gate.hpp"

namespace stepback::reports {

Result<Report> read_junit(const Xml& root);
Result<Report> read_cobertura(const Xml& root);
Result<Report> read_clover(const Xml& root);
Result<Report> read_lcov(std::string_view text);
Result<Report> read_istanbul(const json::Value& document);
Result<Report> read_sarif(const json::Value& document);
Result<Report> read_trivy(const json::Value& document);
Result<Report> read_grype(const json::Value& document);
Result<Report> read_npm_audit(const json::Value& document);
Result<Report> read_cfn_lint(const json::Value& document);
Result<Report> read_cfn_guard(const json::Value& document);

}  // namespace stepback::reports
