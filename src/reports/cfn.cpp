// SPDX-License-Identifier: Apache-2.0
// What cfn-lint and cfn-guard say of templates.
#include <fmt/core.h>

#include "reports/formats.hpp"
#include "reports/ratings.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

using json::Reader;

constexpr int deepest_clause = 12;

Result<Finding> read_match(const Reader& match) {
  const auto rule = TRY(match.object("Rule"));
  Finding finding;
  finding.id = TRY(rule.text("Id"));
  finding.rating = rating_of(Format::cfn_lint, TRY(match.text("Level")));
  finding.text = TRY(match.text_or("Message", ""));
  finding.where = TRY(match.text_or("Filename", ""));
  if (const auto location = TRY(match.optional_object("Location"))) {
    if (const auto start = TRY(location->optional_object("Start")))
      finding.line = TRY(start->optional_integer("LineNumber"));
  }
  return finding;
}

const json::Value* member(const json::Value& value, std::string_view key) {
  return value.is_object() ? value.get_object().if_contains(key) : nullptr;
}

std::string text_at(const json::Value& value, std::string_view key) {
  const auto* const found = member(value, key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

// What a clause has to say, and of which resource: it lies somewhere below, one clause in another.
// Only for people, so what is shaped otherwise is left out.
void explain(const json::Value& checks, Finding& finding) {
  const json::Value* here = &checks;
  for (int depth = 0; depth < deepest_clause && here != nullptr; ++depth) {
    if (here->is_array()) {
      here = here->get_array().empty() ? nullptr : &here->get_array().front();
      continue;
    }
    if (const auto* const messages = member(*here, "messages")) {
      auto text = text_at(*messages, "custom_message");
      if (text.empty()) text = text_at(*messages, "error_message");
      if (!text.empty()) finding.text = std::string(first_line(text));
    }
    if (const auto* const inner = member(*here, "checks")) {
      here = inner;
    } else if (here->is_object() && here->get_object().size() == 1) {
      here = &here->get_object().begin()->value();
    } else {
      return;
    }
  }
}

Finding violation(std::string rule, const std::string& file) {
  return {.id = std::move(rule),
          .rating = rating_of(Format::cfn_guard, "not_compliant"),
          .text = "not compliant",
          .where = file};
}

// One rule that was broken, as the newer versions write it.
Result<> read_rule(const Reader& from, const std::string& file, FindingList& findings) {
  auto finding = violation("a rule without a name", file);
  if (const auto* const rule = member(from.value(), "Rule")) {
    finding.id = text_at(*rule, "name");
    explain(*rule, finding);
  } else {
    explain(from.value(), finding);
  }
  return findings.add(std::move(finding));
}

// By the rules' names, each with its clauses: version 2.0.
Result<> read_old_rules(const Reader& rules, const std::string& file, FindingList& findings) {
  for (const auto& [name, clauses] : TRY(rules.members())) {
    auto finding = violation(name, file);
    if (clauses.value().is_array() && !clauses.value().get_array().empty()) {
      const auto& clause = clauses.value().get_array().front();
      auto text = text_at(clause, "message");
      if (!text.empty()) finding.text = std::string(first_line(text));
      finding.where = joined(file, ":", text_at(clause, "path"));
    }
    TRY(findings.add(std::move(finding)));
  }
  return {};
}

Result<> read_file(const Reader& file, FindingList& findings) {
  auto name = TRY(file.text_or("name", ""));
  if (name.empty()) name = TRY(file.text_or("data_from", ""));
  const bool is_old = file.has("data_from");
  const auto status = TRY(file.text_or("status", is_old ? "PASS" : ""));
  if (status != "PASS" && status != "FAIL" && status != "SKIP") {
    return fail(Code::corrupt,
                fmt::format("{}: its status is neither PASS, FAIL nor SKIP", file.path()));
  }
  bool any = false;
  if (file.has("not_compliant") && file.value().get_object().at("not_compliant").is_object()) {
    const auto rules = TRY(file.object("not_compliant"));
    any = !rules.value().get_object().empty();
    TRY(read_old_rules(rules, name, findings));
  } else {
    for (const auto& rule : TRY(file.array("not_compliant"))) {
      any = true;
      TRY(read_rule(rule, name, findings));
    }
  }
  if (any || status != "FAIL") return {};
  return findings.add(violation("a rule that the report does not name", name));
}

}  // namespace

Result<Report> read_cfn_lint(const json::Value& document) {
  FindingList findings;
  for (const auto& match : TRY(Reader(document).as_array())) {
    auto finding = TRY(read_match(match));
    TRY(findings.add(std::move(finding)));
  }
  Report report;
  report.findings = findings.take();
  return report;
}

Result<Report> read_cfn_guard(const json::Value& document) {
  FindingList findings;
  const Reader whole(document);
  if (document.is_object()) {
    TRY(read_file(whole, findings));
  } else {
    const auto files = TRY(whole.as_array());
    if (files.empty()) return fail(Code::corrupt, "it looked at no template");
    for (const auto& file : files) TRY(read_file(file, findings));
  }
  Report report;
  report.findings = findings.take();
  return report;
}

}  // namespace stepback::reports
