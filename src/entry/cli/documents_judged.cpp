// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/documents_judged.hpp"

namespace stepback::cli {
namespace {

json::Value text(std::string_view from) { return json::Value(from); }

}  // namespace

json::Value override_document(const Environment& environment, const Override& word) {
  json::Object document;
  document["schema"] = text("stepback/v1/override");
  document["environment"] = text(environment.name);
  document["check"] = text(word.check);
  document["reason"] = text(word.reason);
  document["by"] = text(word.by);
  document["since"] = text(to_rfc3339(word.since));
  document["until"] = text(to_rfc3339(word.until));
  return document;
}

json::Value emergency_document(const EmergencyLine& line) {
  json::Object document;
  document["environment"] = text(line.facts.environment.name);
  document["deed"] = text(name_of(line.deed));
  document["why"] = text(line.why);
  document["verdict"] = text(name_of(line.facts.verdict));
  if (line.facts.live) document["version"] = text(line.facts.live->version.text);
  if (line.facts.target) {
    document["targetVersion"] = text(line.facts.target->release.version.text);
    document["predictedSeconds"] = line.facts.predicted.count() / 1000;
  }
  return document;
}

json::Value backtest_line_document(const BacktestLine& line) {
  json::Object document;
  document["schema"] = text("stepback/v1/backtest-line");
  document["key"] = text(line.recorded.key);
  document["at"] = text(to_rfc3339(line.recorded.received_at));
  if (line.recorded.environment) document["environment"] = text(line.recorded.environment->name);
  document["signal"] = text(line.recorded.signal.name);
  document["then"] = text(name_of(line.recorded.disposition));
  document["now"] = text(name_of(line.now));
  document["why"] = text(line.why);
  if (line.about) document["deploymentId"] = text(line.about->text);
  if (line.hindsight) document["hindsight"] = text(name_of(*line.hindsight));
  return document;
}

json::Value backtest_document(const Backtest& result) {
  json::Array lines;
  for (const auto& line : result.lines) lines.push_back(backtest_line_document(line));
  json::Array never;
  for (const auto& each : result.never) never.push_back(text(each.id.text));
  json::Object document;
  document["schema"] = text("stepback/v1/backtest");
  document["signals"] = result.lines.size();
  document["judgedOtherwise"] = result.changed();
  for (const auto name : names_of<Hindsight>)
    document[name] = result.count(*named<Hindsight>(name));
  document["never"] = std::move(never);
  document["lines"] = std::move(lines);
  return document;
}

}  // namespace stepback::cli
