// SPDX-License-Identifier: Apache-2.0
#include "entry/api/reading.hpp"

#include <algorithm>

#include "documents/documents.hpp"
#include "documents/progress.hpp"
#include "entry/api/asking.hpp"
#include "wire/codec.hpp"

namespace stepback {
namespace {

constexpr std::size_t history_joined = 50;  // as deep as the engine looks for candidates
constexpr std::size_t usually_listed = 50;
constexpr std::size_t same_moment = 16;  // records that may share a millisecond

using Reading = Result<json::Value> (*)(Engine&, const http::Request&);

Result<json::Value> status(Engine& engine, const http::Request&) {
  std::vector<EnvironmentView> views;
  for (const auto& environment : engine.settings.environments)
    views.push_back(TRY(engine.query.environment(environment)));
  return status_document(engine.settings.service, views, engine.clock.now());
}

Result<json::Value> one_environment(Engine& engine, const http::Request& request) {
  const auto environment = TRY(known_environment(engine, request.capture("environment")));
  return environment_document(TRY(engine.query.environment(environment)), engine.clock.now());
}

Result<json::Value> targets(Engine& engine, const http::Request& request) {
  const auto environment = TRY(known_environment(engine, request.capture("environment")));
  const auto limit = TRY(whole_number(request, "limit", usually_listed, most_listed));
  const auto choice = TRY(engine.query.targets(environment, {}));
  const auto history =
      TRY(engine.ledger.deployments({.environment = environment, .limit = history_joined}));
  std::vector<json::Value> list;
  for (const auto& line : target_lines(history, choice)) {
    if (list.size() < limit) list.push_back(target_document(line));
  }
  return as_of(list_document("targets", "targets", list), engine.clock.now());
}

// Those of an environment that cannot be asked are named, and the others shown.
Result<json::Value> list_alarms(Engine& engine, const Environments& environments,
                                const std::optional<AlarmState>& state) {
  std::vector<json::Value> list;
  json::Array unread;
  for (const auto& environment : environments) {
    const auto alarms = engine.query.alarms(environment);
    if (!alarms) {
      unread.emplace_back(environment.name);
      continue;
    }
    for (const auto& alarm : *alarms) {
      if (!state || alarm.state == *state) list.push_back(alarm_document(environment, alarm));
    }
  }
  auto document = list_document("alarms", "alarms", list);
  if (!unread.empty()) document.as_object()["unread"] = std::move(unread);
  return as_of(std::move(document), engine.clock.now());
}

Result<json::Value> all_alarms(Engine& engine, const http::Request& request) {
  std::optional<AlarmState> state;
  if (const auto text = request.parameter("state")) {
    state = named<AlarmState>(*text);
    if (!state) return fail(Code::invalid, "state is OK, ALARM or INSUFFICIENT_DATA");
  }
  return list_alarms(engine, engine.settings.environments, state);
}

Result<json::Value> alarms(Engine& engine, const http::Request& request) {
  return list_alarms(engine, {TRY(known_environment(engine, request.capture("environment")))},
                     std::nullopt);
}

Result<json::Value> list_holds(Engine& engine, const Environments& environments) {
  std::vector<json::Value> list;
  for (const auto& environment : environments) {
    const auto head = TRY(engine.store.head(environment));
    for (const auto& hold : head.holds) list.push_back(hold_document(environment, hold));
  }
  return as_of(list_document("holds", "holds", list), engine.clock.now());
}

Result<json::Value> all_holds(Engine& engine, const http::Request&) {
  return list_holds(engine, engine.settings.environments);
}

Result<json::Value> holds(Engine& engine, const http::Request& request) {
  return list_holds(engine, {TRY(known_environment(engine, request.capture("environment")))});
}

// What lies behind the last record of the page before, of a list that reaches back from it.
template <class T, class When>
void leave_out_seen(std::vector<T>& records, const std::optional<PageToken>& page, When when) {
  if (!page) return;
  const auto last = std::ranges::find_if(
      records, [&](const T& each) { return each.id.text == page->id || when(each) < page->at; });
  const bool found = last != records.end() && last->id.text == page->id;
  records.erase(records.begin(), found ? last + 1 : last);
}

template <class T, class When>
json::Value page_of(std::string_view schema, std::vector<T> records, std::size_t limit, When when,
                    Instant now) {
  const bool has_more = records.size() > limit;
  if (has_more) records.resize(limit);
  std::vector<json::Value> items;
  for (const auto& record : records) items.push_back(to_json(record));
  auto document = list_document(schema, "items", items);
  if (has_more) {
    document.as_object()["nextToken"] =
        json::Value(to_text({when(records.back()), records.back().id.text}));
  }
  return as_of(std::move(document), now);
}

std::optional<Instant> earlier(const std::optional<Instant>& until,
                               const std::optional<PageToken>& page) {
  if (!page) return until;
  const auto behind = page->at + Duration(1);
  return until ? std::min(*until, behind) : behind;
}

Result<json::Value> deployments(Engine& engine, const http::Request& request) {
  const auto limit = TRY(whole_number(request, "limit", usually_listed, most_listed));
  const auto page = TRY(asked_page(request));
  DeploymentQuery query{.environment = TRY(asked_environment(engine, request))};
  query.since = TRY(asked_time(request, "since"));
  query.until = earlier(TRY(asked_time(request, "until")), page);
  query.limit = limit + 1 + (page ? same_moment : 0);
  if (const auto status = request.parameter("status")) {
    query.status = named<DeploymentStatus>(*status);
    if (!query.status)
      return fail(Code::invalid, "status is in_progress, succeeded, failed or rolled_back");
  }
  const auto when = [](const Deployment& each) { return each.started_at; };
  auto found = TRY(engine.ledger.deployments(query));
  leave_out_seen(found, page, when);
  return page_of("deployments", std::move(found), limit, when, engine.clock.now());
}

Result<json::Value> rollbacks(Engine& engine, const http::Request& request) {
  const auto limit = TRY(whole_number(request, "limit", usually_listed, most_listed));
  const auto page = TRY(asked_page(request));
  RollbackQuery query{.environment = TRY(asked_environment(engine, request))};
  query.active_only = TRY(asked_flag(request, "active"));
  query.since = TRY(asked_time(request, "since"));
  query.until = earlier(TRY(asked_time(request, "until")), page);
  query.limit = limit + 1 + (page ? same_moment : 0);
  if (const auto origin = request.parameter("origin")) {
    query.origin = named<Origin>(*origin);
    if (!query.origin) return fail(Code::invalid, "origin is automatic, manual or drill");
  }
  const auto when = [](const Rollback& each) { return each.accepted_at; };
  auto found = TRY(engine.ledger.rollbacks(query));
  leave_out_seen(found, page, when);
  return page_of("rollbacks", std::move(found), limit, when, engine.clock.now());
}

Result<json::Value> one_deployment(Engine& engine, const http::Request& request) {
  const auto id = TRY(parse_id<DeploymentTag>(request.capture("id")));
  return to_json(TRY(engine.store.deployment(id)));
}

Result<RollbackId> asked_rollback(const http::Request& request) {
  return parse_id<RollbackTag>(request.capture("id"));
}

Result<json::Value> one_rollback(Engine& engine, const http::Request& request) {
  const auto id = TRY(asked_rollback(request));
  return to_json(TRY(engine.store.rollback(id)));
}

Result<json::Value> progress(Engine& engine, const http::Request& request) {
  const auto id = TRY(asked_rollback(request));
  return progress_document(TRY(engine.store.rollback(id)), engine.clock.now());
}

Result<json::Value> explanation(Engine& engine, const http::Request& request) {
  const auto id = TRY(asked_rollback(request));
  return explain_document(TRY(engine.query.rollback(id)));
}

Result<json::Value> triggers(Engine& engine, const http::Request& request) {
  const auto environment = TRY(asked_environment(engine, request));
  const auto limit = TRY(whole_number(request, "limit", usually_listed, most_listed));
  std::vector<json::Value> items;
  for (const auto& trigger : TRY(engine.ledger.recent_triggers(environment, limit)))
    items.push_back(to_json(trigger));
  return as_of(list_document("triggers", "items", items), engine.clock.now());
}

Result<json::Value> run(Engine& engine, const http::Request&) {
  return to_json(TRY(engine.runs.newest()));
}

}  // namespace

void add_reading_routes(http::Routes& routes, Engine& engine, Access& access) {
  const auto add = [&](std::string_view path, Reading read, bool marked = false) {
    routes.handle(http::Method::get, "/api/v1" + std::string(path),
                  [&engine, &access, read, marked](const http::Request& request) {
                    const auto admission = access.admit(request, Right::read);
                    if (const auto* refused = std::get_if<http::Response>(&admission))
                      return *refused;
                    const auto value = read(engine, request);
                    if (!value) return refusal(value.error());
                    return marked ? marked_document(request, *value) : document(*value);
                  });
  };
  constexpr bool marked = true;
  add("/environments", status, marked);
  add("/environments/{environment}", one_environment, marked);
  add("/environments/{environment}/status", one_environment, marked);
  add("/environments/{environment}/targets", targets);
  add("/environments/{environment}/alarms", alarms);
  add("/environments/{environment}/holds", holds);
  add("/alarms", all_alarms);
  add("/holds", all_holds);
  add("/deployments", deployments);
  add("/deployments/{id}", one_deployment);
  add("/rollbacks", rollbacks);
  add("/rollbacks/{id}", one_rollback, marked);
  add("/rollbacks/{id}/progress", progress);
  add("/rollbacks/{id}/explain", explanation, marked);
  add("/triggers", triggers);
  add("/run", run);
}

}  // namespace stepback
