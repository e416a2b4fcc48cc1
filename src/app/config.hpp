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
#include "domain/gate.hpp"
#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/policy.hpp"
#include "domain/run.hpp"
#include "signals/read.hpp"
#include "wire/notice_formats.hpp"

namespace stepback {

using Arguments = std::vector<std::string>;  // the program first

struct SecretReference {
  enum class From { variable, file };
  From from = From::variable;
  std::string name;  // of the variable, or the path

  bool operator==(const SecretReference&) const = default;
};

// symlink: releases/<version> and the link `current`, side by side in one folder.
// s3: versions below one bucket, what is live in another, with the pointer that is written last.
enum class ApplicationKind { symlink, s3 };
template <>
inline constexpr Names<ApplicationKind, ApplicationKind::s3> names_of<ApplicationKind>{"symlink",
                                                                                       "s3"};

struct ApplicationConfig {
  ApplicationKind kind = ApplicationKind::symlink;
  std::string root;  // symlink: that folder
  Arguments after_switch;
  Duration timeout = seconds(30);  // of the command after the switch
  std::string artifacts;           // s3: a bucket
  std::string live;                // s3: another
  std::string pointer = "current-version.txt";
  bool remove_extras = true;
  std::string function;  // s3: a function whose code follows the switch, by its alias
  std::string alias = "live";
  std::string build_project;  // s3: a build that follows the switch

  bool operator==(const ApplicationConfig&) const = default;
};

enum class InfrastructureKind { command, codebuild, cloudformation };
template <>
inline constexpr Names<InfrastructureKind, InfrastructureKind::cloudformation>
    names_of<InfrastructureKind>{"command", "codebuild", "cloudformation"};

struct InfrastructureConfig {
  InfrastructureKind kind = InfrastructureKind::command;
  std::string repository;
  Arguments run;
  Arguments install;  // before `run`, in a fresh work tree; may be empty
  Duration timeout = minutes(4);
  std::string project;              // codebuild: what deploys a commit's stacks
  std::vector<std::string> stacks;  // cloudformation: in the order they are updated
  std::string templates;            // cloudformation: s3://bucket/{version}/…/{stack}.template.json
  bool allow_destructive = false;   // cloudformation: also what replaces or removes data

  bool operator==(const InfrastructureConfig&) const = default;
};

enum class PipelineKind { command, codepipeline };
template <>
inline constexpr Names<PipelineKind, PipelineKind::codepipeline> names_of<PipelineKind>{
    "command", "codepipeline"};

struct PipelineConfig {
  PipelineKind kind = PipelineKind::command;
  Arguments stop;
  Duration timeout = seconds(30);
  std::string name;     // codepipeline
  bool abandon = true;  // codepipeline: leave what is under way, else let it finish
  std::string freeze;   // codepipeline: a stage that nothing may enter while it rolls back

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

// What CloudWatch knows of an environment: its alarms, by the alarm rules, and groups of logs.
struct CloudWatchConfig {
  bool alarms = true;
  std::vector<std::string> log_groups;
  std::vector<std::string> error_patterns{"ERROR"};
  std::vector<std::string> critical_patterns{"FATAL"};
  std::vector<std::string> allow;

  bool operator==(const CloudWatchConfig&) const = default;
};

struct EnvironmentConfig {
  Environment environment;
  bool wants_second_person = false;  // to agree before people roll it back
  bool is_protected = false;
  ApplicationConfig application;
  std::optional<InfrastructureConfig> infrastructure;
  std::optional<PipelineConfig> pipeline;
  std::vector<HealthConfig> health;
  std::optional<VersionConfig> version;
  std::vector<ProbeAlarmConfig> alarms;
  std::vector<LogConfig> logs;
  std::optional<CloudWatchConfig> cloudwatch;

  bool operator==(const EnvironmentConfig&) const = default;
};

// metrics: not people, but CloudWatch; through the same outbox.
enum class NotifyKind { file, webhook, command, sns, metrics };
template <>
inline constexpr Names<NotifyKind, NotifyKind::metrics> names_of<NotifyKind>{
    "file", "webhook", "command", "sns", "metrics"};

struct NotifyConfig {
  std::string name;  // unique: the outbox remembers by it who was told
  NotifyKind kind = NotifyKind::file;
  std::string path;                               // file
  std::string url;                                // webhook
  std::optional<SecretReference> token;           // webhook
  NoticeFormat format = NoticeFormat::stepback;   // webhook
  Arguments run;                                  // command
  std::string topic;                              // sns: an ARN, with {environment}
  std::string metric_namespace = "KiroPipeline";  // metrics
  bool embedded = false;                          // metrics: as lines of the function's own log
  Duration timeout = seconds(10);
  std::vector<NoticeKind> events;  // none: all
  Environments environments;       // none: all

  bool operator==(const NotifyConfig&) const = default;
};

struct IngestConfig {
  std::optional<SecretReference> token;
  std::vector<SecretReference> secrets;  // by which senders sign; several while they change
  std::vector<std::string> topics;       // ARNs
  std::map<std::string, Mapping, std::less<>> hooks;

  bool operator==(const IngestConfig&) const = default;
};

struct ServerConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8431;
  bool allow_remote = false;
  std::vector<std::string> hosts;  // the names it is asked for by; none: as it listens
  std::string tokens;              // the file of those who may use it; in `state` unless said
  std::string certificate;         // with its key: answers by TLS
  std::string key;
  Duration look_every = minutes(5);  // at readiness
  IngestConfig ingest;

  bool operator==(const ServerConfig&) const = default;
};

enum class RecordsKind { sqlite, dynamodb };
template <>
inline constexpr Names<RecordsKind, RecordsKind::dynamodb> names_of<RecordsKind>{"sqlite",
                                                                                 "dynamodb"};

struct RecordsConfig {
  RecordsKind kind = RecordsKind::sqlite;
  std::string path;         // sqlite: the database; in `state` unless it is said
  std::string table;        // dynamodb: one for all environments
  std::string deployments;  // dynamodb: people's own, with {environment}; empty: none

  bool operator==(const RecordsConfig&) const = default;
};

struct AwsConfig {
  std::string region;   // empty: as the environment or the profile says
  std::string profile;  // empty: as awscli finds it
  std::string queue;    // where rollbacks are taken up again, with {environment}
  // What brings events here, for whoever looks why none came; with {environment}, empty: not told.
  std::string rule;
  std::string function;
  std::string dead_letters;

  bool operator==(const AwsConfig&) const = default;
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
  RecordsConfig records;
  AwsConfig aws;
  std::vector<EnvironmentConfig> environments;  // in promotion order
  ServerConfig server;
  std::string account;  // of events; empty: not looked at
  std::string region;
  Policy policy;
  GateRules gates;
  std::string prefix = "kiro";
  AlarmRules alarm_rules;
  std::vector<NotifyConfig> notify;
  std::string incidents;         // a folder; in `state` unless it is said
  std::string incidents_bucket;  // instead: a bucket, with {environment}
  std::vector<Contact> contacts;
  std::string owner;                // whose it is
  std::optional<Instant> reviewed;  // when somebody last looked through it
  std::vector<StagePlan> stages;    // of the pipeline on this machine; {version} stays for each run

  YamlDocument document;  // what was read, for the places of its settings

  Environments names() const;
  bool uses_aws() const;  // anything of it: else nothing of AWS is looked for
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
