// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "documents/documents.hpp"
#include "documents/measures.hpp"
#include "domain/figures.hpp"
#include "entry/cli/commands.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t most_records = 10'000;
constexpr std::size_t most_commits = 200;
constexpr Duration usual_look_back = hours(24);
constexpr Duration committed_before = days(30);  // that a deployment may have waited so long for

std::string share(const std::optional<double>& part) {
  return part ? fmt::format("{:.0f} %", *part * 100) : "no data";
}

std::string spread_text(const Spread& spread) {
  if (spread.count == 0) return "no data";
  return fmt::format("{}, nine in ten under {}, of {}", to_short(spread.usual),
                     to_short(spread.slow), spread.count);
}

Answered<std::vector<Figure>> figures_of(Engine& engine, const Environment& environment,
                                         Instant from, Instant until, Duration period) {
  const std::string what = "the history of " + environment.name + " cannot be read";
  FiguresFacts facts{.from = from, .until = until, .period = period};
  // One that ended within the time may have begun before it.
  facts.deployments = TRY(
      told(engine.query.ledger().deployments({.environment = environment, .limit = most_records}),
           {.what = what}));
  facts.rollbacks =
      TRY(told(engine.query.ledger().rollbacks({.environment = environment, .limit = most_records}),
               {.what = what}));
  return told(figures(facts), {.what = "these figures cannot be shown",
                               .attempt = fmt::format("stepback metrics {} --since 24h --period 1h",
                                                      environment.name)});
}

Table series(const std::vector<Figure>& all) {
  Table table({{"FROM"},
               {"ROLLBACKS", Table::Align::right},
               {"DEPLOYMENTS", Table::Align::right},
               {"TOOK", Table::Align::right}});
  for (const auto& each : all) {
    if (each.rollback_count == 0 && each.deployments == 0) continue;
    table.add({date_and_minute(each.from), std::to_string(each.rollback_count),
               std::to_string(each.deployments), each.duration ? to_short(*each.duration) : ""});
  }
  return table;
}

// From the commit until it was live, where the sources are known.
Spread lead_times_of(Engine& engine, const Environment& environment, Instant from) {
  auto& repository = engine.inspection.ports().repository;
  if (!repository.has_sources(environment)) return {};
  const auto commits = repository.commits(environment, from - committed_before, most_commits);
  const auto deployments = engine.query.ledger().deployments(
      {.environment = environment, .since = from, .limit = most_records});
  if (!commits || !deployments) return {};
  std::vector<Committed> committed;
  for (const auto& each : *commits) committed.push_back({Version{each.id}, each.at});
  return spread_of(lead_times(*deployments, committed));
}

// Every period, for scripts; those in which nothing happened among them.
json::Array series_document(const std::vector<Figure>& all, std::vector<json::Value>& list) {
  for (const auto& each : all) {
    json::Object point;
    point["from"] = json::Value(to_rfc3339(each.from));
    point["RollbackCount"] = each.rollback_count;
    point["deployments"] = each.deployments;
    if (each.duration) point["DeploymentDuration_ms"] = each.duration->count();
    list.push_back(std::move(point));
  }
  return json::Array(list.begin(), list.end());
}

Screen measures_screen(const Measures& it, const Spread& lead) {
  Screen screen;
  const auto say = [&](std::string_view label, const std::string& content) {
    screen.push_back(Line(fmt::format("{:<22}", label), Role::muted).add(content));
  };
  say("time to restore", spread_text(it.time_to_restore));
  say("change failure rate", share(it.change_failure_rate));
  say("deployments", fmt::format("{}, {:.1f} a day", it.deployments, it.per_day));
  say("lead time",
      lead.count > 0 ? spread_text(lead) : "no data: no sources, or no commit of them");
  say("rollbacks",
      fmt::format("{}: {} succeeded, {} escalated", it.restores, it.succeeded, it.escalated));
  say("automatic", share(it.automatic_share));
  return screen;
}

}  // namespace

Answered<> perform(const MetricsOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto until = engine.clock.now();
  const auto from =
      options.since.empty()
          ? until - usual_look_back
          : TRY(told(parse_moment(options.since, until), {.what = "the time is not understood"}));
  const Duration period = options.period.value_or(hours(1));
  const auto all = TRY(figures_of(engine, environment, from, until, period));
  const auto measures = TRY(told(engine.query.measures(environment, from, until),
                                 {.what = environment.name + " cannot be measured"}));
  const auto lead = lead_times_of(engine, environment, from);
  Answer answer{.rows = series(all)};
  answer.screen = measures_screen(measures, lead);
  if (!answer.rows.empty()) {
    answer.screen.emplace_back();
    append(answer.screen, answer.rows.screen(!session.global().no_header));
  }
  json::Object document;
  document["schema"] = "stepback/v1/metrics";
  document["environment"] = json::Value(environment.name);
  document["from"] = json::Value(to_rfc3339(from));
  document["until"] = json::Value(to_rfc3339(until));
  document["period_ms"] = period.count();
  document["measures"] = measures_document(
      {.environment = environment, .from = from, .until = until, .measures = measures}, until);
  if (lead.count > 0) {
    document["leadTime"] = json::Object{
        {"count", lead.count}, {"usual_ms", lead.usual.count()}, {"slow_ms", lead.slow.count()}};
  }
  document["series"] = series_document(all, answer.list);
  answer.document = std::move(document);
  session.print(answer);
  return Exit::done;
}

}  // namespace stepback::cli
