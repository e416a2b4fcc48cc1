// SPDX-License-Identifier: Apache-2.0
#pragma once

// Config: what the configuration file says, as values, with every default filled in. It is read
// once, before anything else begins, and taken whole or not at all: everything that is wrong with
// the file is told at once, each with its place. {environment} has been filled in where a setting
// belongs to one environment; {version} and the like stay for the adapters. Secrets are references,
// never the secrets. Used by the assembly and the command line; plain values, any thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/yaml.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "domain/alarm.hpp"
#include "domain/environment.hpp"
#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/policy.hpp"

namespace stepback {

using Arguments = std::vector<std::string>;  // the program first

struct SecretReference {
  enum class From { variable, file };
  From from = From::variable;
  std::string name;  // of the variable, or the path

  bool operator==(const SecretReference&) const = default;
};

// releases/<version> and the link `current`, side by side in one folder.
struct ApplicationConfig {
  std::string root;  // that folder
  Arguments after_switch;
  Duration timeout = seconds(30);  // of the command after the switch

  bool operator==(const ApplicationConfig&) const = default;
};

struct InfrastructureConfig {
  std::string repository;
  Arguments run;
  Arguments install;  // before `run`, in a fresh work tree; may be empty
  Duration timeout = minutes(4);

  bool operator==(const InfrastructureConfig&) const = default;
};

struct PipelineConfig {
  Arguments stop;
  Duration timeout = seconds(30);

  bool operator==(const PipelineConfig&) const = default;
};

struct AnswerField {
  std::string pointer;  // into the JSON of the answer
  json::Value expected;

  bool operator==(const AnswerField&) const = default;
};

struct HealthConfig {
  std::string name;
  std::string url;
  std::vector<int> statuses{200};
  int attempts = 3;
  int required = 3;  // of the attempts; all of them unless it is said
  Duration timeout = seconds(5);
  std::optional<Duration> max_latency;
  std::string body_contains;
  std::vector<AnswerField> fields;

  bool operator==(const HealthConfig&) const = default;
};

// Asked by URL or by command: one of the two is set.
struct VersionConfig {
  std::string url;
  std::string pointer = "/version";
  std::string digest_pointer;  // empty: the answer does not say
  Arguments command;           // prints the version
  Duration timeout = seconds(5);

  bool operator==(const VersionConfig&) const = default;
};

enum class Comparison { greater, greater_or_equal, less, less_or_equal };
template <>
inline constexpr Names<Comparison, Comparison::less_or_equal> names_of<Comparison>{
    "greater", "greaterOrEqual", "less", "lessOrEqual"};

struct AlarmThreshold {
  std::string pointer;  // to the number in the answer
  double value = 0;
  Comparison comparison = Comparison::greater;

  bool operator==(const AlarmThreshold&) const = default;
};

struct ProbeAlarmConfig {
  std::string name;
  std::string url;
  std::vector<int> statuses{200};
  Duration timeout = seconds(5);
  std::optional<Duration> max_latency;
  std::optional<AlarmThreshold> threshold;
  Duration period = seconds(60);
  int evaluation_periods = 1;
  int datapoints_to_alarm = 1;  // as many as evaluation_periods unless it is said
  MissingData missing = MissingData::missing;

  bool operator==(const ProbeAlarmConfig&) const = default;
};

struct LogConfig {
  std::string name;  // the file's unless it is said
  std::string path;
  std::vector<std::string> error_patterns{"ERROR"};
  std::vector<std::string> critical_patterns{"FATAL"};
  std::vector<std::string> allow;  // a line with one of these does not count

  bool operator==(const LogConfig&) const = default;
};

struct EnvironmentConfig {
  Environment environment;
  bool is_protected = false;
  ApplicationConfig application;
  std::optional<InfrastructureConfig> infrastructure;
  std::optional<PipelineConfig> pipeline;
  std::vector<HealthConfig> health;
  std::optional<VersionConfig> version;
  std::vector<ProbeAlarmConfig> alarms;
  std::vector<LogConfig> logs;

  bool operator==(const EnvironmentConfig&) const = default;
};

enum class NotifyKind { file, webhook, command };
template <>
inline constexpr Names<NotifyKind, NotifyKind::command> names_of<NotifyKind>{"file", "webhook",
                                                                             "command"};

struct NotifyConfig {
  std::string name;  // unique: the outbox remembers by it who was told
  NotifyKind kind = NotifyKind::file;
  std::string path;                      // file
  std::string url;                       // webhook
  std::optional<SecretReference> token;  // webhook
  Arguments run;                         // command
  Duration timeout = seconds(10);
  std::vector<NoticeKind> events;  // none: all
  Environments environments;       // none: all

  bool operator==(const NotifyConfig&) const = default;
};

struct ServerConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8431;
  bool allow_remote = false;
  std::optional<SecretReference> ingest_token;

  bool operator==(const ServerConfig&) const = default;
};

struct Contact {
  std::string name;
  std::string reach;

  bool operator==(const Contact&) const = default;
};

struct Config {
  std::string file;
  std::string service;
  std::string state = "/var/lib/stepback";
  std::string records;                          // the database; in `state` unless it is said
  std::vector<EnvironmentConfig> environments;  // in promotion order
  ServerConfig server;
  std::string account;  // of events; empty: not looked at
  std::string region;
  Policy policy;
  std::string prefix = "kiro";
  AlarmRules alarm_rules;
  std::vector<NotifyConfig> notify;
  std::string incidents;  // a folder; in `state` unless it is said
  std::vector<Contact> contacts;

  YamlDocument document;  // what was read, for the places of its settings

  Environments names() const;
  const EnvironmentConfig* find(const Environment& environment) const;
};

struct ConfigText {
  std::string text;
  std::string file;       // as errors name it
  std::string directory;  // where relative paths begin; absolute
};

// Code::invalid with a line for each thing that is wrong: "stepback.yaml:3:5: what".
Result<Config> parse_config(const ConfigText& text, const Variables& variables);

// Reads it as well. denied: others may write to the file, or it is a link; not_found.
Result<Config> load_config(const std::string& path, const Variables& variables);

Variables variables_of_process();

// What `config show` prints: the effective value of each setting and where it comes from
// ("stepback.yaml:12:5", or "default"). Texts that variables were filled into are shown as they
// were written, and of an address only what can hold no secret.
struct Setting {
  std::string path;  // "environments.production.health[0].url"
  std::string value;
  std::string origin;

  bool operator==(const Setting&) const = default;
};
std::vector<Setting> describe(const Config& config);

// The secret itself. not_found: no such variable or file; denied: others may read the file.
Result<Secret> read_secret(const SecretReference& reference, const Variables& variables);

}  // namespace stepback
