// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/documents_inspection.hpp"

namespace stepback::cli {
namespace {

json::Value text(std::string_view from) { return json::Value(from); }

void put(json::Object& object, std::string_view name, const std::optional<Instant>& at) {
  if (at) object[name] = text(to_rfc3339(*at));
}

void put(json::Object& object, std::string_view name, const std::string& content) {
  if (!content.empty()) object[name] = text(content);
}

}  // namespace

json::Value drift_document(const Environment& environment, const Drift& drift) {
  json::Object document;
  document["schema"] = text("stepback/v1/drift");
  document["environment"] = text(environment.name);
  document["name"] = text(drift.check.name);
  document["verdict"] = text(name_of(drift.check.verdict));
  document["evidence"] = text(drift.check.evidence);
  if (drift.deployment) document["deploymentId"] = text(drift.deployment->text);
  document["mend"] = text(name_of(drift.mend));
  put(document, "try", drift.remedy);
  return document;
}

json::Value artifact_document(const Environment& environment, const ArtifactView& view) {
  json::Object document;
  document["schema"] = text("stepback/v1/artifact");
  document["environment"] = text(environment.name);
  document["version"] = text(view.version.text);
  document["state"] = text(name_of(view.state));
  if (view.missing) {
    document["absence"] = text(name_of(view.missing->how));
    document["restorable"] = view.missing->restorable;
    put(document, "goneSince", view.missing->since);
  }
  document["detail"] = text(view.detail);
  put(document, "recordedDigest", view.recorded.hex);
  document["verified"] = view.verified;
  document["live"] = view.is_live;
  document["target"] = view.is_target;
  if (view.deployment) document["deploymentId"] = text(view.deployment->id.text);
  if (view.shelved) {
    put(document, "digest", view.shelved->digest.hex);
    document["files"] = view.shelved->files;
    document["bytes"] = view.shelved->bytes;
    put(document, "location", view.shelved->location);
    put(document, "writtenAt", view.shelved->written_at);
    put(document, "expiresAt", view.shelved->expires_at);
  }
  return document;
}

json::Value log_line_document(const Environment& environment, const LogLine& line) {
  json::Object document;
  document["schema"] = text("stepback/v1/log-line");
  document["environment"] = text(environment.name);
  document["at"] = text(to_rfc3339(line.at));
  document["source"] = text(line.source);
  document["error"] = line.is_error;
  document["text"] = text(line.text);
  return document;
}

json::Value pipeline_document(const Environment& environment, const PipelineSeen& seen) {
  json::Array stages;
  for (const auto& each : seen.stages) {
    json::Object stage;
    stage["name"] = text(each.name);
    stage["state"] = text(each.state);
    put(stage, "detail", each.detail);
    put(stage, "changedAt", each.at);
    stages.push_back(std::move(stage));
  }
  json::Object document;
  document["schema"] = text("stepback/v1/delivery");
  document["environment"] = text(environment.name);
  put(document, "pipeline", seen.name);
  document["idle"] = seen.idle;
  document["text"] = text(seen.text);
  document["stages"] = std::move(stages);
  return document;
}

}  // namespace stepback::cli
