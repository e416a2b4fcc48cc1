// SPDX-License-Identifier: Apache-2.0
#include "app/config_reading.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <type_traits>
#include <utility>

#include "app/address_rules.hpp"
#include "app/config_delivery.hpp"
#include "app/config_gates.hpp"
#include "app/config_ingest.hpp"
#include "app/policy_keys.hpp"
#include "base/id.hpp"

namespace stepback {
namespace {

namespace paths = std::filesystem;

constexpr std::size_t longest_alarm_name = 128;  // it becomes the name of a file, too

void read_url(const Section& section, std::string& into) {
  section.read("url", into);
  if (into.empty()) return;
  if (const auto fine = check_address(into); !fine) {
    section.wrong("url", fmt::format("{} is not an address to ask: {}", in_quotes(into),
                                     fine.error().message));
  }
}

std::optional<SecretReference> reference_in(const Section& section, const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string name = text.substr(colon + 1);
  if (text.starts_with("env:")) return SecretReference{SecretReference::From::variable, name};
  return SecretReference{SecretReference::From::file, section.absolute(name)};
}

// --- the sections of an environment --------------------------------------------------------------

HealthConfig read_health(const Section& section) {
  HealthConfig health;
  section.read("name", health.name);
  read_url(section, health.url);
  section.read("expectStatus", health.statuses);
  section.read("attempts", health.attempts);
  health.required = health.attempts;
  section.read("required", health.required);
  if (health.required > health.attempts) {
    section.wrong("required", fmt::format("{} of {} attempts cannot be well", health.required,
                                          health.attempts));
  }
  section.read("timeout", health.timeout);
  section.read("maxLatency", health.max_latency);
  section.read("bodyContains", health.body_contains);
  for (auto& [pointer, expected] : section.members("json")) {
    if (!pointer.starts_with('/')) {
      section.wrong("json", fmt::format("{} is no JSON pointer; did you mean {}?",
                                        in_quotes(pointer), in_quotes("/" + pointer)));
    }
    health.fields.push_back({pointer, std::move(expected)});
  }
  return health;
}

VersionConfig read_version(const Section& section) {
  VersionConfig version;
  read_url(section, version.url);
  section.read("command", version.command);
  section.read("pointer", version.pointer);
  section.read("digestPointer", version.digest_pointer);
  section.read("timeout", version.timeout);
  if (version.url.empty() == version.command.empty()) {
    section.wrong("the version is asked by url or by command: one of the two");
  }
  for (const auto* key : {"pointer", "digestPointer"}) {
    if (section.has(key) && version.url.empty()) {
      section.wrong(key, "a pointer goes with a url: a command prints the version alone");
    }
  }
  return version;
}

void read_threshold(const Section& section, ProbeAlarmConfig& alarm) {
  const bool any = section.has("pointer") || section.has("threshold") || section.has("comparison");
  if (!any) return;
  AlarmThreshold threshold;
  section.read("pointer", threshold.pointer);
  section.read("threshold", threshold.value);
  section.read_choice("comparison", threshold.comparison);
  if (!section.has("pointer") || !section.has("threshold")) {
    section.wrong(
        "pointer and threshold go together: where the number is, and what it is held "
        "against");
  }
  alarm.threshold = threshold;
}

ProbeAlarmConfig read_alarm(const Section& section) {
  ProbeAlarmConfig alarm;
  section.read("name", alarm.name);
  if (!is_plain_token(alarm.name, longest_alarm_name)) {
    section.wrong("name", fmt::format("{} is no name of an alarm: up to {} letters, digits, dots, "
                                      "dashes and underscores",
                                      in_quotes(alarm.name), longest_alarm_name));
  }
  read_url(section, alarm.url);
  section.read("expectStatus", alarm.statuses);
  section.read("timeout", alarm.timeout);
  section.read("maxLatency", alarm.max_latency);
  read_threshold(section, alarm);
  section.read("period", alarm.period);
  section.read("evaluationPeriods", alarm.evaluation_periods);
  alarm.datapoints_to_alarm = alarm.evaluation_periods;
  section.read("datapointsToAlarm", alarm.datapoints_to_alarm);
  if (alarm.datapoints_to_alarm > alarm.evaluation_periods) {
    section.wrong("datapointsToAlarm",
                  fmt::format("{} of {} periods cannot breach", alarm.datapoints_to_alarm,
                              alarm.evaluation_periods));
  }
  section.read_choice("treatMissingData", alarm.missing);
  return alarm;
}

CloudWatchConfig read_cloudwatch(const Section& section) {
  CloudWatchConfig cloudwatch;
  section.read("alarms", cloudwatch.alarms);
  section.read("logGroups", cloudwatch.log_groups);
  section.read("errorPatterns", cloudwatch.error_patterns);
  section.read("criticalPatterns", cloudwatch.critical_patterns);
  section.read("allow", cloudwatch.allow);
  return cloudwatch;
}

LogConfig read_log(const Section& section) {
  LogConfig log;
  section.read_path("path", log.path);
  log.name = paths::path(log.path).filename().string();
  section.read("name", log.name);
  section.read("errorPatterns", log.error_patterns);
  section.read("criticalPatterns", log.critical_patterns);
  section.read("allow", log.allow);
  return log;
}

// Of two with one name nobody could tell which is meant.
template <class Item>
void must_differ(const std::vector<Section>& sections, const std::vector<Item>& items) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!names.insert(items[i].name).second) {
      sections[i].wrong("name", fmt::format("{} is there twice: each has a name of its own",
                                            in_quotes(items[i].name)));
    }
  }
}

