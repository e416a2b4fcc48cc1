// SPDX-License-Identifier: Apache-2.0
#pragma once

// Options: what a command line says, as values. One struct for each command, and a variant of them
// all, so that a command without an answer does not compile. Parsing touches nothing but its
// arguments: no file, no clock, no environment. Any thread.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/names.hpp"
#include "base/time.hpp"
#include "domain/access.hpp"
#include "domain/checklist.hpp"
#include "domain/checkup.hpp"
#include "domain/deployment.hpp"
#include "domain/diagnosis.hpp"
#include "domain/gate.hpp"
#include "domain/head.hpp"
#include "domain/rollback.hpp"
#include "entry/cli/errors.hpp"
#include "reports/read.hpp"

namespace stepback {

enum class OutputFormat { table, json, yaml, jsonl, text, id };
template <>
inline constexpr Names<OutputFormat, OutputFormat::id> names_of<OutputFormat>{
    "table", "json", "yaml", "jsonl", "text", "id"};

enum class ColorWish { when_terminal, always, no };
template <>
inline constexpr Names<ColorWish, ColorWish::no> names_of<ColorWish>{"auto", "always", "never"};

enum class LogWish { all, error };
template <>
inline constexpr Names<LogWish, LogWish::error> names_of<LogWish>{"all", "error"};

// Flags that every command takes, before or after its name.
struct GlobalOptions {
  std::string configuration;  // the file's path; empty: where it is usually found
  OutputFormat output = OutputFormat::table;
  std::string query;  // JMESPath, asked of the document; empty: all of it
  ColorWish color = ColorWish::when_terminal;
  bool ascii = false;
  bool no_header = false;
  bool no_input = false;   // never ask, as in a pipe
  bool read_only = false;  // refuse whatever would change something
  bool quiet = false;
  bool verbose = false;
  bool debug = false;
  bool log_as_text = false;
};

struct ServeOptions {
  std::string listen;  // host:port; empty: the configuration's
};

struct DemoOptions {
  std::string scenario;   // a story to play; empty: one that stays, until it is stopped
  std::string directory;  // empty: a fresh one, removed afterwards
  bool keep = false;
};

}  // namespace stepback

