// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t history_joined = 50;  // as deep as the engine looks for candidates

Answered<EnvironmentView> view_of(Engine& engine, const Environment& environment) {
  return told(engine.query.environment(environment),
              {.what = environment.name + " cannot be read"});
}

Answered<Environments> asked_for(Session& session, const std::string& name, bool all,
                                 std::string_view command) {
  if (all || !name.empty())
    return session.environments(name.empty() ? std::vector<std::string>{} : std::vector{name});
  return complain({Exit::usage, fmt::format("{} needs an environment", command),
                   "none was named, and --all was not asked for",
                   fmt::format("stepback {} --all", command), ""});
}

std::string target_id(const TargetLine& line) { return line.deployment.version.text; }

}  // namespace

Answered<> perform(const StatusOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environments = TRY(session.environments(options.environments));
  std::vector<EnvironmentView> views;
  for (const auto& environment : environments) views.push_back(TRY(view_of(engine, environment)));
  const auto now = engine.clock.now();
  Answer answer{.rows = status_table(views, now)};
  answer.screen = status_screen(engine.settings.service, views, now, !session.global().no_header);
  for (const auto& view : views) {
    answer.list.push_back(environment_document(view, now));
    answer.ids.push_back(view.current ? view.current->id.text : "");
    if (views.size() > 1 && !session.global().verbose) continue;
    answer.screen.emplace_back();
    if (views.size() > 1) answer.screen.push_back(Line(view.head.environment.name, Role::strong));
    append(answer.screen, environment_details(view, now));
  }
  std::erase(answer.ids, "");
  answer.document = status_document(engine.settings.service, views, now);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const TargetsOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto choice = TRY(told(engine.query.targets(environment, {}),
                               {.what = "the targets of " + environment.name + " cannot be read"}));
  const auto history = TRY(
      told(engine.query.ledger().deployments({.environment = environment, .limit = history_joined}),
           {.what = "the history of " + environment.name + " cannot be read"}));
  auto lines = target_lines(history, choice);
  // Scripts take the first one: what would be chosen comes first there.
  std::vector<TargetLine> usable;
  for (const auto& line : lines) {
    if (line.standing != Standing::refused) usable.push_back(line);
  }
  std::ranges::stable_partition(
      usable, [](const TargetLine& line) { return line.standing == Standing::chosen; });
  if (lines.size() > options.limit) lines.resize(options.limit);
  if (usable.size() > options.limit) usable.resize(options.limit);
  const auto table = targets_table(lines, engine.clock.now());
  Answer answer{.screen = table.screen(!session.global().no_header), .rows = table};
  for (const auto& line : lines) answer.list.push_back(target_document(line));
  for (const auto& line : usable) answer.ids.push_back(target_id(line));
  answer.document = list_document("targets", "targets", answer.list);
  session.print(answer);
  if (choice.target) return Exit::done;
  session.remark({fmt::format("{} has nothing to go back to", environment.name)});
  return Exit::not_found;
}

Answered<> perform(const ReadyOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environments = TRY(session.environments(options.environments));
  Answer answer;
  bool ready = true;
  for (const auto& environment : environments) {
    const auto readiness = TRY(told(engine.query.readiness(environment),
                                    {.what = environment.name + " cannot be looked at"}));
    ready = ready && readiness.verdict == Verdict::passed;
    const bool whole = environments.size() == 1 || session.global().verbose;
    append(answer.screen, readiness_screen(environment, readiness, whole));
    answer.list.push_back(readiness_document(environment, readiness));
    for (const auto& check : readiness.checks)
      answer.rows.add({environment.name, check.name, name_of(check.verdict), check.evidence});
    answer.ids.push_back(environment.name);
  }
  answer.document = list_document("ready", "environments", answer.list);
  session.print(answer);
  return ready ? Exit::done : Exit::bad;
}

Answered<> perform(const AlarmsOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  Answer answer;
  std::vector<AlarmSeen> seen;
  const auto environments = TRY(asked_for(session, options.environment, options.all, "alarms"));
  for (const auto& environment : environments) {
    auto alarms = TRY(told(engine.query.alarms(environment),
                           {.what = "the alarms of " + environment.name + " cannot be read"}));
    for (auto& alarm : alarms) {
      if (options.state && alarm.state != *options.state) continue;
      answer.list.push_back(alarm_document(environment, alarm));
      answer.ids.push_back(alarm.name);
      seen.push_back(std::move(alarm));
    }
  }
  answer.rows = alarms_table(seen, engine.clock.now());
  answer.screen =
      seen.empty() ? Screen{"no alarm"} : answer.rows.screen(!session.global().no_header);
  answer.document = list_document("alarms", "alarms", answer.list);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const HealthOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  std::vector<Check> checks;
  const auto environments = TRY(asked_for(session, options.environment, options.all, "health"));
  for (const auto& environment : environments) {
    const auto view = TRY(told(engine.query.verify(environment),
                               {.what = environment.name + " cannot be looked at"}));
    for (auto check : view.checks) {
      if (!check.name.starts_with("health")) continue;
      if (environments.size() > 1) check.name = environment.name + " " + check.name;
      checks.push_back(std::move(check));
    }
  }
  Answer answer{.screen = checks_screen(checks)};
  bool well = true;
  for (const auto& check : checks) {
    well = well && check.verdict == Verdict::passed;
    answer.rows.add({check.name, name_of(check.verdict), check.evidence});
  }
  for (const auto& environment : environments) answer.ids.push_back(environment.name);
  if (checks.empty()) answer.screen = {"no probe is configured"};
  json::Object document;
  document["schema"] = "stepback/v1/health";
  document["checks"] = checks_document(checks);
  answer.document = std::move(document);
  session.print(answer);
  return well ? Exit::done : Exit::bad;
}

}  // namespace stepback::cli
