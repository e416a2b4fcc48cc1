// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/catalogue.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/ensure.hpp"

namespace stepback::cli {
namespace {

constexpr std::string_view everyday = "everyday";
constexpr std::string_view careful = "careful";
constexpr std::string_view look = "look closer";
constexpr std::string_view pipeline = "from the pipeline";
constexpr std::string_view wiring = "repair and wiring";

constexpr std::array entries{
    Entry{"status",
          "[ENV...]",
          everyday,
          "where everything is now",
          {"stepback status", "stepback status production", "stepback status -o json"}},
    Entry{"ready",
          "[ENV...]",
          everyday,
          "could it be rolled back right now: to what, how fast, and who has seen it work?",
          {"stepback ready", "stepback ready production", "stepback ready -o json"}},
    Entry{"targets",
          "ENV",
          everyday,
          "what it could go back to: chosen and refused, with reasons",
          {"stepback targets production", "stepback targets production --limit 1 -o id"}},
    Entry{"rollback",
          "ENV",
          everyday,
          "go back to the newest good version, or to --to",
          {"stepback rollback production --dry-run", "stepback rollback production",
           "stepback rollback production --further", "stepback rollback production --undo",
           "stepback rollback production --to 2222222 --yes --reason \"checkout fails\""}},
    Entry{"watch",
          "[ENV|ID]",
          everyday,
          "follow a rollback, or an environment",
          {"stepback watch", "stepback watch production --for 15m"}},
    Entry{"verify",
          "ENV",
          everyday,
          "look at everything now: is what runs healthy?",
          {"stepback verify production", "stepback verify production --checklist",
           "stepback verify production --tick ticket --by \"Ada\""}},
    Entry{"history",
          "[ENV...]",
          everyday,
          "deployments and rollbacks, newest first",
          {"stepback history production", "stepback history --since 7d --status rolled_back"}},
    Entry{"explain",
          "ID",
          everyday,
          "why each decision of a rollback was taken",
          {"stepback explain rb-01KFZ3Q8W5T7A0B1C2D3"}},
    Entry{"show",
          "ID",
          everyday,
          "one record with all its fields",
          {"stepback show dep-01KFZ3Q8W5T7A0B1C2D3", "stepback show rb-01KFZ3Q8W5T7A0B1C2D3"}},
    Entry{"plan",
          "ENV",
          careful,
          "what a rollback would do, to a file if wanted",
          {"stepback plan production", "stepback plan production -O plan.json"}},
    Entry{"apply", "FILE", careful, "exactly that plan, or nothing", {"stepback apply plan.json"}},
    Entry{"cancel",
          "ID",
          careful,
          "stop a rollback that has not changed anything yet",
          {"stepback cancel rb-01KFZ3Q8W5T7A0B1C2D3 --reason \"false alarm\""}},
    Entry{"emergency",
          "[ENV...]",
          careful,
          "several environments at once: stop all, go back, watch",
          {"stepback emergency --dry-run", "stepback emergency",
           "stepback emergency --stop-only --confirm shop --reason \"checkout is down\""}},
    Entry{"override",
          "COMMAND",
          careful,
          "let one check not count, for a while",
          {"stepback override list"}},
    Entry{"override add",
          "ENV",
          careful,
          "a check that is known to be wrong does not count",
          {"stepback override add test --check \"alarm shop-test-errors\" --for 2h --reason \"its "
           "metric is broken\""}},
    Entry{"override list",
          "[ENV...]",
          careful,
          "what does not count, until when and why",
          {"stepback override list", "stepback override list production"}},
    Entry{"override remove",
          "ENV",
          careful,
          "it counts again",
          {"stepback override remove test --check \"alarm shop-test-errors\""}},
    Entry{"hold",
          "COMMAND",
          careful,
          "keep a release out, or let it in again",
          {"stepback hold list"}},
    Entry{"hold list",
          "[ENV...]",
          careful,
          "what is kept out, since when and why",
          {"stepback hold list", "stepback hold list production"}},
    Entry{"hold add",
          "ENV",
          careful,
          "keep a version out of an environment",
          {"stepback hold add production --version 3333333 --reason \"leaks memory\""}},
    Entry{"hold release",
          "ENV",
          careful,
          "let a version in again, or hand the environment back to automation",
          {"stepback hold release production --version 3333333 --reason \"fixed upstream\"",
           "stepback hold release production --reason \"checked by hand\""}},
    Entry{"alarms",
          "[ENV]",
          look,
          "alarms with their state and what each one may do",
          {"stepback alarms production", "stepback alarms --all --state ALARM"}},
    Entry{"health",
          "[ENV]",
          look,
          "the health probes, carried out now",
          {"stepback health production", "stepback health --all"}},
    Entry{"logs",
          "ENV",
          look,
          "what Stepback did there, or what the application wrote",
          {"stepback logs production --level error --since 1h",
           "stepback logs production --app --since 5m", "stepback logs production --follow"}},
    Entry{"metrics",
          "ENV",
          look,
          "how often it is deployed and rolled back, how much fails, how long until it is well",
          {"stepback metrics production --since 24h --period 1h",
           "stepback metrics production --since 30d --period 1d"}},
    Entry{"artifacts",
          "ENV",
          look,
          "what lies where versions are kept, and what became of what does not",
          {"stepback artifacts production", "stepback artifacts production --version 2222222"}},
    Entry{"artifacts restore",
          "ENV",
          look,
          "bring back what was deleted, where it is still kept",
          {"stepback artifacts restore production --version 2222222"}},
    Entry{"artifacts put",
          "ENV",
          look,
          "publish a version again; other content than was verified is said to be that",
          {"stepback artifacts put production --version 2222222 --from dist --reason \"rebuilt\""}},
    Entry{"deploy",
          "ENV",
          pipeline,
          "put a version into an environment, and check it",
          {"stepback deploy test --version 3333333 --from ./build",
           "stepback deploy production --version 3333333 --from ./build --wait-bake"}},
    Entry{"deploy start",
          "ENV",
          pipeline,
          "record that another tool begins to deploy",
          {"stepback deploy start test --version 3333333"}},
    Entry{"deploy succeed",
          "ENV",
          pipeline,
          "record that it succeeded",
          {"stepback deploy succeed test"}},
    Entry{"deploy fail",
          "ENV",
          pipeline,
          "record that it failed; what is live of it goes back",
          {"stepback deploy fail test --reason \"smoke test failed\"",
           "stepback deploy fail test --version 3333333 --reason \"cdk deploy failed\""}},
    Entry{"deploy heartbeat",
          "ENV",
          pipeline,
          "a sign of life of a deployment that takes long",
          {"stepback deploy heartbeat test"}},
    Entry{"pipeline",
          "[ENV]",
          pipeline,
          "what deploys into an environment, stage by stage; or a run on this machine",
          {"stepback pipeline production",
           "stepback pipeline production --stop --reason \"wrong version\"",
           "stepback pipeline status"}},
    Entry{"pipeline run",
          "",
          pipeline,
          "take a version through the stages of the configuration",
          {"stepback pipeline run --version 3333333"}},
    Entry{"pipeline status",
          "",
          pipeline,
          "the newest run: its stages, what each touched, what it waits for",
          {"stepback pipeline status", "stepback pipeline status -o json"}},
    Entry{"pipeline stop",
          "",
          pipeline,
          "have the run that is under way end at once",
          {"stepback pipeline stop"}},
    Entry{"approve",
          "[RUN|ENV]",
          pipeline,
          "let the run that asks go on, or the rollback that waits for a second person",
          {"stepback approve --reason \"checked on staging\"",
           "stepback approve production --reason \"seen it too\""}},
    Entry{"reject",
          "[RUN|ENV]",
          pipeline,
          "end the run that asks, or the question for a rollback; nothing is rolled back",
          {"stepback reject --reason \"wait for the campaign\"",
           "stepback reject production --reason \"it is the network\""}},
    Entry{"gate",
          "tests|coverage|scan|cfn ENV",
          pipeline,
          "whether reports of tests, coverage or scans let a version through",
          {"stepback gate tests test --report junit.xml --version 3333333",
           "stepback gate scan test --report trivy.json --no-record", "stepback gate --explain"}},
    Entry{"trigger",
          "ENV",
          wiring,
          "what an alarm or an event would do; --live does it",
          {"stepback trigger production --alarm kiro-pipeline-production-errors",
           "stepback trigger production --event alarm.json"}},
    Entry{"drill",
          "ENV",
          careful,
          "rehearse a rollback: there and back again, measured",
          {"stepback drill test"}},
    Entry{"doctor",
          "[ENV...]",
          wiring,
          "what keeps rollbacks from starting, working or being heard of, and what mends it",
          {"stepback doctor", "stepback doctor production --only trigger",
           "stepback doctor --explain retention"}},
    Entry{"reconcile",
          "[ENV...]",
          wiring,
          "where records and the world say different things, and what mends each",
          {"stepback reconcile production", "stepback reconcile production --fix"}},
    Entry{"notify",
          "COMMAND",
          wiring,
          "whether people are told, and telling them once more",
          {"stepback notify test"}},
    Entry{"notify test",
          "[CHANNEL]",
          wiring,
          "tell people that nothing happened, to see whether it reaches them",
          {"stepback notify test", "stepback notify test on-call"}},
    Entry{"notify resend",
          "ID",
          wiring,
          "tell once more how a rollback stands, marked as that",
          {"stepback notify resend rb-01KFZ3Q8W5T7A0B1C2D3 --reason \"nobody had it\""}},
    Entry{"record",
          "COMMAND",
          wiring,
          "a record that says something else than what happened",
          {"stepback record amend dep-01KFZ3Q8W5T7A0B1C2D3 --status failed --reason \"died\""}},
    Entry{"record amend",
          "ID",
          wiring,
          "correct it: what it said before, who corrected it and why stay on record",
          {"stepback record amend dep-01KFZ3Q8W5T7A0B1C2D3 --status failed --reason \"died\"",
           "stepback record amend dep-01KFZ3Q8W5T7 --ended 30m --status failed --reason died"}},
    Entry{"rca",
          "ID",
          wiring,
          "all that is known of a rollback, in a directory that proves itself",
          {"stepback rca rb-01KFZ3Q8W5T7A0B1C2D3"}},
    Entry{"rca verify",
          "DIR",
          wiring,
          "whether what was collected is as it was",
          {"stepback rca verify rca-rb-01KFZ3Q8W5T7A0B1C2D3"}},
    Entry{"backtest",
          "[ENV...]",
          wiring,
          "what a policy would have made of the signals on record, and whether rightly",
          {"stepback backtest", "stepback backtest --policy other.yaml --since 90d"}},
    Entry{"audit", "COMMAND", wiring, "the journal's integrity", {"stepback audit verify"}},
    Entry{"audit verify",
          "",
          wiring,
          "read the whole journal and check that nothing was changed",
          {"stepback audit verify"}},
    Entry{"backup",
          "FILE",
          wiring,
          "copy all records to a file while everything goes on",
          {"stepback backup stepback-backup.db"}},
    Entry{"token", "COMMAND", wiring, "who may use the server", {"stepback token list"}},
    Entry{"token add",
          "NAME",
          wiring,
          "a token for a person or a machine, shown this once",
          {"stepback token add alice --role operator", "stepback token add grafana --role viewer"}},
    Entry{"token list",
          "",
          wiring,
          "who has a token, and what they may",
          {"stepback token list", "stepback token list -o json"}},
    Entry{"token remove",
          "NAME",
          wiring,
          "take a token back; sessions that rest on it end at once",
          {"stepback token remove alice"}},
    Entry{"config", "COMMAND", wiring, "the configuration", {"stepback config check"}},
    Entry{"config check",
          "",
          wiring,
          "read the configuration and say all that is wrong with it",
          {"stepback config check"}},
    Entry{"config show",
          "",
          wiring,
          "the configuration as it is understood, without secrets",
          {"stepback config show"}},
    Entry{"config schema",
          "",
          wiring,
          "the JSON Schema of the configuration",
          {"stepback config schema"}},
    Entry{"init",
          "[FILE]",
          wiring,
          "write a commented configuration to begin with",
          {"stepback init", "stepback init --snippets"}},
    Entry{"serve",
          "",
          wiring,
          "watch alarms, roll back, answer the API; until stopped",
          {"stepback serve", "stepback serve --listen 127.0.0.1:8484"}},
    Entry{"demo",
          "",
          wiring,
          "a service with three environments on this machine, to be broken and looked at",
          {"stepback demo", "stepback demo --scenario stage-fails"}},
    Entry{"demo break",
          "ENV",
          wiring,
          "deploy a version there that turns bad, and watch what becomes of it",
          {"stepback demo break production"}},
    Entry{"demo stop", "", wiring, "end the demo, and remove its folder", {"stepback demo stop"}},
    Entry{"schema",
          "[DOCUMENT]",
          wiring,
          "the JSON Schema of what -o json prints, by the name that it gives itself",
          {"stepback schema", "stepback schema status"}},
    Entry{"completion",
          "SHELL",
          wiring,
          "the completion script for bash, zsh or fish",
          {"stepback completion bash"}},
    Entry{"help",
          "[TOPIC]",
          wiring,
          "concepts, exit-codes, config, formats, query, emergencies, or a command",
          {"stepback help concepts", "stepback help exit-codes", "stepback help --man rollback"}},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> aliases{
    {{"undo", "rollback"}, {"releases", "history"}, {"check", "verify"}}};

std::string flag_lines(const std::vector<Flag>& flags) {
  constexpr std::size_t description_column = 30;
  std::string out;
  for (const auto& flag : flags) {
    const auto left = "  " + flag.names + (flag.value.empty() ? "" : " " + flag.value);
    if (left.size() + 2 > description_column) {
      out += fmt::format("{}\n{:{}}{}\n", left, "", description_column, flag.description);
    } else {
      out += fmt::format("{:{}}{}\n", left, description_column, flag.description);
    }
  }
  return out;
}

std::string command_lines(std::string_view parent, std::string_view group) {
  std::string out;
  for (const auto& entry : entries) {
    const auto prefix = parent.empty() ? std::string() : std::string(parent) + " ";
    if (!entry.path.starts_with(prefix)) continue;
    const bool direct = entry.path.find(' ', prefix.size()) == std::string_view::npos;
    if (!direct || (!group.empty() && entry.group != group)) continue;
    out += fmt::format("  {:<24}{}\n", fmt::format("{} {}", entry.path, entry.arguments),
                       entry.summary);
  }
  return out;
}

}  // namespace

std::span<const Entry> catalogue() { return entries; }

const Entry& entry_of(std::string_view path) {
  const auto found = std::ranges::find(entries, path, &Entry::path);
  ENSURE(found != entries.end());
  return *found;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    if (entry.path.find(' ') == std::string_view::npos) names.emplace_back(entry.path);
  }
  for (const auto& [alias, meant] : aliases) names.emplace_back(alias);
  return names;
}

std::string_view canonical(std::string_view word) {
  for (const auto& [alias, meant] : aliases) {
    if (alias == word) return meant;
  }
  return word;
}

std::string help_page(const Entry& entry, const std::vector<Flag>& own) {
  std::string out;
  for (const auto& example : entry.examples) {
    if (!example.empty()) out += fmt::format("  {}\n", example);
  }
  out +=
      fmt::format("\nstepback {}{}{}{}\n    {}\n", entry.path, entry.arguments.empty() ? "" : " ",
                  entry.arguments, own.empty() ? "" : " [flags]", entry.summary);
  const auto below = command_lines(entry.path, "");
  if (!below.empty()) out += "\nCommands\n" + below;
  if (!own.empty()) out += "\nFlags\n" + flag_lines(own);
  return out + "\nFlags that every command takes: stepback help\n";
}

std::string first_page() {
  constexpr std::size_t column = 20;
  constexpr std::size_t width = 80;
  std::string out =
      "Stepback brings an environment back to the last version that was good.\n\n"
      "  stepback status                           where everything is now\n"
      "  stepback rollback production --dry-run    what would happen\n"
      "  stepback rollback production              the gesture\n"
      "  stepback demo                             see it at work, on this machine\n\n";
  for (const auto group : {everyday, careful, look, pipeline, wiring}) {
    auto line = fmt::format("{:{}}", group, column - 1);
    for (const auto& entry : entries) {
      if (entry.group != group || entry.path.contains(' ')) continue;
      if (line.size() + entry.path.size() > width) {
        out += line + "\n";
        line = std::string(column - 1, ' ');
      }
      line += " " + std::string(entry.path);
    }
    out += line + "\n";
  }
  return out + "\nstepback help has a line for each; stepback COMMAND --help has examples.\n";
}

std::string overview(const std::vector<Flag>& global) {
  std::string out =
      "Stepback brings an environment back to the last version that was good.\n\n"
      "  stepback status                           where everything is now\n"
      "  stepback rollback production --dry-run    what would happen\n"
      "  stepback rollback production              the gesture\n";
  for (const auto group : {everyday, careful, look, pipeline, wiring})
    out += fmt::format("\n{}\n{}", group, command_lines("", group));
  out += "\nflags that every command takes\n" + flag_lines(global);
  return out +
         "\nstepback COMMAND --help has examples; stepback help exit-codes has the table for "
         "scripts.\n";
}

}  // namespace stepback::cli
