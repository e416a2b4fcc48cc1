// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_gate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "reports/ratings.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t most_shown = 50;        // of findings that count
constexpr std::size_t most_let_through = 10;  // unless all are asked for

Role role_of(GateResult result) {
  switch (result) {
    case GateResult::pass: return Role::good;
    case GateResult::fail: return Role::bad;
    case GateResult::unreadable: return Role::warning;
  }
  std::unreachable();
}

std::string_view sign_of(GateResult result) {
  switch (result) {
    case GateResult::pass: return good_sign;
    case GateResult::fail: return bad_sign;
    case GateResult::unreadable: return warning_sign;
  }
  std::unreachable();
}

// Some services obey this wherever it stands in a line of a build's log.
std::string defused(std::string text) {
  for (auto at = text.find("##"); at != std::string::npos; at = text.find("##", at + 2))
    text.insert(at + 1, " ");
  return text;
}

std::string place_of(const Finding& finding) {
  return finding.line && !finding.where.empty() ? fmt::format("{}:{}", finding.where, *finding.line)
                                                : finding.where;
}

void add_counted(Screen& screen, const GateVerdict& verdict) {
  const bool rated = verdict.kind == GateKind::scan || verdict.kind == GateKind::cfn;
  for (std::size_t i = 0; i < std::min(verdict.counted.size(), most_shown); ++i) {
    const auto& finding = verdict.counted[i];
    Line line("  ");
    line.add(bad_sign, Role::bad).add(" ");
    if (rated) line.add(name_of(finding.rating), Role::bad).add("  ");
    line.add(defused(finding.id), Role::strong);
    if (!finding.where.empty()) line.add("  " + defused(place_of(finding)), Role::muted);
    screen.push_back(std::move(line));
    if (!finding.text.empty()) screen.push_back("      | " + defused(finding.text));
  }
  if (verdict.counted.size() > most_shown)
    screen.push_back(fmt::format("  and {} more", verdict.counted.size() - most_shown));
}

void add_let_through(Screen& screen, const GateVerdict& verdict, bool all) {
  const auto shown =
      all ? verdict.let_through.size() : std::min(verdict.let_through.size(), most_let_through);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& each = verdict.let_through[i];
    screen.push_back(
        Line("  ")
            .add(skipped_sign, Role::muted)
            .add(fmt::format(" let through: {} ({})", defused(each.finding.id), defused(each.why)),
                 Role::muted));
  }
  if (verdict.let_through.size() > shown)
    screen.push_back(fmt::format("  and {} more let through", verdict.let_through.size() - shown));
}

std::string_view advice_for(const GateVerdict& verdict) {
  if (verdict.result == GateResult::unreadable)
    return "let the tool run again and look at what it says itself; a report that cannot be read "
           "blocks like a failure";
  switch (verdict.kind) {
    case GateKind::tests: return "mend what failed; deploy a version whose tests pass";
    case GateKind::coverage: return "cover more, or lower gates.coverage in the configuration";
    case GateKind::scan:
    case GateKind::cfn:
      return "mend what counts; to let one through for a while, name it in gates.allow with an "
             "owner, a reason and an end";
  }
  std::unreachable();
}

void add_consequence(Screen& screen, const GateTelling& telling) {
  if (!telling.recorded) {
    screen.push_back(Line("  nothing was recorded and nothing follows", Role::muted));
    return;
  }
  screen.push_back("  recorded for " + short_version(telling.version));
  if (!telling.trigger) return;
  screen.push_back(fmt::format("  {}: {}", name_of(telling.trigger->disposition),
                               defused(telling.trigger->why)));
  if (telling.trigger->rollback)
    screen.push_back("  follow it: stepback watch " + telling.trigger->rollback->text);
}

json::Value finding_document(const Finding& finding) {
  json::Object object;
  object["id"] = finding.id;
  object["rating"] = name_of(finding.rating);
  object["text"] = finding.text;
  object["where"] = finding.where;
  if (finding.line) object["line"] = *finding.line;
  return object;
}

