// SPDX-License-Identifier: Apache-2.0
#include "documents/documents.hpp"

#include <fmt/core.h>

#include "wire/codec.hpp"

namespace stepback {
namespace {

constexpr std::string_view plan_schema = "stepback/v1/plan";

json::Value text(std::string_view from) { return json::Value(from); }

json::Value list_of(const std::vector<std::string>& texts) {
  json::Array array;
  for (const auto& each : texts) array.push_back(text(each));
  return array;
}

json::Object object_of(const Check& check) {
  json::Object object;
  object["name"] = text(check.name);
  object["verdict"] = text(name_of(check.verdict));
  object["evidence"] = text(check.evidence);
  if (check.not_before) object["notBefore"] = text(to_rfc3339(*check.not_before));
  return object;
}

json::Object request_object(const ManualRequest& request) {
  json::Object wish;
  if (request.wish.target) wish["target"] = text(request.wish.target->text);
  wish["application"] = request.wish.application;
  wish["infrastructure"] = request.wish.infrastructure;
  wish["dataRiskAccepted"] = request.wish.data_risk_accepted;
  wish["unbakedAllowed"] = request.wish.unbaked_allowed;
  wish["further"] = request.wish.further;
  wish["acceptedAlarms"] = list_of(request.wish.accepted_alarms);
  json::Object object;
  object["environment"] = text(request.environment.name);
  object["level"] = text(name_of(request.level));
  object["reason"] = text(request.reason);
  object["wish"] = std::move(wish);
  return object;
}

Result<Wish> read_wish(const json::Reader& reader) {
  Wish wish;
  if (const auto target = TRY(reader.optional_text("target"))) {
    wish.target = TRY(parse_version(*target));
  }
  wish.application = TRY(reader.boolean("application"));
  wish.infrastructure = TRY(reader.boolean("infrastructure"));
  wish.data_risk_accepted = TRY(reader.boolean("dataRiskAccepted"));
  wish.unbaked_allowed = TRY(reader.boolean("unbakedAllowed"));
  wish.further = TRY(reader.boolean_or("further", false));
  wish.accepted_alarms = TRY(reader.texts("acceptedAlarms"));
  return wish;
}

}  // namespace

json::Value list_document(std::string_view schema, std::string_view key,
                          const std::vector<json::Value>& list) {
  json::Object document;
  document["schema"] = text(fmt::format("stepback/v1/{}", schema));
  document[key] = json::Array(list.begin(), list.end());
  return document;
}

json::Value environment_document(const EnvironmentView& view, Instant now) {
  json::Object document;
  document["schema"] = text("stepback/v1/environment");
  document["environment"] = text(view.head.environment.name);
  const auto condition = condition_of(view, now);
  document["state"] = text(words_of(condition));
  document["condition"] = text(name_of(condition));
  document["protected"] = view.is_protected;
  if (view.head.live) document["version"] = text(view.head.live->version.text);
  if (view.current) {
    document["deploymentId"] = text(view.current->id.text);
    document["deployment"] = to_json(*view.current);
  }
  if (view.rollback) document["rollback"] = to_json(*view.rollback);
  if (view.alarms) {
    json::Array red;
    for (const auto& alarm : *view.alarms) {
      if (alarm.state == AlarmState::alarm) red.push_back(text(alarm.name));
    }
    document["alarms"] = json::Object{{"total", view.alarms->size()}, {"inAlarm", std::move(red)}};
  }
  json::Object ready;
  ready["ready"] = view.choice.target.has_value();
  if (view.choice.target) {
    ready["targetVersion"] = text(view.choice.target->release.version.text);
    ready["predictedSeconds"] = view.predicted.count() / 1000;
  }
  document["rollbackReadiness"] = std::move(ready);
  document["head"] = to_json(view.head);
  if (const auto next = next_for(view); !next.empty()) document["next"] = text(next);
  document["asOf"] = text(to_rfc3339(now));
  return document;
}

json::Value status_document(std::string_view service, std::span<const EnvironmentView> views,
                            Instant now) {
  json::Array environments;
  for (const auto& view : views) environments.push_back(environment_document(view, now));
  json::Object document;
  document["schema"] = text("stepback/v1/status");
  document["service"] = text(service);
  document["environments"] = std::move(environments);
  document["asOf"] = text(to_rfc3339(now));
  return document;
}

json::Value target_document(const TargetLine& line) {
  json::Object document;
  document["schema"] = text("stepback/v1/target");
  document["version"] = text(line.deployment.version.text);
  document["standing"] = text(name_of(line.standing));
  document["why"] = text(line.why);
  if (line.files) document["files"] = *line.files;
  document["deployment"] = to_json(line.deployment);
  return document;
}

json::Value alarm_document(const Environment& environment, const AlarmSeen& alarm) {
  json::Object roles;
  roles["trigger"] = alarm.roles.trigger;
  roles["validate"] = alarm.roles.validate;
  roles["brake"] = alarm.roles.brake;
  roles["notify"] = alarm.roles.notify;
  roles["whileDeploying"] = alarm.roles.while_deploying;
  json::Object document;
  document["schema"] = text("stepback/v1/alarm");
  document["environment"] = text(environment.name);
  document["name"] = text(alarm.name);
  document["state"] = text(name_of(alarm.state));
  if (alarm.since != Instant{}) document["since"] = text(to_rfc3339(alarm.since));
  document["reason"] = text(alarm.reason);
  document["exists"] = alarm.exists;
  document["enabled"] = alarm.enabled;
  document["roles"] = std::move(roles);
  return document;
}

json::Value checks_document(std::span<const Check> checks) {
  json::Array array;
  for (const auto& check : checks) array.push_back(object_of(check));
  return array;
}

json::Value verify_document(const Environment& environment, const VerifyView& view) {
  json::Object document;
  document["schema"] = text("stepback/v1/verification");
  document["environment"] = text(environment.name);
  document["verdict"] = text(name_of(view.verdict));
  document["pipeline"] = text(view.pipeline);
  document["checks"] = checks_document(view.checks);
  document["validation"] = to_json(view.validation);
  if (view.record) document["deployment"] = to_json(*view.record);
  return document;
}

json::Value readiness_document(const Environment& environment, const Readiness& readiness) {
  json::Object document;
  document["schema"] = text("stepback/v1/readiness");
  document["environment"] = text(environment.name);
  document["verdict"] = text(name_of(readiness.verdict));
  if (const auto& target = readiness.target) {
    document["targetVersion"] = text(target->release.version.text);
    document["deploymentId"] = text(target->release.deployment.text);
    document["usual_ms"] = readiness.usual.count();
    document["slow_ms"] = readiness.slow.count();
  }
  if (readiness.proven_at) document["provenAt"] = text(to_rfc3339(*readiness.proven_at));
  json::Array unproven;
  for (const auto& name : readiness.unproven) unproven.push_back(text(name));
  document["unproven"] = std::move(unproven);
  document["checks"] = checks_document(readiness.checks);
  return document;
}

json::Value hold_document(const Environment& environment, const Hold& hold) {
  json::Object document;
  document["schema"] = text("stepback/v1/hold");
  document["environment"] = text(environment.name);
  document["version"] = text(hold.version.text);
  document["digest"] = text(hold.digest.hex);
  document["until"] = text(name_of(hold.until));
  document["reason"] = text(hold.reason);
  document["by"] = text(hold.by);
  document["since"] = text(to_rfc3339(hold.since));
  if (hold.rollback) document["rollbackId"] = text(hold.rollback->text);
  return document;
}

json::Value explain_document(const RollbackView& view) {
  json::Array triggers;
  for (const auto& trigger : view.triggers) triggers.push_back(to_json(trigger));
  json::Array journal;
  for (const auto& stored : view.journal) {
    json::Object entry;
    entry["sequence"] = stored.sequence;
    entry["hash"] = text(stored.hash);
    entry["entry"] = to_json(stored.entry);
    journal.push_back(std::move(entry));
  }
  json::Object document;
  document["schema"] = text("stepback/v1/explanation");
  document["rollback"] = to_json(view.rollback);
  document["triggers"] = std::move(triggers);
  document["journal"] = std::move(journal);
  return document;
}

json::Value symptom_document(const Environment& environment, const Symptom& symptom) {
  json::Object document;
  document["environment"] = text(environment.name);
  document["about"] = text(name_of(symptom.about));
  document["check"] = text(symptom.check.name);
  document["verdict"] = text(name_of(symptom.check.verdict));
  document["evidence"] = text(symptom.check.evidence);
  if (!symptom.remedy.empty()) document["try"] = text(symptom.remedy);
  return document;
}

json::Value plan_document(const PlanView& view, const ManualRequest& request) {
  json::Object document;
  document["schema"] = text(plan_schema);
  document["hash"] = text(view.hash);
  document["request"] = request_object(request);
  const Lane* lane = lane_of(view.rollback, view.rollback.environment);
  if (lane != nullptr && lane->target)
    document["targetVersion"] = text(lane->target->release.version.text);
  document["currentVersion"] = text(view.rollback.rejected.version.text);
  document["predictedSeconds"] = (view.prediction.usual - view.rollback.accepted_at).count() / 1000;
  document["predictedSlowSeconds"] =
      (view.prediction.slow - view.rollback.accepted_at).count() / 1000;
  if (!view.confirm.empty()) document["confirm"] = text(view.confirm);
  document["rollback"] = to_json(view.rollback);
  return document;
}

Result<KeptPlan> read_plan(std::string_view bytes) {
  const auto value = TRY(json::parse(bytes, {.bytes = longest_document}));
  const json::Reader reader(value);
  const auto schema = TRY(reader.text("schema"));
  if (schema != plan_schema) return fail(reader.wrong("schema", "expected stepback/v1/plan"));
  KeptPlan plan{.hash = TRY(reader.text("hash"))};
  plan.target = TRY(reader.text_or("targetVersion", ""));
  const auto request = TRY(reader.object("request"));
  const auto environment = TRY(request.text("environment"));
  plan.request.environment = TRY(parse_environment(environment));
  const auto level = named<Level>(TRY(request.text("level")));
  if (!level) return fail(request.wrong("level", "expected stage or full"));
  plan.request.level = *level;
  plan.request.reason = TRY(request.text("reason"));
  const auto wish = TRY(request.object("wish"));
  plan.request.wish = TRY(read_wish(wish));
  return plan;
}

}  // namespace stepback
