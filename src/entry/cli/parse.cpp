// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <memory>

#include "base/ensure.hpp"
#include "entry/cli/catalogue.hpp"
#include "entry/cli/flags.hpp"
#include "entry/cli/options.hpp"
#include "entry/cli/spelling.hpp"

namespace stepback::cli {
namespace {

using Chosen = std::optional<Command>;

struct Tree {
  CLI::App app{"", "stepback"};
  std::map<std::string, CLI::App*, std::less<>> commands;  // by path
  GlobalOptions global;
  Chosen chosen;

  CLI::App& parent_of(std::string_view path);
  CLI::App& add(std::string_view path);

  // Adds a command; its draft is bound by `bind` and chosen when the command was named.
  template <class Options>
  void add(std::string_view path, void (*bind)(CLI::App&, Options&)) {
    CLI::App& command = add(path);
    // Shared, because the library wants to copy the callback that owns it.
    auto draft = std::make_shared<Options>();
    bind(command, *draft);
    command.callback([this, &command, draft] {
      if (command.get_subcommands().empty()) chosen = *draft;
    });
  }
};

CLI::App& Tree::parent_of(std::string_view path) {
  const auto space = path.find(' ');
  if (space == std::string_view::npos) return app;
  const auto first = path.substr(0, space);
  if (const auto known = commands.find(first); known != commands.end()) return *known->second;
  CLI::App& group = add(first);
  group.require_subcommand(1);
  return group;
}

CLI::App& Tree::add(std::string_view path) {
  CLI::App& parent = parent_of(path);
  const std::string name(path.substr(path.find(' ') + 1));
  CLI::App* command = parent.add_subcommand(name);
  for (const auto& word : command_names()) {
    if (word != name && &parent == &app && canonical(word) == name) command->alias(word);
  }
  commands.emplace(path, command);
  return *command;
}

// --- groups of options --------------------------------------------------------------------------

void bind_consent(CLI::App& app, Consent& it) {
  app.add_flag("-y,--yes", it.yes, "the answer to the question, given beforehand");
  text(app, "--confirm", it.confirm, "the name that a severe act asks for", "NAME");
  text(app, "--reason", it.reason, "why; kept in the record (needed where nobody can be asked)");
}

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
  app.add_flag("--accept-data-risk", it.accept_data_risk,
               "go back over a one-way change, although data may be lost");
  app.add_flag("--accept-unbaked", it.accept_unbaked,
               "a version that succeeded and has not finished baking will do");
  app.add_option("--accept-alarm", it.accept_alarms,
                 "an alarm that may stay red, for this rollback only")
      ->type_name("NAME");
}

void bind_facts(CLI::App& app, DeployFacts& it) {
  positional(app, "ENV", it.environment);
  text(app, "--version", it.version, "what is deployed, normally a commit", "VERSION");
  text(app, "--one-way", it.one_way, "why going back from it loses data", "REASON");
  app.add_option_function<bool>(
         "--infra-changed", [&it](bool changed) { it.infrastructure_changed = changed; },
         "true or false; unsaid is not false")
      ->type_name("BOOL");
  text(app, "--infra-version", it.infrastructure_version, "of the infrastructure it comes with",
       "VERSION");
}

void bind_global(CLI::App& app, GlobalOptions& it) {
  text(app, "-c,--config", it.configuration,
       "the configuration (else STEPBACK_CONFIG, "
       "./stepback.yaml upwards)",
       "FILE");
  choice(app, "-o,--output", it.output, "table, json, yaml, jsonl, text or id");
  choice(app, "--color", it.color, "auto, always or never");
  app.add_flag("--ascii", it.ascii, "no signs beyond ASCII");
  app.add_flag("--no-header", it.no_header, "tables without their first line");
  app.add_flag("--no-input", it.no_input, "never ask");
  app.add_flag("--read-only", it.read_only, "refuse whatever would change something");
  app.add_flag("-q,--quiet", it.quiet, "only what was asked for");
  app.add_flag("-v,--verbose", it.verbose, "more of it");
  app.add_flag("--debug", it.debug, "the log, on standard error");
  app.add_option_function<std::string>(
         "--log-format", [&it](const std::string& form) { it.log_as_text = form == "text"; },
         "text or json")
      ->type_name("NAME")
      ->check([](const std::string& given) {
        return given == "text" || given == "json" ? "" : given + " is neither text nor json";
      });
}

// --- commands -----------------------------------------------------------------------------------

void add_everyday(Tree& tree) {
  tree.add<StatusOptions>("status", [](CLI::App& app, StatusOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
  });
  tree.add<TargetsOptions>("targets", [](CLI::App& app, TargetsOptions& it) {
    required(app, "ENV", it.environment);
    count(app, "--limit", it.limit, "how many at most");
  });
  tree.add<RollbackOptions>("rollback", [](CLI::App& app, RollbackOptions& it) {
    bind_wanted(app, it.wanted);
    app.add_flag("--dry-run", it.dry_run, "show the plan, change nothing");
    bind_consent(app, it.consent);
    bind_waiting(app, it.waiting);
    app.add_flag("--detailed-exitcode", it.detailed_exitcode,
                 "with --dry-run: 10 when something would change");
  });
  tree.add<WatchOptions>("watch", [](CLI::App& app, WatchOptions& it) {
    positional(app, "ENV|ID", it.subject);
    duration(app, "--for", it.duration, "how long; 1 if anything turns red meanwhile");
  });
  tree.add<VerifyOptions>("verify", [](CLI::App& app, VerifyOptions& it) {
    required(app, "ENV", it.environment);
    app.add_flag("--checklist", it.checklist, "the runbook's ten boxes");
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
    choice(app, "--only", it.only, "trigger, rollback, validation, artifacts, records or notices");
  });
  tree.add<HistoryOptions>("history", [](CLI::App& app, HistoryOptions& it) {
    app.add_option("ENV", it.environments)->type_name("");
    moment(app, "--since", it.since, "7d, 2026-01-27 or 2026-01-27T10:18:04Z");
    moment(app, "--until", it.until, "likewise");
    count(app, "--limit", it.limit, "how many at most");
    choice(app, "--status", it.status, "in_progress, succeeded, failed or rolled_back");
  });
  tree.add<ShowOptions>("show", [](CLI::App& app, ShowOptions& it) { required(app, "ID", it.id); });
  tree.add<ExplainOptions>("explain",
                           [](CLI::App& app, ExplainOptions& it) { required(app, "ID", it.id); });
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

void add_pipeline(Tree& tree) {
  tree.add<DeployOptions>("deploy", [](CLI::App& app, DeployOptions& it) {
    bind_facts(app, it.facts);
    // Its subcommands are without it, so it cannot be required here: what_is_missing() sees to it.
    text(app, "--from", it.from, "the directory with what is to run", "DIR");
    app.add_flag("--wait-bake", it.wait_bake, "stay until it is good, or taken back");
    duration(app, "--check-limit", it.check_limit, "until its checks must have passed");
    app.require_subcommand(0, 1);
  });
  tree.add<DeployStartOptions>("deploy start", [](CLI::App& app, DeployStartOptions& it) {
    bind_facts(app, it.facts);
    app.get_option("ENV")->required();
    app.get_option("--version")->required();
  });
  tree.add<DeploySucceedOptions>("deploy succeed", [](CLI::App& app, DeploySucceedOptions& it) {
    required(app, "ENV", it.environment);
  });
  tree.add<DeployFailOptions>("deploy fail", [](CLI::App& app, DeployFailOptions& it) {
    bind_facts(app, it.facts);
    app.get_option("ENV")->required();
    app.get_option("--version")
        ->description("it failed before anything of it ran, and was not recorded as begun");
    for (const auto* fact : {"--one-way", "--infra-changed", "--infra-version"})
      app.get_option(fact)->needs("--version");
    text(app, "--reason", it.reason, "why; kept in the record");
  });
  tree.add<GateOptions>("gate", [](CLI::App& app, GateOptions& it) {
    // Not required by the library, since --explain needs none: what_is_missing() sees to them.
    positional(app, "KIND", it.kind)->check([](const std::string& given) {
      return named<GateKind>(given) ? "" : given + " is none of tests, coverage, scan, cfn";
    });
    positional(app, "ENV", it.environment);
    app.add_option("--report", it.reports, "what the tool wrote; again for each file")
        ->type_name("FILE")
        ->allow_extra_args(false);
    text(app, "--version", it.version, "what was looked at (default: what is deployed there)",
         "VERSION");
    choice(app, "--format", it.format, "the reports' format (default: found by their content)");
    percent(app, "--coverage", it.coverage, "what must be covered (default: the configuration's)");
    app.add_flag("--branches", it.branches, "measure branches instead of lines");
    choice(app, "--from", it.counts_from, "the rating from which a finding counts");
    app.add_flag("--no-record", it.no_record, "only judge: keep no record, start nothing");
    text(app, "--output-file", it.output_file, "where the verdict is written", "FILE");
    app.add_flag("--explain", it.explain, "which word of which tool counts as what");
  });
}

void add_runs(Tree& tree) {
  tree.add<DeployHeartbeatOptions>(
      "deploy heartbeat",
      [](CLI::App& app, DeployHeartbeatOptions& it) { required(app, "ENV", it.environment); });
  tree.add<PipelineRunOptions>("pipeline run", [](CLI::App& app, PipelineRunOptions& it) {
    text(app, "--version", it.version, "what goes through, normally a commit", "VERSION")
        ->required();
  });
  tree.add<PipelineStatusOptions>("pipeline status", [](CLI::App&, PipelineStatusOptions&) {});
  tree.add<PipelineStopOptions>("pipeline stop", [](CLI::App&, PipelineStopOptions&) {});
  tree.add<ApproveOptions>("approve", [](CLI::App& app, ApproveOptions& it) {
    positional(app, "RUN", it.run);
    text(app, "--reason", it.reason, "what was checked; kept in the record")->required();
  });
  tree.add<RejectOptions>("reject", [](CLI::App& app, RejectOptions& it) {
    positional(app, "RUN", it.run);
    text(app, "--reason", it.reason, "why not; kept in the record")->required();
  });
}

void add_wiring(Tree& tree) {
  tree.add<TriggerOptions>("trigger", [](CLI::App& app, TriggerOptions& it) {
    required(app, "ENV", it.environment);
    auto* alarm = text(app, "--alarm", it.alarm, "as if this alarm had just turned red", "NAME");
    text(app, "--event", it.file, "an event as EventBridge sends it; - reads standard input",
         "FILE")
        ->excludes(alarm);
    app.add_flag("--live", it.live, "take it in, with all that follows");
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

// --- what to say --------------------------------------------------------------------------------

// The command that was named, as far as it was understood.
const CLI::App& innermost(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : innermost(*below.front());
}

std::string path_of(const CLI::App& app) {
  if (app.get_parent() == nullptr) return {};
  const auto above = path_of(*app.get_parent());
  return above.empty() ? app.get_name() : above + " " + app.get_name();
}

std::vector<Flag> flags_of(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const auto* option : app.get_options()) {
    const bool help = option->check_lname("help") && app.get_parent() != nullptr;
    if (!option->nonpositional() || help) continue;
    auto names = option->get_name(false, true);
    for (auto comma = names.find(','); comma != std::string::npos;
         comma = names.find(',', comma + 2))
      names.replace(comma, 1, ", ");
    flags.push_back({names, option->get_items_expected_max() == 0 ? "" : option->get_type_name(),
                     option->get_description()});
  }
  return flags;
}

HelpText help_for(const CLI::App& app) {
  const auto& named = innermost(app);
  const auto path = path_of(named);
  return {path.empty() ? overview(flags_of(app)) : help_page(entry_of(path), flags_of(named))};
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* each = &app; each != nullptr; each = each->get_parent()) {
    for (const auto* option : each->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> names_below(const CLI::App& app) {
  if (app.get_parent() == nullptr) return command_names();
  std::vector<std::string> names;
  for (const auto* below : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(below->get_name());
  return names;
}

std::string with_name(const std::string& path) {
  return path.empty() ? "stepback" : "stepback " + path;
}

// A word or flag that nobody knows.
Complaint unknown(const CLI::App& app, const std::string& word) {
  const auto& named = innermost(app);
  const auto path = path_of(named);
  const bool flag = word.starts_with("-");
  const auto guess = nearest(word, flag ? flag_names(named) : names_below(named));
  Complaint complaint{.exit = Exit::usage};
  complaint.what =
      fmt::format("{} {} {}", with_name(path), flag ? "has no flag" : "knows no", word);
  complaint.why = guess  ? fmt::format("did you mean {}?", *guess)
                  : flag ? "its flags are in its help"
                         : "it is no command and not expected here";
  if (!flag && guess) {
    const auto meant = path.empty() ? *guess : path + " " + *guess;
    complaint.attempt = fmt::format("stepback {} --help", meant);
  } else {
    complaint.attempt = path.empty() ? "stepback --help" : with_name(path) + " --help";
  }
  return complaint;
}

Complaint misunderstood(const CLI::App& app, const CLI::ParseError& error) {
  const auto path = path_of(innermost(app));
  std::string why = error.what();
  std::ranges::replace(why, '\n', ' ');
  const bool incomplete = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  return {.exit = Exit::usage,
          .what = with_name(path) + (incomplete ? " needs more" : " does not understand a value"),
          .why = why,
          .attempt = path.empty() ? "stepback --help" : with_name(path) + " --help"};
}

void build(Tree& tree) {
  tree.app.fallthrough();
  tree.app.set_help_flag("-h,--help", "examples and flags");
  tree.app.set_version_flag("--version", "stepback " STEPBACK_VERSION, "the program's version");
  tree.app.require_subcommand(0, 1);
  bind_global(tree.app, tree.global);
  add_everyday(tree);
  add_careful(tree);
  add_looking(tree);
  add_pipeline(tree);
  add_runs(tree);
  add_wiring(tree);
}

// The flag alone asks for the program's version. Beside a command that has none of its own it is a
// mistake, and must not end a script's step as if that had been carried out.
Parse version_or_mistake(const CLI::App& app, const std::vector<std::string>& arguments) {
  const auto word = std::ranges::find_if(
      arguments, [](const std::string& each) { return !each.starts_with('-'); });
  if (word == arguments.end()) return HelpText{"stepback " STEPBACK_VERSION "\n"};
  const auto names = command_names();
  if (std::ranges::find(names, *word) == names.end()) return unknown(app, *word);
  return Complaint{Exit::usage, "stepback " + *word + " takes no --version", "it stands alone",
                   "stepback " + *word + " --help", ""};
}

}  // namespace

Parse parse(const std::vector<std::string>& arguments) {
  Tree tree;
  try {
    build(tree);
    // The library wants them last first.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    tree.app.parse(reversed);
  } catch (const CLI::CallForVersion&) {
    return version_or_mistake(tree.app, arguments);
  } catch (const CLI::CallForHelp&) {
    return help_for(tree.app);
  } catch (const CLI::ParseError& error) {
    const auto rest = tree.app.remaining(true);
    const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                       dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    if (extra && !rest.empty()) return unknown(tree.app, rest.front());
    return misunderstood(tree.app, error);
  } catch (const CLI::Error& error) {
    return Complaint{Exit::usage, "the command line cannot be read", error.what(),
                     "stepback --help", ""};
  }
  if (!tree.chosen) return HelpText{overview(flags_of(tree.app))};
  if (auto complaint = what_is_missing(*tree.chosen)) return *std::move(complaint);
  if (const auto* help = std::get_if<HelpOptions>(&*tree.chosen)) {
    if (help->topic.empty()) return HelpText{overview(flags_of(tree.app))};
    const auto command = tree.commands.find(canonical(help->topic));
    if (command != tree.commands.end())
      return HelpText{help_page(entry_of(command->first), flags_of(*command->second))};
  }
  return Parsed{std::move(tree.global), *std::move(tree.chosen)};
}

}  // namespace stepback::cli
