// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/flags.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {
namespace {

void add_artifacts(Tree& tree) {
  tree.add<ArtifactsOptions>("artifacts", [](CLI::App& app, ArtifactsOptions& it) {
    positional(app, "ENV", it.environment);  // what_is_missing() asks for it: the commands below
    text(app, "--version", it.version, "this one, every byte of it read", "VERSION");
    count(app, "--limit", it.limit, "how many at most");
    app.require_subcommand(0, 1);
  });
  tree.add<ArtifactsRestoreOptions>(
      "artifacts restore", [](CLI::App& app, ArtifactsRestoreOptions& it) {
        required(app, "ENV", it.environment);
        text(app, "--version", it.version, "what to bring back", "VERSION")->required();
        text(app, "--reason", it.reason, "why; kept in the record");
      });
  tree.add<ArtifactsPutOptions>("artifacts put", [](CLI::App& app, ArtifactsPutOptions& it) {
    required(app, "ENV", it.environment);
    text(app, "--version", it.version, "what it is called", "VERSION")->required();
    text(app, "--from", it.from, "the directory with its files", "DIR")->required();
    bind_consent(app, it.consent);
  });
}

void add_logs(Tree& tree) {
  tree.add<LogsOptions>("logs", [](CLI::App& app, LogsOptions& it) {
    required(app, "ENV", it.environment);
    app.add_flag("--app", it.app, "the application's own, not what Stepback did");
    moment(app, "--since", it.since, "from when on (default: 1h): 5m ago, or a time");
    choice(app, "--level", it.level, "all, or error");
    app.add_flag("-f,--follow", it.follow, "go on as they come, until Ctrl-C");
    count(app, "--limit", it.limit, "how many at most, the newest");
  });
  tree.add<MetricsOptions>("metrics", [](CLI::App& app, MetricsOptions& it) {
    required(app, "ENV", it.environment);
    moment(app, "--since", it.since, "from when on (default: 24h): 7d ago, or a time");
    duration(app, "--period", it.period, "how long each part of it is (default: 1h)");
  });
  tree.add<PipelineOptions>("pipeline", [](CLI::App& app, PipelineOptions& it) {
    auto* environment = positional(app, "ENV", it.environment);
    app.add_flag("--stop", it.stop, "stop what deploys into the environment")->needs(environment);
    bind_consent(app, it.consent);
    app.require_subcommand(0, 1);
  });
}

void add_notify(Tree& tree) {
  tree.add<NotifyTestOptions>("notify test", [](CLI::App& app, NotifyTestOptions& it) {
    positional(app, "CHANNEL", it.channel);
  });
  tree.add<NotifyResendOptions>("notify resend", [](CLI::App& app, NotifyResendOptions& it) {
    required(app, "ID", it.id);
    text(app, "--reason", it.reason, "why; kept in the record (needed where nobody can be asked)");
  });
}

void add_records(Tree& tree) {
  tree.add<ReconcileOptions>("reconcile", [](CLI::App& app, ReconcileOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
    app.add_flag("--fix", it.fix, "mend the records where that is safe; nothing that runs changes");
    text(app, "--reason", it.reason, "why; kept in the record (needed where nobody can be asked)");
  });
  tree.add<AmendOptions>("record amend", [](CLI::App& app, AmendOptions& it) {
    required(app, "ID", it.id);
    choice(app, "--status", it.status, "what became of it: succeeded, failed or rolled_back")
        ->required();
    moment(app, "--ended", it.ended, "when (default: as recorded, or now): 30m ago, or a time");
    text(app, "--reason", it.reason, "why; kept in the record")->required();
  });
}

}  // namespace

void add_inspecting(Tree& tree) {
  add_artifacts(tree);
  add_logs(tree);
  add_notify(tree);
  add_records(tree);
}

}  // namespace stepback::cli
