// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/render_gate.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t most_annotations = 50;  // the page shows fewer

enum class Part { message, property };

// What would end the line or the property, and our own sign for that.
std::string for_github(std::string_view text, Part part) {
  std::string out;
  for (const char c : escaped(text)) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':': out += part == Part::property ? "%3A" : ":"; break;
      case ',': out += part == Part::property ? "%2C" : ","; break;
      default: out += c;
    }
  }
  return out;
}

std::string annotation(const GateVerdict& verdict, const Finding& finding) {
  std::string properties;
  if (finding.line && !finding.where.empty()) {
    properties =
        fmt::format("file={},line={},", for_github(finding.where, Part::property), *finding.line);
  }
  const auto title = fmt::format("{}: {}", name_of(verdict.kind), finding.id);
  const auto text = fmt::format("{} {} {}", name_of(finding.rating), finding.where, finding.text);
  return fmt::format("::error {}title={}::{}\n", properties, for_github(title, Part::property),
                     for_github(text, Part::message));
}

std::string for_xml(std::string_view text) {
  std::string out;
  for (const char c : escaped(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string failed_case(std::string_view kind, const std::string& name, const std::string& text) {
  return fmt::format(
      "  <testcase classname=\"gate.{}\" name=\"{}\">\n"
      "    <failure message=\"{}\"/>\n  </testcase>\n",
      kind, for_xml(name), for_xml(text));
}

}  // namespace

std::string github_annotations(const GateVerdict& verdict) {
  if (verdict.result == GateResult::pass) return {};
  auto out = fmt::format("::error title=gate {} {}::{}\n", name_of(verdict.kind),
                         name_of(verdict.result), for_github(verdict.why, Part::message));
  for (std::size_t i = 0; i < std::min(verdict.counted.size(), most_annotations); ++i)
    out += annotation(verdict, verdict.counted[i]);
  return out;
}

std::string junit_of(const GateVerdict& verdict) {
  const auto kind = name_of(verdict.kind);
  const bool passed = verdict.result == GateResult::pass;
  std::string cases =
      passed ? fmt::format("  <testcase classname=\"gate.{}\" name=\"verdict\"/>\n", kind)
             : failed_case(kind, "verdict",
                           fmt::format("{}: {}", name_of(verdict.result), verdict.why));
  for (const auto& finding : verdict.counted) {
    cases +=
        failed_case(kind, finding.id,
                    fmt::format("{} {} {}", name_of(finding.rating), finding.where, finding.text));
  }
  const auto failures = verdict.counted.size() + (passed ? 0 : 1);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"gate {}\" tests=\"{}\" failures=\"{}\">\n{}</testsuite>\n",
      kind, verdict.counted.size() + 1, failures, cases);
}

}  // namespace stepback::cli
