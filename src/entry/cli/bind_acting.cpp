// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/flags.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {

void bind_consent(CLI::App& app, Consent& it) {
  app.add_flag("-y,--yes", it.yes, "the answer to the question, given beforehand");
  text(app, "--confirm", it.confirm, "the name that a severe act asks for", "NAME");
  text(app, "--reason", it.reason, "why; kept in the record (needed where nobody can be asked)");
}

namespace {

void bind_waiting(CLI::App& app, Waiting& it) {
  app.add_flag("--no-wait", it.no_wait, "print the id and leave the rest to the server");
  duration(app, "--timeout", it.timeout, "stop waiting after this; the rollback goes on");
}

void bind_wanted(CLI::App& app, Wanted& it) {
  required(app, "ENV", it.environment);
  text(app, "--to", it.to, "the version to go back to (default: the proposed one)", "VERSION");
  choice(app, "--scope", it.level, "stage: this environment; full: all that run the version");
  text(app, "--component", it.component, "only app, or only infra", "NAME")
      ->check([](const std::string& given) {
        return given == "app" || given == "infra" ? "" : given + " is neither app nor infra";
      });
  app.add_flag("--further", it.further, "only to a version older than what runs")->excludes("--to");
  app.add_flag("--accept-data-risk", it.accept_data_risk,
               "go back over a one-way change, although data may be lost");
  app.add_flag("--accept-unbaked", it.accept_unbaked,
               "a version that succeeded and has not finished baking will do");
  app.add_option("--accept-alarm", it.accept_alarms,
                 "an alarm that may stay red, for this rollback only")
      ->type_name("ALARM");
}

}  // namespace

void add_rollback(Tree& tree) {
  tree.add<RollbackOptions>("rollback", [](CLI::App& app, RollbackOptions& it) {
    bind_wanted(app, it.wanted);
    app.add_flag("--undo", it.undo, "bring back what the newest rollback went back from")
        ->excludes("--to")
        ->excludes("--further");
    app.add_flag("--alone", it.alone,
                 "go on without the second person who should agree; it is on record");
    app.add_flag("--dry-run", it.dry_run, "show the plan, change nothing");
    bind_consent(app, it.consent);
    bind_waiting(app, it.waiting);
    app.add_flag("--detailed-exitcode", it.detailed_exitcode,
                 "with --dry-run: 10 when something would change");
  });
}

void add_careful(Tree& tree) {
  tree.add<PlanOptions>("plan", [](CLI::App& app, PlanOptions& it) {
    bind_wanted(app, it.wanted);
    text(app, "-O,--out", it.file, "keep it, for stepback apply", "FILE");
    text(app, "--reason", it.reason, "why; goes into the plan");
    app.add_flag("--detailed-exitcode", it.detailed_exitcode, "10 when something would change");
  });
  tree.add<ApplyOptions>("apply", [](CLI::App& app, ApplyOptions& it) {
    required(app, "FILE", it.file);
    bind_consent(app, it.consent);
    bind_waiting(app, it.waiting);
  });
  tree.add<CancelOptions>("cancel", [](CLI::App& app, CancelOptions& it) {
    required(app, "ID", it.id);
    text(app, "--reason", it.reason, "why; kept in the record");
  });
  tree.add<HoldListOptions>("hold list", [](CLI::App& app, HoldListOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
  });
  tree.add<HoldAddOptions>("hold add", [](CLI::App& app, HoldAddOptions& it) {
    required(app, "ENV", it.environment);
    text(app, "--version", it.version, "what to keep out", "VERSION")->required();
    choice(app, "--until", it.until, "released: by hand; fixed: when another version succeeds");
    text(app, "--reason", it.reason, "why; kept in the record");
  });
  tree.add<HoldReleaseOptions>("hold release", [](CLI::App& app, HoldReleaseOptions& it) {
    required(app, "ENV", it.environment);
    text(app, "--version", it.version, "what to let in again (default: hand the environment back)",
         "VERSION");
    text(app, "--reason", it.reason, "why; kept in the record");
  });
  tree.add<OverrideAddOptions>("override add", [](CLI::App& app, OverrideAddOptions& it) {
    required(app, "ENV", it.environment);
    text(app, "--check", it.check, "\"alarm NAME\", \"health NAME\" or \"logs NAME\"", "CHECK")
        ->required();
    duration(app, "--for", it.lasts, "how long it does not count; seven days at most");
    text(app, "--reason", it.reason, "why; kept in the record")->required();
    text(app, "--confirm", it.confirm, "the environment's name, where people are served", "NAME");
  });
  tree.add<OverrideListOptions>("override list", [](CLI::App& app, OverrideListOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
  });
  tree.add<OverrideRemoveOptions>("override remove", [](CLI::App& app, OverrideRemoveOptions& it) {
    required(app, "ENV", it.environment);
    text(app, "--check", it.check, "as override list names it", "CHECK")->required();
    text(app, "--reason", it.reason, "why; kept in the record");
  });
  tree.add<EmergencyOptions>("emergency", [](CLI::App& app, EmergencyOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
    app.add_flag("--all", it.all, "what is healthy goes back as well");
    app.add_flag("--dry-run", it.dry_run, "show what would be done, change nothing");
    app.add_flag("--stop-only", it.stop_only, "stop what is being deployed, roll nothing back");
    duration(app, "--soak", it.soak, "how long everything is watched afterwards");
    bind_consent(app, it.consent);
  });
}

}  // namespace stepback::cli
