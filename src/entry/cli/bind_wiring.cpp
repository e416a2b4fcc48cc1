// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/flags.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {

void add_wiring(Tree& tree) {
  tree.add<TriggerOptions>("trigger", [](CLI::App& app, TriggerOptions& it) {
    required(app, "ENV", it.environment);
    auto* alarm = text(app, "--alarm", it.alarm, "as if this alarm had just turned red", "ALARM");
    text(app, "--event", it.file, "an event as EventBridge sends it; - reads standard input",
         "FILE")
        ->excludes(alarm);
    app.add_flag("--live", it.live, "take it in, with all that follows");
  });
  tree.add<BacktestOptions>("backtest", [](CLI::App& app, BacktestOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
    text(app, "--policy", it.file, "another configuration (default: the one in force)", "FILE");
    moment(app, "--since", it.since, "7d, 2026-01-27 or 2026-01-27T10:18:04Z");
  });
  tree.add<RcaOptions>("rca", [](CLI::App& app, RcaOptions& it) {
    positional(app, "ID", it.id);
    text(app, "--into", it.into, "a new directory (default: rca-ID)", "DIR");
  });
  tree.add<RcaVerifyOptions>("rca verify", [](CLI::App& app, RcaVerifyOptions& it) {
    required(app, "DIR", it.directory);
  });
  tree.add<AuditOptions>("audit verify", [](CLI::App&, AuditOptions&) {});
  tree.add<BackupOptions>("backup",
                          [](CLI::App& app, BackupOptions& it) { required(app, "FILE", it.file); });
  tree.add<TokenAddOptions>("token add", [](CLI::App& app, TokenAddOptions& it) {
    required(app, "NAME", it.name);
    choice(app, "--role", it.role, "what its owner may: viewer, operator or approver");
  });
  tree.add<TokenListOptions>("token list", [](CLI::App&, TokenListOptions&) {});
  tree.add<TokenRemoveOptions>("token remove", [](CLI::App& app, TokenRemoveOptions& it) {
    required(app, "NAME", it.name);
  });
  tree.add<ConfigCheckOptions>("config check", [](CLI::App&, ConfigCheckOptions&) {});
  tree.add<ConfigShowOptions>("config show", [](CLI::App&, ConfigShowOptions&) {});
  tree.add<ConfigSchemaOptions>("config schema", [](CLI::App&, ConfigSchemaOptions&) {});
  tree.add<InitOptions>("init", [](CLI::App& app, InitOptions& it) {
    positional(app, "FILE", it.path);
    app.add_flag("--snippets", it.snippets, "print what a pipeline must say; write nothing");
  });
  tree.add<ServeOptions>("serve", [](CLI::App& app, ServeOptions& it) {
    text(app, "--listen", it.listen, "where to answer (default: the configuration's)", "HOST:PORT");
  });
  tree.add<DemoOptions>("demo", [](CLI::App& app, DemoOptions& it) {
    auto* story = text(app, "--scenario", it.scenario, "play a story instead, to its end",
                       "stage-succeeds,stage-fails,all-fail,crash");
    text(app, "--directory", it.directory, "where to play it (default: a fresh one)", "DIR")
        ->needs(story);
    app.add_flag("--keep", it.keep, "leave the directory behind")->needs(story);
    app.require_subcommand(0, 1);
  });
  tree.add<DemoBreakOptions>("demo break", [](CLI::App& app, DemoBreakOptions& it) {
    required(app, "ENV", it.environment);
  });
  tree.add<DemoStopOptions>("demo stop", [](CLI::App&, DemoStopOptions&) {});
  tree.add<CompletionOptions>(
      "completion", [](CLI::App& app, CompletionOptions& it) { required(app, "SHELL", it.shell); });
  tree.add<SchemaOptions>(
      "schema", [](CLI::App& app, SchemaOptions& it) { positional(app, "DOCUMENT", it.name); });
  tree.add<HelpOptions>("help", [](CLI::App& app, HelpOptions& it) {
    positional(app, "TOPIC", it.topic);
    auto* man = app.add_flag("--man", it.man, "as a page for man: stepback help --man | man -l -");
    app.add_flag("--markdown", it.markdown, "the whole reference, of commands or of config")
        ->excludes(man);
  });
}

}  // namespace stepback::cli