json::Array files_document(const std::vector<GateFile>& files) {
  json::Array array;
  for (const auto& file : files) {
    json::Object object;
    object["file"] = file.name;
    object[file.problem.empty() ? "format" : "problem"] =
        file.problem.empty() ? file.format : file.problem;
    array.push_back(std::move(object));
  }
  return array;
}

std::string score_text(const reports::ScoreBand& band) {
  return fmt::format("score from {:.1f}", band.from);
}

}  // namespace

Screen gate_screen(const GateTelling& telling, const std::string& output_file, bool all) {
  const auto& verdict = telling.verdict;
  Line first(sign_of(verdict.result), role_of(verdict.result));
  first.add(fmt::format(" gate {} of {}: ", name_of(verdict.kind), telling.environment.name));
  first.add(name_of(verdict.result), role_of(verdict.result));
  Screen screen{std::move(first), "  " + defused(verdict.why)};
  add_counted(screen, verdict);
  for (const auto& note : verdict.notes)
    screen.push_back(Line("  ").add(warning_sign, Role::warning).add(" " + defused(note)));
  add_let_through(screen, verdict, all);
  add_consequence(screen, telling);
  if (verdict.result != GateResult::pass)
    screen.push_back(Line("  what to do: ", Role::muted).add(advice_for(verdict)));
  screen.push_back(Line("  all of it: " + output_file, Role::muted));
  return screen;
}

Table gate_table(const GateVerdict& verdict) {
  Table table{{}};
  for (const auto& finding : verdict.counted) {
    table.add({name_of(verdict.result), name_of(finding.rating), finding.id, place_of(finding),
               finding.text});
  }
  if (verdict.counted.empty()) table.add({name_of(verdict.result), "", "", "", verdict.why});
  return table;
}

json::Value gate_document(const GateTelling& telling) {
  const auto& verdict = telling.verdict;
  json::Object document;
  document["schema"] = "stepback/v1/gate";
  document["kind"] = name_of(verdict.kind);
  document["environment"] = telling.environment.name;
  document["version"] = telling.version.text;
  document["result"] = name_of(verdict.result);
  document["why"] = verdict.why;
  document["at"] = to_rfc3339(telling.at);
  document["digest"] = telling.digest;
  document["reports"] = files_document(telling.files);
  json::Array counted;
  for (const auto& finding : verdict.counted) counted.push_back(finding_document(finding));
  document["counted"] = std::move(counted);
  json::Array through;
  for (const auto& each : verdict.let_through) {
    auto object = finding_document(each.finding);
    object.get_object()["why"] = each.why;
    through.push_back(std::move(object));
  }
  document["letThrough"] = std::move(through);
  document["notes"] = json::Array(verdict.notes.begin(), verdict.notes.end());
  document["recorded"] = telling.recorded;
  if (telling.trigger) document["trigger"] = to_json(*telling.trigger);
  return document;
}

Table ratings_table() {
  Table table({{"tool"}, {"its word"}, {"counts as"}});
  for (const auto& each : reports::rating_words())
    table.add({name_of(each.format), each.word, name_of(each.rating)});
  for (const auto& band : reports::score_bands())
    table.add({"sarif", score_text(band), name_of(band.rating)});
  return table;
}

Screen ratings_screen() {
  auto screen = ratings_table().screen();
  screen.emplace_back("");
  screen.emplace_back("SARIF: the score in security-severity goes before the level.");
  screen.emplace_back("A word that is not in the table is unknown, and unknown counts like high.");
  return screen;
}

json::Value ratings_document() {
  json::Array words;
  for (const auto& each : reports::rating_words()) {
    json::Object object;
    object["tool"] = name_of(each.format);
    object["word"] = each.word;
    object["rating"] = name_of(each.rating);
    words.push_back(std::move(object));
  }
  json::Array bands;
  for (const auto& band : reports::score_bands()) {
    json::Object object;
    object["from"] = band.from;
    object["rating"] = name_of(band.rating);
    bands.push_back(std::move(object));
  }
  json::Object document;
  document["schema"] = "stepback/v1/ratings";
  document["words"] = std::move(words);
  document["scores"] = std::move(bands);
  document["unknownCountsAs"] = name_of(effective(Rating::unknown));
  return document;
}

}  // namespace stepback::cli
