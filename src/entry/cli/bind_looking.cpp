// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/flags.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {

void add_everyday(Tree& tree) {
  tree.add<StatusOptions>("status", [](CLI::App& app, StatusOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
  });
  tree.add<TargetsOptions>("targets", [](CLI::App& app, TargetsOptions& it) {
    required(app, "ENV", it.environment);
    count(app, "--limit", it.limit, "how many at most");
  });
  add_rollback(tree);
  tree.add<WatchOptions>("watch", [](CLI::App& app, WatchOptions& it) {
    positional(app, "ENV|ID", it.subject);
    duration(app, "--for", it.duration, "how long; 1 if anything turns red meanwhile");
  });
  tree.add<VerifyOptions>("verify", [](CLI::App& app, VerifyOptions& it) {
    required(app, "ENV", it.environment);
    app.add_flag("--checklist", it.checklist, "the runbook's ten boxes");
    choice(app, "--tick", it.tick, "stakeholders or ticket: people say that it is done");
    text(app, "--by", it.by, "whose word that is (default: yours)", "NAME");
  });
  tree.add<ReadyOptions>("ready", [](CLI::App& app, ReadyOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
  });
  tree.add<DrillOptions>("drill", [](CLI::App& app, DrillOptions& it) {
    required(app, "ENV", it.environment);
    duration(app, "--timeout", it.timeout, "stop waiting after this; what is under way goes on");
  });
  tree.add<DoctorOptions>("doctor", [](CLI::App& app, DoctorOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
    text(app, "--only", it.only,
         "one trouble (trigger, rollback, validation, artifacts, records, notices), or one of the "
         "fifteen",
         "NAME")
        ->check([](const std::string& given) {
          return named<Trouble>(given) || named<Item>(given)
                     ? ""
                     : given + " is none of its checks: stepback doctor --help";
        });
    choice(app, "--explain", it.explain, "what one of the fifteen looks at, and what mends it");
  });
  tree.add<HistoryOptions>("history", [](CLI::App& app, HistoryOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
    moment(app, "--since", it.since, "7d, 2026-01-27 or 2026-01-27T10:18:04Z");
    moment(app, "--until", it.until, "likewise");
    count(app, "--limit", it.limit, "how many at most");
    choice(app, "--status", it.status, "in_progress, succeeded, failed or rolled_back");
    choice(app, "--kind", it.kind, "deploy, rollback or drill");
  });
  tree.add<ShowOptions>("show", [](CLI::App& app, ShowOptions& it) { required(app, "ID", it.id); });
  tree.add<ExplainOptions>("explain",
                           [](CLI::App& app, ExplainOptions& it) { required(app, "ID", it.id); });
}

void add_looking(Tree& tree) {
  tree.add<AlarmsOptions>("alarms", [](CLI::App& app, AlarmsOptions& it) {
    auto* environment = positional(app, "ENV", it.environment);
    app.add_flag("--all", it.all, "of every environment")->excludes(environment);
    choice(app, "--state", it.state, "OK, ALARM or INSUFFICIENT_DATA");
  });
  tree.add<HealthOptions>("health", [](CLI::App& app, HealthOptions& it) {
    auto* environment = positional(app, "ENV", it.environment);
    app.add_flag("--all", it.all, "of every environment")->excludes(environment);
  });
}

}  // namespace stepback::cli