template <class Item>
std::vector<Item> read_list(const std::vector<Section>& sections, Item (*read)(const Section&)) {
  std::vector<Item> items;
  items.reserve(sections.size());
  for (const auto& section : sections) items.push_back(read(section));
  must_differ(sections, items);
  return items;
}

// An environment's own section stands in for the whole of the default one.
class Sections {
 public:
  Sections(const Section& own, const std::optional<Section>& defaults) : own_(own) {
    if (defaults) defaults_ = defaults->for_environment(own.environment());
  }
  const Section& holder(std::string_view key) const {
    return own_.has(key) || !defaults_ ? own_ : *defaults_;
  }
  std::optional<Section> of(std::string_view key) const { return holder(key).child(key); }
  std::vector<Section> list_of(std::string_view key) const { return holder(key).children(key); }

 private:
  const Section& own_;
  std::optional<Section> defaults_;
};

EnvironmentConfig read_environment(const Section& section, const std::optional<Section>& defaults,
                                   const Policy& policy) {
  EnvironmentConfig environment;
  section.read("name", environment.environment.name);
  const Section own = section.for_environment(environment.environment.name);
  const Sections sections(own, defaults);
  own.read("protected", environment.is_protected);
  own.read("secondPerson", environment.wants_second_person);
  if (const auto found = sections.of("application")) {
    environment.application = read_application(*found, policy);
  } else {
    own.wrong(fmt::format("{} has no application: give it one, or put one into defaults",
                          environment.environment.name));
  }
  if (const auto found = sections.of("infrastructure")) {
    environment.infrastructure = read_infrastructure(*found, policy);
  }
  if (const auto found = sections.of("pipeline")) {
    environment.pipeline = read_pipeline(*found, policy);
  }
  if (const auto found = sections.of("version")) environment.version = read_version(*found);
  if (const auto found = sections.of("cloudwatch"))
    environment.cloudwatch = read_cloudwatch(*found);
  environment.health = read_list(sections.list_of("health"), read_health);
  environment.alarms = read_list(sections.list_of("alarms"), read_alarm);
  environment.logs = read_list(sections.list_of("logs"), read_log);
  return environment;
}

// --- the rest of the file ------------------------------------------------------------------------

Policy read_policy(const Section& root) {
  Policy policy;
  const auto section = root.child("policy");
  if (!section) return policy;
  for (const auto& key : policy_keys) {
    std::visit([&](auto field) { section->read(key.name, policy.*field); }, key.field);
  }
  return policy;
}

RecordsConfig read_records(const Section& root, const std::string& state) {
  RecordsConfig records{.path = state + "/stepback.db", .table = "", .deployments = ""};
  const auto section = root.child("records");
  if (!section) return records;
  section->read_choice("kind", records.kind);
  section->read_path("path", records.path);
  section->read("table", records.table);
  section->read("deployments", records.deployments);
  const bool has_slot = records.deployments.contains("{environment}");
  if (!records.deployments.empty() && !has_slot) {
    section->wrong("deployments", fmt::format("{} is one table for all: put {{environment}} into "
                                              "its name",
                                              in_quotes(records.deployments)));
  }
  return records;
}

ServerConfig read_server(const Section& root) {
  ServerConfig server;
  const auto section = root.child("server");
  if (!section) return server;
  section->read("allowRemote", server.allow_remote);
  server.ingest = read_ingest(*section);
  section->read("hosts", server.hosts);
  section->read_path("tokens", server.tokens);
  section->read("readinessEvery", server.look_every);
  if (const auto tls = section->child("tls")) {
    tls->read_path("certificate", server.certificate);
    tls->read_path("key", server.key);
  }
  if (!section->has("listen")) return server;
  std::string listen;
  section->read("listen", listen);
  const auto listening = parse_listening(listen);
  if (!listening) {
    section->wrong("listen", fmt::format("{}: {}", in_quotes(listen), listening.error().message));
    return server;
  }
  server.host = listening->host;
  server.port = listening->port;
  if (!listening->is_loopback && !server.allow_remote) {
    section->wrong("listen", fmt::format("{} can be reached from other machines; say allowRemote: "
                                         "true if that is meant",
                                         in_quotes(listen)));
  }
  if (!listening->is_loopback && !server.ingest.token && server.ingest.secrets.empty()) {
    section->wrong("listen", "what other machines can reach needs ingest.token or ingest.hmac");
  }
  return server;
}

