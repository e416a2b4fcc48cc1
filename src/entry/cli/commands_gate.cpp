// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <filesystem>
#include <utility>

#include "entry/cli/commands.hpp"
#include "entry/cli/files.hpp"
#include "entry/cli/render_gate.hpp"
#include "reports/read.hpp"

namespace stepback::cli {
namespace {

Exit exit_of(GateResult result) {
  switch (result) {
    case GateResult::pass: return Exit::done;
    case GateResult::fail: return Exit::bad;
    case GateResult::unreadable: return Exit::provider;
  }
  std::unreachable();
}

ReportsRead look_at(const GateOptions& options, GateKind kind) {
  ReportsTogether reports(kind, options.format);
  for (const auto& name : options.reports) reports.add(name, read_file(name, largest_report));
  return reports.take();
}

GateRules rules_for(const GateOptions& options, const Settings& settings) {
  GateRules rules = settings.gates;
  if (options.coverage) rules.coverage_basis_points = *options.coverage;
  if (options.branches) rules.by_branches = true;
  if (options.counts_from) rules.counts_from = *options.counts_from;
  return rules;
}

std::vector<GateFile> files_of(const std::vector<ReadReport>& reports) {
  std::vector<GateFile> files;
  for (const auto& each : reports) {
    files.push_back({each.name, each.report ? each.report->format : "",
                     each.report ? "" : each.report.error().message});
  }
  return files;
}

bool says(Session& session, const std::string& variable) {
  const auto& environment = session.terminal().environment;
  const auto found = environment.find(variable);
  return found != environment.end() && !found->second.empty() && found->second != "false";
}

// The document, and what the service shows that the build runs on.
Result<> write_down(Session& session, const GateTelling& telling, const std::string& path) {
  TRY(write_file(path, json::write_pretty(gate_document(telling)) + "\n"));
  if (!says(session, "CODEBUILD_BUILD_ID")) return {};
  const auto beside = std::filesystem::path(path).replace_extension(".xml").string();
  return write_file(beside, junit_of(telling.verdict));
}

void print(Session& session, const GateTelling& telling, const std::string& path) {
  const auto& verdict = telling.verdict;
  Answer answer{.screen = gate_screen(telling, path, session.global().verbose),
                .rows = gate_table(verdict),
                .document = gate_document(telling)};
  for (const auto& finding : verdict.counted) answer.ids.push_back(finding.id);
  session.print(answer);
  if (!says(session, "GITHUB_ACTIONS")) return;
  auto& out = session.wants_table() ? session.terminal().out : session.terminal().err;
  out << github_annotations(verdict);
  out.flush();
}

Answered<> explain(Session& session) {
  session.print(
      {.screen = ratings_screen(), .rows = ratings_table(), .document = ratings_document()});
  return Exit::done;
}

Answered<Version> version_of(const GateOptions& options) {
  if (options.version.empty()) return Version{};
  return told(parse_version(options.version),
              {.what = "the version is not understood", .attempt = "stepback gate --help"});
}

}  // namespace

Answered<> perform(const GateOptions& options, Session& session) {
  if (options.explain) return explain(session);
  if (!options.no_record) TRY(session.may_change("recording a verdict"));
  Engine& engine = *TRY(session.engine());
  GateTelling telling{.environment = TRY(session.environment(options.environment))};
  telling.version = TRY(version_of(options));
  telling.at = engine.clock.now();
  const auto kind = named<GateKind>(options.kind).value_or(GateKind::tests);
  const auto looked = look_at(options, kind);
  telling.files = files_of(looked.files);
  telling.digest = looked.digest;
  telling.verdict = judge_gate(kind, looked.files, rules_for(options, engine.settings), telling.at);
  std::optional<Complaint> trouble;
  if (!options.no_record) {
    const auto recorded = engine.gatekeeper.record({.environment = telling.environment,
                                                    .version = telling.version,
                                                    .verdict = telling.verdict,
                                                    .digest = telling.digest,
                                                    .by = session.terminal().user});
    if (recorded) {
      telling.recorded = true;
      telling.version = recorded->version;
      telling.trigger = recorded->trigger;
    } else {
      trouble = complaint_of(recorded.error(), {.what = "the verdict was not recorded"});
    }
  }
  const auto written = write_down(session, telling, options.output_file);
  print(session, telling, options.output_file);
  if (!written && !trouble)
    trouble = complaint_of(written.error(), {.what = "the verdict was not written down"});
  const auto exit = exit_of(telling.verdict.result);
  if (!trouble) return exit;
  // What failed has failed, recorded or not; what passed has not, unless it is on record.
  if (exit != Exit::done) trouble->exit = exit;
  return complain(*std::move(trouble));
}

}  // namespace stepback::cli
