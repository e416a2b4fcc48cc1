// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/flags.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {

void add_wiring(Tree& tree) {
  tree.add<TriggerOptions>("trigger", [](CLI::App& app, TriggerOptions& it) {
    required(app, "ENV", it.environment);
    auto* alarm = text(app, "--alarm", it.alarm, "as if this alarm had just turned red", "NAME");
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
  tree.add<ConfigCheckOptions>("config check", [](CLI::App&, ConfigCheckOptions&) {});
  tree.add<ConfigShowOptions>("config show", [](CLI::App&, ConfigShowOptions&) {});
  tree.add<ConfigSchemaOptions>("config schema", [](CLI::App&, ConfigSchemaOptions&) {});
  tree.add<InitOptions>("init",
                        [](CLI::App& app, InitOptions& it) { positional(app, "FILE", it.path); });
  tree.add<ServeOptions>("serve", [](CLI::App& app, ServeOptions& it) {
    text(app, "--listen", it.listen, "where to answer (default: the configuration's)", "HOST:PORT");
  });
  tree.add<DemoOptions>("demo", [](CLI::App& app, DemoOptions& it) {
    text(app, "--scenario", it.scenario, "which story to play", "NAME");
    text(app, "--directory", it.directory, "where to play it (default: a fresh one)", "DIR");
    app.add_flag("--keep", it.keep, "leave the directory behind");
  });
  tree.add<HelpOptions>("help",
                        [](CLI::App& app, HelpOptions& it) { positional(app, "TOPIC", it.topic); });
}

}  // namespace stepback::cli
