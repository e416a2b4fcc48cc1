// SPDX-License-Identifier: Apache-2.0
#include "reports/read.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "reports/formats.hpp"

namespace stepback {
namespace {

constexpr std::size_t most_values = 3'000'000;  // of JSON: what memory is taken for

constexpr std::string_view white_space = " \t\r\n";

std::unexpected<Error> unknown() {
  return fail(Code::invalid, "it is a report of no tool that is known here; say which by --format");
}

std::string_view kind_text(GateKind kind) {
  switch (kind) {
    case GateKind::tests: return "a report of tests";
    case GateKind::coverage: return "a report of coverage";
    case GateKind::scan: return "a report of a scan";
    case GateKind::cfn: return "a report on templates";
  }
  std::unreachable();
}

// A value begins after each of these, so that there are no more values than that and one.
Result<json::Value> parse_json(std::string_view bytes) {
  std::size_t values = 1;
  bool quoted = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++i;
    if (!quoted && (c == ',' || c == '[' || c == '{')) ++values;
  }
  if (values > most_values)
    return fail(Code::invalid, fmt::format("it has more than {} values", most_values));
  return json::parse(bytes, {.bytes = largest_report, .depth = deepest_report});
}

std::optional<Format> format_of(const Xml& root) {
  if (root.name() == "testsuites" || root.name() == "testsuite") return Format::junit;
  if (root.name() != "coverage") return std::nullopt;
  return root.child("project") || root.attribute("clover") ? Format::clover : Format::cobertura;
}

bool has(const json::Value& document, std::string_view key) {
  return document.is_object() && document.get_object().contains(key);
}

// The first thing in it, where it is a list of things with names.
bool first_has(const json::Value& document, std::string_view key) {
  if (document.is_object()) {
    const auto& members = document.get_object();
    return !members.empty() && has(members.begin()->value(), key);
  }
  return document.is_array() && !document.get_array().empty() &&
         has(document.get_array().front(), key);
}

std::optional<Format> format_of(const json::Value& document) {
  if (has(document, "runs")) return Format::sarif;
  if (has(document, "auditReportVersion") || has(document, "advisories")) return Format::npm_audit;
  if (has(document, "error") && document.get_object().size() <= 3) return Format::npm_audit;
  if (has(document, "SchemaVersion") || has(document, "Results")) return Format::trivy;
  if (has(document, "matches")) return Format::grype;
  if (has(document, "not_compliant") || first_has(document, "not_compliant"))
    return Format::cfn_guard;
  if (has(document, "total") || first_has(document, "statementMap")) return Format::istanbul;
  // Nothing to complain about is an empty list.
  if (document.is_array() && (document.get_array().empty() || first_has(document, "Level")))
    return Format::cfn_lint;
  return std::nullopt;
}

bool is_xml(Format format) {
  return format == Format::junit || format == Format::cobertura || format == Format::clover;
}

Result<Report> read_as(Format format, const Xml& root) {
  switch (format) {
    case Format::junit: return reports::read_junit(root);
    case Format::cobertura: return reports::read_cobertura(root);
    case Format::clover: return reports::read_clover(root);
    default: return fail(Code::internal, "no format of XML");
  }
}

Result<Report> read_as(Format format, const json::Value& document) {
  switch (format) {
    case Format::istanbul: return reports::read_istanbul(document);
    case Format::sarif: return reports::read_sarif(document);
    case Format::trivy: return reports::read_trivy(document);
    case Format::grype: return reports::read_grype(document);
    case Format::npm_audit: return reports::read_npm_audit(document);
    case Format::cfn_lint: return reports::read_cfn_lint(document);
    case Format::cfn_guard: return reports::read_cfn_guard(document);
    default: return fail(Code::internal, "no format of JSON");
  }
}

// The format, if it may be read for that gate.
Result<Format> checked(std::optional<Format> format, GateKind kind) {
  if (!format) return unknown();
  if (is_for(*format, kind)) return *format;
  return fail(Code::invalid,
              fmt::format("it is of {}, and {} is wanted", name_of(*format), kind_text(kind)));
}

template <class Document>
Result<Report> read_parsed(const Document& document, GateKind kind, std::optional<Format> forced) {
  const auto format = TRY(checked(forced ? forced : format_of(document), kind));
  auto report = TRY(read_as(format, document));
  report.format = name_of(format);
  return report;
}

Result<Report> read_lines(std::string_view bytes, GateKind kind, std::optional<Format> forced) {
  constexpr std::string_view beginnings[] = {"TN:", "SF:", "#"};
  const bool is_lcov = std::ranges::any_of(
      beginnings, [&](std::string_view each) { return bytes.starts_with(each); });
  if (!forced && !is_lcov) return unknown();
  TRY(checked(Format::lcov, kind));
  auto report = TRY(reports::read_lcov(bytes));
  report.format = name_of(Format::lcov);
  return report;
}

}  // namespace

bool is_for(Format format, GateKind kind) {
  switch (format) {
    case Format::junit: return kind == GateKind::tests;
    case Format::cobertura:
    case Format::lcov:
    case Format::istanbul:
    case Format::clover: return kind == GateKind::coverage;
    case Format::sarif: return kind == GateKind::scan || kind == GateKind::cfn;
    case Format::trivy:
    case Format::grype:
    case Format::npm_audit: return kind == GateKind::scan;
    case Format::cfn_lint:
    case Format::cfn_guard: return kind == GateKind::cfn;
  }
  std::unreachable();
}

Result<Report> read_report(std::string_view bytes, GateKind kind, std::optional<Format> forced) {
  if (bytes.size() > largest_report)
    return fail(Code::invalid,
                fmt::format("it has {} bytes, at most {} are read", bytes.size(), largest_report));
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const auto begin = bytes.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return fail(Code::corrupt, "it is empty");
  bytes.remove_prefix(begin);
  if (forced) TRY(checked(forced, kind));
  const bool looks_like_xml = bytes.front() == '<';
  const bool looks_like_json = bytes.front() == '{' || bytes.front() == '[';
  if (forced == Format::lcov || (!forced && !looks_like_xml && !looks_like_json))
    return read_lines(bytes, kind, forced);
  if (forced ? is_xml(*forced) : looks_like_xml) {
    const auto root = TRY(Xml::parse(bytes, {.bytes = largest_report, .depth = deepest_report}));
    return read_parsed(root, kind, forced);
  }
  const auto document = TRY(parse_json(bytes));
  return read_parsed(document, kind, forced);
}

void ReportsTogether::add(const std::string& name, const Result<std::string>& bytes) {
  digest_.add(fmt::format("{} ", bytes ? std::to_string(bytes->size()) : bytes.error().message));
  if (bytes) digest_.add(*bytes);
  read_.files.push_back({name, bytes ? read_report(*bytes, kind_, forced_) : fail(bytes.error())});
}

ReportsRead ReportsTogether::take() {
  read_.digest = to_hex(digest_.finish());
  return std::exchange(read_, {});
}

}  // namespace stepback