AlarmRoles roles_of(const std::vector<std::string>& names) {
  const auto has = [&](std::string_view name) { return std::ranges::count(names, name) > 0; };
  return {.trigger = has("trigger"),
          .validate = has("validate"),
          .brake = has("brake"),
          .notify = has("notify"),
          .while_deploying = has("while_deploying"),
          .provider = has("provider")};
}

void read_alarm_rules(const Section& root, Config& config) {
  const auto section = root.child("alarmRules");
  if (section) section->read("prefix", config.prefix);
  config.alarm_rules = default_alarm_rules(config.prefix);
  if (!section || !section->has("rules")) return;
  config.alarm_rules.clear();
  for (const auto& rule : section->children("rules")) {
    std::string pattern;
    std::vector<std::string> roles;
    rule.read("pattern", pattern);
    rule.read("roles", roles);
    const auto star = pattern.find('*');
    if (star != std::string::npos && star + 1 != pattern.size()) {
      rule.wrong("pattern", fmt::format("{}: a * stands at the end only", in_quotes(pattern)));
    }
    if (!pattern.contains("{environment}")) {
      rule.wrong("pattern", fmt::format("{} does not say where {{environment}} stands: an alarm "
                                        "belongs to one",
                                        in_quotes(pattern)));
    }
    config.alarm_rules.push_back({pattern, roles_of(roles)});
  }
}

NotifyConfig read_notify(const Section& section) {
  NotifyConfig notify;
  std::string kind;
  section.read("kind", kind);
  section.read_choice("kind", notify.kind);
  notify.name = kind;
  section.read("name", notify.name);
  section.read_path("path", notify.path);
  if (notify.kind == NotifyKind::webhook) read_url(section, notify.url);
  notify.token = read_reference(section, "token");
  section.read_choice("format", notify.format);
  section.read("run", notify.run);
  section.read("topic", notify.topic);
  section.read("namespace", notify.metric_namespace);
  section.read("embedded", notify.embedded);
  section.read("timeout", notify.timeout);
  std::vector<std::string> events, environments;
  section.read("events", events);
  for (const auto& event : events) {
    if (const auto known = named<NoticeKind>(event)) notify.events.push_back(*known);
  }
  section.read("environments", environments);
  for (auto& environment : environments) notify.environments.push_back({std::move(environment)});
  return notify;
}

void read_review(const Section& root, Config& config) {
  const auto review = root.child("review");
  if (!review) return;
  review->read("owner", config.owner);
  std::string day;
  review->read("date", day);
  if (day.empty()) return;
  if (const auto at = parse_rfc3339(day + "T00:00:00Z")) {
    config.reviewed = *at;
  } else {
    review->wrong("date", in_quotes(day) + " is no day");
  }
}

}  // namespace

std::optional<SecretReference> read_reference(const Section& section, std::string_view key) {
  std::string text;
  section.read(key, text);
  return reference_in(section, text);
}

std::vector<SecretReference> read_references(const Section& section, std::string_view key) {
  std::vector<std::string> texts;
  section.read(key, texts);
  std::vector<SecretReference> references;
  for (const auto& text : texts) {
    if (auto reference = reference_in(section, text)) references.push_back(*std::move(reference));
  }
  return references;
}

Config read_config(const Section::File& file) {
  const Section root(file, file.document.value, "", "");
  Config config;
  config.file = file.findings.file();
  config.document = file.document;
  root.read("service", config.service);
  root.read_path("state", config.state);
  config.records = read_records(root, config.state);
  if (const auto aws = root.child("aws")) {
    aws->read("region", config.aws.region);
    aws->read("profile", config.aws.profile);
    aws->read("queue", config.aws.queue);
    aws->read("rule", config.aws.rule);
    aws->read("function", config.aws.function);
    aws->read("deadLetters", config.aws.dead_letters);
  }
  config.incidents = config.state + "/incidents";
  if (const auto incidents = root.child("incidents")) {
    incidents->read_path("directory", config.incidents);
    incidents->read("bucket", config.incidents_bucket);
  }
  if (const auto source = root.child("source")) {
    source->read("account", config.account);
    source->read("region", config.region);
  }
  config.policy = read_policy(root);
  if (const auto gates = root.child("gates")) config.gates = read_gates(*gates);
  config.server = read_server(root);
  if (config.server.tokens.empty()) config.server.tokens = config.state + "/tokens.json";
  read_alarm_rules(root, config);
  const auto defaults = root.child("defaults");
  for (const auto& section : root.children("environments")) {
    config.environments.push_back(read_environment(section, defaults, config.policy));
  }
  config.stages = read_stages(root);
  config.notify = read_list(root.children("notify"), read_notify);
  for (const auto& section : root.children("contacts")) {
    Contact contact;
    section.read("name", contact.name);
    section.read("reach", contact.reach);
    config.contacts.push_back(std::move(contact));
  }
  read_review(root, config);
  return config;
}

}  // namespace stepback
