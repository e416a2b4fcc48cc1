// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "app/config.hpp"
#include "app/config_checks.hpp"
#include "app/findings.hpp"
#include "app/policy_keys.hpp"
#include "base/json.hpp"

namespace stepback {
namespace {

// Collects settings under the paths of the file: "/server/listen" for the look-up, and
// "server.listen" for people.
class Description {
 public:
  explicit Description(const Config& config) : config_(config), places_(config.file) {}

  void add(const std::string& path, std::string value) {
    const auto raw = config_.document.raw.find(path);
    if (raw != config_.document.raw.end()) value = raw->second;
    const auto mark = config_.document.marks.find(path);
    const bool is_written = mark != config_.document.marks.end();
    settings_.push_back(
        {shown(path), std::move(value), is_written ? places_.place(mark->second) : "default"});
  }
  void add(const std::string& path, bool value) { add(path, value ? "true" : "false"); }
  void add(const std::string& path, const char* value) { add(path, std::string(value)); }
  void add(const std::string& path, int value) { add(path, std::to_string(value)); }
  void add(const std::string& path, Duration value) { add(path, to_short(value)); }
  void add(const std::string& path, const std::vector<std::string>& values) {
    // A variable in one of them: all are shown as they were written.
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto raw = config_.document.raw.find(fmt::format("{}/{}", path, i));
      const auto& value = raw == config_.document.raw.end() ? values[i] : raw->second;
      text += (i == 0 ? "" : ", ") + in_quotes(value);
    }
    add(path, "[" + text + "]");
  }
  void add(const std::string& path, const std::vector<int>& values) {
    std::string text;
    for (const int value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
    add(path, text);
  }
  template <class T>
  void add_if(const std::string& path, const T& value) {
    if (value != T{}) add(path, value);
  }
  template <class T>
  void add_if(const std::string& path, const std::optional<T>& value) {
    if (value) add(path, *value);
  }

  // Where the environment has no section of its own, its values come from the default one; they
  // are shown where they hold.
  void shown_as(std::string from, std::string to) { alias_ = {std::move(from), std::move(to)}; }

  std::vector<Setting> take() { return std::move(settings_); }

 private:
  std::string shown(std::string path) const {
    if (!alias_.first.empty() && path.starts_with(alias_.first)) {
      path = alias_.second + path.substr(alias_.first.size());
    }
    std::string text;
    for (std::size_t i = 1; i < path.size(); ++i) text += path[i] == '/' ? '.' : path[i];
    return text;
  }

  const Config& config_;
  Findings places_;
  std::vector<Setting> settings_;
  std::pair<std::string, std::string> alias_;
};

// What follows a "?" may hold a token.
std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

std::string origin_of(const std::string& url) {
  const auto host = url.find("://") + 3;
  const auto path = url.find('/', host);
  return path == std::string::npos ? url : url.substr(0, path) + "/***";
}

std::string text_of(const SecretReference& reference) {
  const bool variable = reference.from == SecretReference::From::variable;
  return (variable ? "env:" : "file:") + reference.name;
}

void describe_application(Description& to, const std::string& path, const ApplicationConfig& from) {
  to.add(path + "/kind", std::string(name_of(from.kind)));
  if (from.kind == ApplicationKind::s3) {
    to.add(path + "/artifacts", from.artifacts);
    to.add(path + "/live", from.live);
    to.add(path + "/pointer", from.pointer);
    to.add(path + "/removeExtras", from.remove_extras);
    to.add_if(path + "/function", from.function);
    if (!from.function.empty()) to.add(path + "/alias", from.alias);
    to.add_if(path + "/build", from.build_project);
  } else {
    to.add(path + "/releases", from.root + "/releases");
    to.add(path + "/current", from.root + "/current");
  }
  to.add_if(path + "/afterSwitch", from.after_switch);
  to.add(path + "/timeout", from.timeout);
}

void describe_infrastructure(Description& to, const std::string& path,
                             const InfrastructureConfig& from) {
  to.add(path + "/kind", std::string(name_of(from.kind)));
  to.add_if(path + "/repository", from.repository);
  to.add_if(path + "/install", from.install);
  to.add_if(path + "/run", from.run);
  to.add_if(path + "/project", from.project);
  to.add_if(path + "/stacks", from.stacks);
  to.add_if(path + "/templates", from.templates);
  if (from.kind == InfrastructureKind::cloudformation)
    to.add(path + "/allowDestructive", from.allow_destructive);
  to.add(path + "/timeout", from.timeout);
}

void describe_pipeline(Description& to, const std::string& path, const PipelineConfig& from) {
  to.add(path + "/kind", std::string(name_of(from.kind)));
  if (from.kind == PipelineKind::codepipeline) {
    to.add(path + "/name", from.name);
    to.add(path + "/stop", from.abandon ? "abandon" : "finish");
    to.add_if(path + "/freeze", from.freeze);
  } else {
    to.add(path + "/stop", from.stop);
  }
  to.add(path + "/timeout", from.timeout);
}

void describe_cloudwatch(Description& to, const std::string& path, const CloudWatchConfig& from) {
  to.add(path + "/alarms", from.alarms);
  to.add_if(path + "/logGroups", from.log_groups);
  if (from.log_groups.empty()) return;
  to.add(path + "/errorPatterns", from.error_patterns);
  to.add(path + "/criticalPatterns", from.critical_patterns);
  to.add_if(path + "/allow", from.allow);
}

void describe_records(Description& to, const Config& config) {
  to.add("/records/kind", std::string(name_of(config.records.kind)));
  if (config.records.kind == RecordsKind::sqlite)
    return to.add("/records/path", config.records.path);
  to.add("/records/table", config.records.table);
  to.add_if("/records/deployments", config.records.deployments);
}

void describe_health(Description& to, const std::string& path, const HealthConfig& from) {
  to.add(path + "/name", from.name);
  to.add(path + "/url", without_query(from.url));
  to.add(path + "/expectStatus", from.statuses);
  to.add(path + "/attempts", from.attempts);
  to.add(path + "/required", from.required);
  to.add(path + "/timeout", from.timeout);
  to.add_if(path + "/maxLatency", from.max_latency);
  to.add_if(path + "/bodyContains", from.body_contains);
  for (const auto& field : from.fields) {
    to.add(path + "/json" + step_to(field.pointer), json::write(field.expected));
  }
}

void describe_version(Description& to, const std::string& path, const VersionConfig& from) {
  if (from.url.empty()) {
    to.add(path + "/command", from.command);
  } else {
    to.add(path + "/url", without_query(from.url));
    to.add(path + "/pointer", from.pointer);
    to.add_if(path + "/digestPointer", from.digest_pointer);
  }
  to.add(path + "/timeout", from.timeout);
}

void describe_alarm(Description& to, const std::string& path, const ProbeAlarmConfig& from) {
  to.add(path + "/name", from.name);
  to.add(path + "/url", without_query(from.url));
  to.add(path + "/expectStatus", from.statuses);
  to.add(path + "/timeout", from.timeout);
  to.add_if(path + "/maxLatency", from.max_latency);
  if (from.threshold) {
    to.add(path + "/pointer", from.threshold->pointer);
    to.add(path + "/comparison", std::string(name_of(from.threshold->comparison)));
    to.add(path + "/threshold", fmt::format("{}", from.threshold->value));
  }
  to.add(path + "/period", from.period);
  to.add(path + "/evaluationPeriods", from.evaluation_periods);
  to.add(path + "/datapointsToAlarm", from.datapoints_to_alarm);
  to.add(path + "/treatMissingData", std::string(name_of(from.missing)));
}

void describe_log(Description& to, const std::string& path, const LogConfig& from) {
  to.add(path + "/name", from.name);
  to.add(path + "/path", from.path);
  to.add(path + "/errorPatterns", from.error_patterns);
  to.add(path + "/criticalPatterns", from.critical_patterns);
  to.add_if(path + "/allow", from.allow);
}

void describe_environment(Description& to, const Config& config, std::size_t index) {
  const auto& environment = config.environments[index];
  const std::string own = fmt::format("/environments/{}", index);
  const std::string shown = "/environments/" + environment.environment.name;
  const auto section = [&](std::string_view name) {
    const std::string path = section_path(config.document, index, name);
    to.shown_as(path, fmt::format("{}/{}", shown, name));
    return path;
  };
  to.shown_as(own, shown);
  to.add(own + "/name", environment.environment.name);
  to.add(own + "/protected", environment.is_protected);
  to.add(own + "/secondPerson", environment.wants_second_person);
  describe_application(to, section("application"), environment.application);
  if (environment.infrastructure)
    describe_infrastructure(to, section("infrastructure"), *environment.infrastructure);
  if (environment.pipeline) describe_pipeline(to, section("pipeline"), *environment.pipeline);
  if (environment.cloudwatch)
    describe_cloudwatch(to, section("cloudwatch"), *environment.cloudwatch);
  if (environment.version) describe_version(to, section("version"), *environment.version);
  const auto each = [&](std::string_view name, const auto& items, auto describe_one) {
    const std::string path = section(name);
    for (std::size_t i = 0; i < items.size(); ++i) {
      describe_one(to, fmt::format("{}/{}", path, i), items[i]);
    }
  };
  each("health", environment.health, describe_health);
  each("alarms", environment.alarms, describe_alarm);
  each("logs", environment.logs, describe_log);
  to.shown_as("", "");
}

void describe_notify(Description& to, const std::string& path, const NotifyConfig& from) {
  to.add(path + "/name", from.name);
  to.add(path + "/kind", std::string(name_of(from.kind)));
  to.add_if(path + "/path", from.path);
  if (!from.url.empty()) to.add(path + "/url", origin_of(from.url));
  if (from.token) to.add(path + "/token", text_of(*from.token));
  if (from.kind == NotifyKind::webhook) to.add(path + "/format", std::string(name_of(from.format)));
  to.add_if(path + "/run", from.run);
  to.add_if(path + "/topic", from.topic);
  if (from.kind == NotifyKind::metrics) {
    to.add(path + "/namespace", from.metric_namespace);
    to.add(path + "/embedded", from.embedded);
  }
  to.add(path + "/timeout", from.timeout);
  std::vector<std::string> events, environments;
  for (const auto event : from.events) events.emplace_back(name_of(event));
  for (const auto& environment : from.environments) environments.push_back(environment.name);
  to.add(path + "/events", events.empty() ? std::vector<std::string>{"all"} : events);
  to.add(path + "/environments",
         environments.empty() ? std::vector<std::string>{"all"} : environments);
}

std::vector<std::string> role_names(const AlarmRoles& roles) {
  std::vector<std::string> names;
  if (roles.trigger) names.emplace_back("trigger");
  if (roles.validate) names.emplace_back("validate");
  if (roles.brake) names.emplace_back("brake");
  if (roles.notify) names.emplace_back("notify");
  if (roles.while_deploying) names.emplace_back("while_deploying");
  if (roles.provider) names.emplace_back("provider");
  return names;
}

void describe_stage(Description& to, const std::string& path, const StagePlan& from) {
  to.add(path + "/name", from.name);
  to.add(path + "/kind", std::string(name_of(from.kind)));
  if (from.environment) to.add(path + "/environment", from.environment->name);
  to.add_if(path + "/run", from.command);
  to.add_if(path + "/reports", from.reports);
  to.add_if(path + "/from", from.from);
  to.add(path + "/timeout", from.limit);
}

void describe_alarm_rules(Description& to, const Config& config) {
  to.add("/alarmRules/prefix", config.prefix);
  for (std::size_t i = 0; i < config.alarm_rules.size(); ++i) {
    const std::string path = fmt::format("/alarmRules/rules/{}", i);
    to.add(path + "/pattern", config.alarm_rules[i].pattern);
    to.add(path + "/roles", role_names(config.alarm_rules[i].roles));
  }
}

void describe_ingest(Description& to, const IngestConfig& ingest) {
  const std::string path = "/server/ingest";
  if (ingest.token) to.add(path + "/token", text_of(*ingest.token));
  for (std::size_t i = 0; i < ingest.secrets.size(); ++i) {
    to.add(fmt::format("{}/hmac/{}", path, i), text_of(ingest.secrets[i]));
  }
  to.add_if(path + "/topics", ingest.topics);
  for (const auto& [name, hook] : ingest.hooks) {
    const std::string at = fmt::format("{}/hooks/{}", path, name);
    to.add(at + "/name", hook.name);
    to.add_if(at + "/environment", hook.environment);
    to.add_if(at + "/state", hook.state);
    to.add(at + "/at", hook.at);
    to.add_if(at + "/reason", hook.reason);
    to.add_if(at + "/version", hook.version);
    to.add_if(at + "/firing", hook.firing);
    to.add_if(at + "/resolved", hook.resolved);
  }
}

void describe_gates(Description& to, const GateRules& gates) {
  to.add("/gates/coverage", percent_text(gates.coverage_basis_points));
  to.add("/gates/branches", gates.by_branches);
  to.add("/gates/from", std::string(name_of(gates.counts_from)));
  for (std::size_t i = 0; i < gates.allowed.size(); ++i) {
    const std::string path = fmt::format("/gates/allow/{}", i);
    to.add(path + "/id", gates.allowed[i].id);
    to.add(path + "/owner", gates.allowed[i].owner);
    to.add(path + "/reason", gates.allowed[i].reason);
    to.add(path + "/until", to_rfc3339_seconds(gates.allowed[i].until));
  }
}

}  // namespace

std::vector<Setting> describe(const Config& config) {
  Description to(config);
  to.add("/service", config.service);
  to.add("/state", config.state);
  describe_records(to, config);
  to.add_if("/aws/region", config.aws.region);
  to.add_if("/aws/profile", config.aws.profile);
  to.add_if("/aws/queue", config.aws.queue);
  to.add_if("/aws/rule", config.aws.rule);
  to.add_if("/aws/function", config.aws.function);
  to.add_if("/aws/deadLetters", config.aws.dead_letters);
  for (std::size_t i = 0; i < config.environments.size(); ++i) describe_environment(to, config, i);
  const bool is_v6 = config.server.host.contains(':');
  to.add("/server/listen", fmt::format("{}{}{}:{}", is_v6 ? "[" : "", config.server.host,
                                       is_v6 ? "]" : "", config.server.port));
  to.add("/server/allowRemote", config.server.allow_remote);
  to.add_if("/server/hosts", config.server.hosts);
  to.add("/server/tokens", config.server.tokens);
  if (!config.server.certificate.empty()) {
    to.add("/server/tls/certificate", config.server.certificate);
    to.add("/server/tls/key", config.server.key);
  }
  to.add("/server/readinessEvery", config.server.look_every);
  describe_ingest(to, config.server.ingest);
  to.add_if("/source/account", config.account);
  to.add_if("/source/region", config.region);
  for (const auto& key : policy_keys) {
    const std::string path = fmt::format("/policy/{}", key.name);
    std::visit([&](auto field) { to.add(path, config.policy.*field); }, key.field);
  }
  describe_gates(to, config.gates);
  describe_alarm_rules(to, config);
  for (std::size_t i = 0; i < config.notify.size(); ++i) {
    describe_notify(to, fmt::format("/notify/{}", i), config.notify[i]);
  }
  for (std::size_t i = 0; i < config.stages.size(); ++i) {
    describe_stage(to, fmt::format("/stages/{}", i), config.stages[i]);
  }
  if (config.incidents_bucket.empty()) {
    to.add("/incidents/directory", config.incidents);
  } else {
    to.add("/incidents/bucket", config.incidents_bucket);
  }
  to.add_if("/review/owner", config.owner);
  if (config.reviewed) to.add("/review/date", to_rfc3339_seconds(*config.reviewed).substr(0, 10));
  for (std::size_t i = 0; i < config.contacts.size(); ++i) {
    to.add(fmt::format("/contacts/{}/name", i), config.contacts[i].name);
    to.add(fmt::format("/contacts/{}/reach", i), config.contacts[i].reach);
  }
  return to.take();
}

}  // namespace stepback