namespace stepback::cli {

// How a person agreed beforehand to what they asked for.
struct Consent {
  bool yes = false;
  std::string confirm;  // the name that severe acts want typed
  std::string reason;
};

struct Waiting {
  bool no_wait = false;
  std::optional<Duration> timeout;  // how long to wait for the end; the rollback has its own limits
};

struct Wanted {
  std::string environment;
  Level level = Level::stage;
  std::string to;         // a version, or the beginning of one; empty: the proposed one
  std::string component;  // app or infra; empty: both
  bool accept_data_risk = false;
  bool accept_unbaked = false;
  bool further = false;  // only to what is older than what runs
  std::vector<std::string> accept_alarms;
};

struct StatusOptions {
  std::vector<std::string> environments;
};
struct TargetsOptions {
  std::string environment;
  std::size_t limit = 20;
};
struct RollbackOptions {
  Wanted wanted;
  Consent consent;
  Waiting waiting;
  bool dry_run = false;
  bool detailed_exitcode = false;
  bool alone = false;  // where a second person should agree
  bool undo = false;   // bring back what the newest rollback went back from
};
struct PlanOptions {
  Wanted wanted;
  std::string reason;
  std::string file;  // empty: only shown
  bool detailed_exitcode = false;
};
struct ApplyOptions {
  std::string file;
  Consent consent;
  Waiting waiting;
};
struct WatchOptions {
  std::string subject;  // an environment or an id; empty: the one rollback under way
  std::optional<Duration> duration;
};
struct VerifyOptions {
  std::string environment;
  bool checklist = false;
  std::optional<Box> tick;
  std::string by;  // whose word the tick is; empty: who types
};
struct ReadyOptions {
  std::vector<std::string> environments;
};
struct DrillOptions {
  std::string environment;
  std::optional<Duration> timeout;
};
struct DoctorOptions {
  std::vector<std::string> environments;
  std::string only;  // one of the troubles, or of the fifteen
  std::optional<Item> explain;
};
struct HistoryOptions {
  std::vector<std::string> environments;
  std::string since;  // a duration back from now, or a time
  std::string until;
  std::size_t limit = 20;
  std::optional<DeploymentStatus> status;
  std::optional<DeploymentKind> kind;
};
struct ShowOptions {
  std::string id;
};
struct LogsOptions {
  std::string environment;
  bool app = false;
  std::string since;
  LogWish level = LogWish::all;
  bool follow = false;
  std::size_t limit = 1000;
};
struct PipelineOptions {
  std::string environment;  // empty: all of them
  bool stop = false;
  Consent consent;
};
struct MetricsOptions {
  std::string environment;
  std::string since;
  std::optional<Duration> period;
};
struct NotifyTestOptions {
  std::string channel;  // empty: all of them
};
struct NotifyResendOptions {
  std::string id;
  std::string reason;
};
struct ReconcileOptions {
  std::vector<std::string> environments;
  bool fix = false;
  std::string reason;
};
struct ArtifactsOptions {
  std::string environment;
  std::string version;  // empty: the newest ones
  std::size_t limit = 10;
};
struct ArtifactsRestoreOptions {
  std::string environment;
  std::string version;
  std::string reason;
};
struct ArtifactsPutOptions {
  std::string environment;
  std::string version;
  std::string from;
  Consent consent;
};
struct AmendOptions {
  std::string id;
  DeploymentStatus status = DeploymentStatus::failed;
  std::string ended;  // a duration back from now, or a time; empty: as recorded, or now
  std::string reason;
};
struct RcaOptions {
  std::string id;
  std::string into;  // a directory that is not there yet; empty: rca-ID
};
struct RcaVerifyOptions {
  std::string directory;
};
struct ExplainOptions {
  std::string id;
};
struct AlarmsOptions {
  std::string environment;
  bool all = false;
  std::optional<AlarmState> state;
};
struct HealthOptions {
  std::string environment;
  bool all = false;
};
struct HoldListOptions {
  std::vector<std::string> environments;
};
struct HoldAddOptions {
  std::string environment;
  std::string version;
  HoldUntil until = HoldUntil::released;
  std::string reason;
};
struct HoldReleaseOptions {
  std::string environment;
  std::string version;  // empty: the environment itself is handed back to automation
  std::string reason;
};
struct OverrideAddOptions {
  std::string environment;
  std::string check;
  Duration lasts = hours(1);
  std::string reason;
  std::string confirm;  // the environment's name, where people are served
};
struct OverrideListOptions {
  std::vector<std::string> environments;
};
struct OverrideRemoveOptions {
  std::string environment;
  std::string check;
  std::string reason;
};
struct EmergencyOptions {
  std::vector<std::string> environments;  // none: all
  bool all = false;                       // what is healthy goes back as well
  bool stop_only = false;
  bool dry_run = false;
  Duration soak = minutes(15);  // how long what was rolled back is watched afterwards
  Consent consent;
};
struct BacktestOptions {
  std::string file;  // another configuration, whose policy is held against the record
  std::string since = "30d";
  std::vector<std::string> environments;
};
struct TriggerOptions {
  std::string environment;
  std::string alarm;
  std::string file;
  bool live = false;
};
struct DeployFacts {
  std::string environment;
  std::string version;
  std::string one_way;
  bool accept_one_way = false;
  std::optional<bool> infrastructure_changed;
  std::string infrastructure_version;
};
struct DeployOptions {
  DeployFacts facts;
  std::string from;
  bool wait_bake = false;
  Duration check_limit = minutes(2);
};
struct DeployStartOptions {
  DeployFacts facts;
};
struct DeploySucceedOptions {
  std::string environment;
};
struct DeployFailOptions {
  DeployFacts facts;
  std::string reason;
};
struct DeployHeartbeatOptions {
  std::string environment;
};
struct PipelineRunOptions {
  std::string version;
};
struct PipelineStatusOptions {};
struct PipelineStopOptions {};
struct ApproveOptions {
  std::string run;  // empty: the one that is under way
  std::string reason;
};
struct RejectOptions {
  std::string run;
  std::string reason;
};
struct GateOptions {
  std::string kind;
  std::string environment;
  std::vector<std::string> reports;
  std::string version;  // empty: what is deployed there
  std::optional<Format> format;
  std::optional<std::int64_t> coverage;  // in hundredths of a percent
  bool branches = false;
  std::optional<Rating> counts_from;
  bool no_record = false;
  std::string output_file = "stepback-gate.json";
  bool explain = false;
};
struct CancelOptions {
  std::string id;
  std::string reason;
};
struct AuditOptions {};
struct BackupOptions {
  std::string file;
};
struct TokenAddOptions {
  std::string name;
  CallerRole role = CallerRole::viewer;
};
struct TokenListOptions {};
struct TokenRemoveOptions {
  std::string name;
};
struct ConfigCheckOptions {};
struct ConfigShowOptions {};
struct ConfigSchemaOptions {};
struct InitOptions {
  std::string path = "stepback.yaml";
  bool snippets = false;
};
struct DemoBreakOptions {
  std::string environment;
};
struct DemoStopOptions {};
struct CompletionOptions {
  std::string shell;
};
struct SchemaOptions {
  std::string name;  // of a document; empty: which there are
};
struct HelpOptions {
  std::string topic;  // empty: the overview
  bool man = false;
  bool markdown = false;
};

using Command = std::variant<
    HelpOptions, StatusOptions, TargetsOptions, RollbackOptions, PlanOptions, ApplyOptions,
    WatchOptions, VerifyOptions, ReadyOptions, DrillOptions, DoctorOptions, HistoryOptions,
    ShowOptions, ExplainOptions, AlarmsOptions, HealthOptions, HoldListOptions, HoldAddOptions,
    HoldReleaseOptions, TriggerOptions, DeployOptions, DeployStartOptions, DeploySucceedOptions,
    DeployFailOptions, DeployHeartbeatOptions, PipelineRunOptions, PipelineStatusOptions,
    PipelineStopOptions, ApproveOptions, RejectOptions, GateOptions, AmendOptions, ReconcileOptions,
    ArtifactsOptions, ArtifactsRestoreOptions, ArtifactsPutOptions, LogsOptions, PipelineOptions,
    NotifyTestOptions, NotifyResendOptions, MetricsOptions, RcaOptions, RcaVerifyOptions,
    OverrideAddOptions, OverrideListOptions, OverrideRemoveOptions, EmergencyOptions,
    BacktestOptions, CancelOptions, AuditOptions, BackupOptions, TokenAddOptions, TokenListOptions,
    TokenRemoveOptions, ConfigCheckOptions, ConfigShowOptions, ConfigSchemaOptions, InitOptions,
    ServeOptions, DemoOptions, DemoBreakOptions, DemoStopOptions, CompletionOptions, SchemaOptions>;

struct Parsed {
  GlobalOptions global;
  Command command;
};
struct HelpText {
  std::string text;
};
using Parse = std::variant<Parsed, HelpText, Complaint>;

// Without the program's name.
Parse parse(const std::vector<std::string>& arguments);

// What a command cannot do without and the parser could not ask for: `deploy` has commands below it
// that need none of it, and `gate --explain` needs nothing.
std::optional<Complaint> what_is_missing(const Command& command);

// "79.5" is 7950. Nothing unless it is a share from 0 to 100 with up to two decimals.
std::optional<std::int64_t> parse_percent(std::string_view text);

// "7d" is that long before now; else a date or an RFC 3339 time.
Result<Instant> parse_moment(std::string_view text, Instant now);

}  // namespace stepback::cli
