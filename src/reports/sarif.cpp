// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <map>
#include <utility>

#include "reports/formats.hpp"
#include "reports/ratings.hpp"
#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

using json::Reader;

struct Rule {
  std::string id;
  std::string text;
  std::string level = "warning";  // the standard's own
  std::optional<Rating> rating;   // by its score
};

// A score is a text by the standard's custom, and a number in some tools.
Result<std::optional<Rating>> score_in(const Reader& holder) {
  const auto properties = TRY(holder.optional_object("properties"));
  if (!properties || !properties->has("security-severity")) return std::optional<Rating>();
  const auto& score = properties->value().get_object().at("security-severity");
  if (score.is_string())
    return std::optional(rating_of_score(std::string_view(score.get_string())));
  return std::optional(rating_of_score(TRY(properties->number("security-severity"))));
}

Result<std::string> text_in(const Reader& holder, std::string_view key) {
  const auto message = TRY(holder.optional_object(key));
  if (!message) return std::string();
  auto text = TRY(message->text_or("text", ""));
  return text.empty() ? message->text_or("markdown", "") : Result<std::string>(std::move(text));
}

Result<Rule> read_rule(const Reader& from) {
  Rule rule;
  rule.id = TRY(from.text("id"));
  rule.text = TRY(text_in(from, "shortDescription"));
  rule.rating = TRY(score_in(from));
  if (const auto defaults = TRY(from.optional_object("defaultConfiguration")))
    rule.level = TRY(defaults->text_or("level", rule.level));
  return rule;
}

// The rules of one run: those of its driver by their place, all of them by their id.
struct Rules {
  std::vector<Rule> of_driver;
  std::map<std::string, Rule, std::less<>> by_id;
};

Result<Rules> read_rules(const Reader& run) {
  Rules rules;
  const auto tool = TRY(run.object("tool"));
  const auto driver = TRY(tool.object("driver"));
  for (const auto& each : TRY(driver.optional_array("rules"))) {
    rules.of_driver.push_back(TRY(read_rule(each)));
    rules.by_id.emplace(rules.of_driver.back().id, rules.of_driver.back());
  }
  for (const auto& extension : TRY(tool.optional_array("extensions"))) {
    for (const auto& each : TRY(extension.optional_array("rules"))) {
      auto rule = TRY(read_rule(each));
      rules.by_id.emplace(rule.id, rule);
    }
  }
  return rules;
}

// The rule of a result, or one with nothing but the id that the result names.
Result<Rule> rule_of(const Reader& result, const Rules& rules) {
  auto id = TRY(result.text_or("ruleId", ""));
  auto index = TRY(result.integer_or("ruleIndex", -1));
  bool of_driver = true;
  if (const auto reference = TRY(result.optional_object("rule"))) {
    if (id.empty()) id = TRY(reference->text_or("id", ""));
    index = TRY(reference->integer_or("index", index));
    of_driver = !reference->has("toolComponent");
  }
  const bool in_range = index >= 0 && std::cmp_less(index, rules.of_driver.size());
  if (of_driver && in_range) {
    const auto& rule = rules.of_driver[static_cast<std::size_t>(index)];
    // The id of a result may say more than its rule's: "rule/part".
    if (id.empty() || id.starts_with(rule.id)) {
      Rule found = rule;
      if (!id.empty()) found.id = id;
      return found;
    }
  }
  if (const auto known = rules.by_id.find(id); known != rules.by_id.end()) return known->second;
  return Rule{.id = id};
}

Result<Rating> rating_in(const Reader& result, const Rule& rule) {
  if (const auto own = TRY(score_in(result))) return *own;
  if (rule.rating) return *rule.rating;
  return rating_of(Format::sarif, TRY(result.text_or("level", rule.level)));
}

// Why it does not count; empty if it does. What is under review, or was turned down, counts.
Result<std::string> suppression_of(const Reader& result) {
  const auto suppressions = TRY(result.optional_array("suppressions"));
  std::string why;
  for (const auto& each : suppressions) {
    const auto status = TRY(each.text_or("status", "accepted"));
    if (status != "accepted") return std::string();
    const auto justification = TRY(each.text_or("justification", ""));
    if (why.empty()) why = joined("suppressed in the report", ": ", justification);
  }
  return why;
}

Result<> locate(const Reader& result, Finding& finding) {
  for (const auto& location : TRY(result.optional_array("locations"))) {
    if (const auto physical = TRY(location.optional_object("physicalLocation"))) {
      if (const auto artifact = TRY(physical->optional_object("artifactLocation")))
        finding.where = TRY(artifact->text_or("uri", ""));
      if (const auto region = TRY(physical->optional_object("region")))
        finding.line = TRY(region->optional_integer("startLine"));
      return {};
    }
    for (const auto& logical : TRY(location.optional_array("logicalLocations"))) {
      finding.where = TRY(logical.text_or("fullyQualifiedName", ""));
      return {};
    }
  }
  return {};
}

// What is not a finding: a rule that was kept, and what was found before and is gone.
Result<bool> is_finding(const Reader& result) {
  const auto kind = TRY(result.text_or("kind", "fail"));
  if (kind == "pass" || kind == "notApplicable" || kind == "informational") return false;
  return TRY(result.text_or("baselineState", "new")) != "absent";
}

Result<> read_run(const Reader& run, FindingList& findings) {
  for (const auto& invocation : TRY(run.optional_array("invocations"))) {
    if (!TRY(invocation.boolean_or("executionSuccessful", true)))
      return fail(Code::corrupt, run.path() + ": the tool says that it did not succeed");
  }
  if (!run.has("results"))
    return fail(Code::corrupt, run.path() + ": it has no results, so nothing was looked at");
  const auto rules = TRY(read_rules(run));
  for (const auto& result : TRY(run.array("results"))) {
    if (!TRY(is_finding(result))) continue;
    const auto rule = TRY(rule_of(result, rules));
    auto text = TRY(text_in(result, "message"));
    Finding finding;
    finding.id = rule.id;
    finding.rating = TRY(rating_in(result, rule));
    finding.text = std::string(first_line(text.empty() ? rule.text : text));
    finding.suppressed = TRY(suppression_of(result));
    TRY(locate(result, finding));
    TRY(findings.add(std::move(finding)));
  }
  return {};
}

}  // namespace

Result<Report> read_sarif(const json::Value& document) {
  const Reader log(document);
  const auto runs = TRY(log.array("runs"));
  if (runs.empty()) return fail(Code::corrupt, "it has no run");
  FindingList findings;
  for (const auto& run : runs) TRY(read_run(run, findings));
  Report report;
  report.findings = findings.take();
  return report;
}

}  // namespace stepback::reports
