// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/surroundings.hpp"

#include <fmt/core.h>

#include "entry/cli/documents_inspection.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t most_lines = 10'000;
constexpr Duration commits_before = days(7);

std::string no_data(const Error& error) {
  json::Object line;
  line["noData"] = json::Value(error.message);
  return json::write(line) + "\n";
}

template <class T, class ToJson>
std::string lines_of(const Result<std::vector<T>>& records, ToJson to_json) {
  if (!records) return no_data(records.error());
  std::string text;
  for (const auto& each : *records) text += json::write(to_json(each)) + "\n";
  return text;
}

json::Value turn_document(const AlarmTurn& turn) {
  json::Object document;
  document["schema"] = "stepback/v1/alarm-turn";
  document["name"] = json::Value(turn.name);
  document["at"] = json::Value(to_rfc3339(turn.at));
  document["from"] = json::Value(name_of(turn.from));
  document["to"] = json::Value(name_of(turn.to));
  document["reason"] = json::Value(turn.reason);
  return document;
}

json::Value commit_document(const SourceCommit& commit) {
  json::Object document;
  document["schema"] = "stepback/v1/commit";
  document["id"] = json::Value(commit.id);
  document["at"] = json::Value(to_rfc3339(commit.at));
  document["author"] = json::Value(commit.author);
  document["subject"] = json::Value(commit.subject);
  return document;
}

struct Window {
  Environment environment;
  Instant since;
  Instant until;
};

ArchiveFile log_file(Engine& engine, const Window& window, bool own) {
  const LogQuery query{.environment = window.environment,
                       .since = window.since,
                       .until = window.until,
                       .limit = most_lines};
  const auto lines =
      own ? engine.inspection.own_lines(query) : engine.inspection.ports().logs.read_lines(query);
  return {own ? "stepback-log.jsonl" : "application-log.jsonl",
          lines_of(lines, [&](const LogLine& line) {
            return log_line_document(window.environment, line);
          })};
}

// Of the release that went: what each gate found in it, by the report's own digest.
std::string reports_of(const Evidence& evidence) {
  std::string text;
  for (const auto& deployment : evidence.deployments) {
    for (const auto& gate : deployment.gates) {
      json::Object line;
      line["schema"] = "stepback/v1/report";
      line["deploymentId"] = json::Value(deployment.id.text);
      line["version"] = json::Value(gate.version.text);
      line["gate"] = json::Value(name_of(gate.kind));
      line["result"] = json::Value(name_of(gate.result));
      line["why"] = json::Value(gate.why);
      line["at"] = json::Value(to_rfc3339(gate.at));
      line["digest"] = json::Value(gate.digest);
      line["findings"] = json::Array(gate.findings.begin(), gate.findings.end());
      text += json::write(line) + "\n";
    }
  }
  return text.empty() ? no_data({Code::not_found, "no gate looked at these versions"}) : text;
}

// The pipeline of this machine, if it was what brought the release.
std::string run_of(Engine& engine, const Evidence& evidence) {
  const auto run = engine.runs.newest();
  if (!run) return no_data(run.error());
  if (!same_commit(run->version, evidence.view.rollback.rejected.version))
    return no_data({Code::not_found, "the newest run was of " + run->version.text});
  return json::write(to_json(*run)) + "\n";
}

std::string differences_in(Engine& engine, const Evidence& evidence) {
  const auto& rollback = evidence.view.rollback;
  const auto* lane = lane_of(rollback, rollback.environment);
  if (lane == nullptr || !lane->target) return "no data: nothing was gone back to\n";
  const auto differences = engine.inspection.ports().repository.differences(
      rollback.environment, lane->target->release.version, rollback.rejected.version);
  return differences ? *differences : "no data: " + differences.error().message + "\n";
}

}  // namespace

std::vector<ArchiveFile> surroundings_of(Engine& engine, const Evidence& evidence) {
  auto& ports = engine.inspection.ports();
  const Window window{evidence.view.rollback.environment, evidence.from,
                      evidence.until + Duration(1)};
  std::vector<ArchiveFile> files;
  files.push_back({"alarm-history.jsonl",
                   lines_of(ports.alarms.turns(window.environment, window.since, window.until),
                            turn_document)});
  files.push_back(log_file(engine, window, false));
  files.push_back(log_file(engine, window, true));
  const auto pipeline = ports.pipelines.look_at_pipeline(window.environment);
  files.push_back({"pipeline.json",
                   pipeline ? json::write(pipeline_document(window.environment, *pipeline)) + "\n"
                            : no_data(pipeline.error())});
  files.push_back({"run.json", run_of(engine, evidence)});
  files.push_back({"reports.jsonl", reports_of(evidence)});
  const bool sources = ports.repository.has_sources(window.environment);
  files.push_back({"commits.jsonl",
                   sources ? lines_of(ports.repository.commits(window.environment,
                                                               window.since - commits_before, 100),
                                      commit_document)
                           : no_data({Code::not_found, "nobody said where the sources are"})});
  files.push_back({"differences.txt", differences_in(engine, evidence)});
  return files;
}

}  // namespace stepback::cli
