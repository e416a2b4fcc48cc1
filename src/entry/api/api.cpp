// SPDX-License-Identifier: Apache-2.0
#include "entry/api/api.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.hpp"
#include "entry/api/metrics.hpp"
#include "entry/api/status.hpp"
#include "wire/codec.hpp"

namespace stepback {
namespace {

constexpr std::size_t most_listed = 500;

http::Response refuse(const Error& error) {
  return http::problem(http_status(error.code), error.message);
}

http::Response document(const json::Value& value) {
  return http::json_response(200, json::write(value));
}

Result<std::size_t> limit_of(const http::Request& request) {
  const auto text = request.parameter("limit");
  if (!text) return std::size_t{50};
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0) {
    return fail(Code::invalid, "limit is a whole number from 1 to 500");
  }
  return std::min(limit, most_listed);
}

// Only what the configuration names: a name from outside goes no further than this.
Result<Environment> known(const Engine& engine, std::string_view name) {
  for (const auto& environment : engine.settings.environments) {
    if (environment.name == name) return environment;
  }
  return fail(Code::not_found, "no such environment");
}

Result<std::optional<Environment>> environment_of(const Engine& engine,
                                                  const http::Request& request) {
  const auto name = request.parameter("environment");
  if (!name) return std::optional<Environment>();
  return std::optional<Environment>(TRY(known(engine, *name)));
}

template <class T>
json::Value list(std::string_view schema, const std::vector<T>& records) {
  json::Array items;
  for (const auto& record : records) items.push_back(to_json(record));
  return json::Object{{"schema", schema}, {"items", std::move(items)}};
}

json::Value as_json(const EnvironmentView& view, Instant now) {
  json::Object object{{"environment", view.head.environment.name}};
  if (view.head.live) {
    object["version"] = view.head.live->version.text;
    object["digest"] = view.head.live->digest.hex;
  }
  if (view.current) {
    object["deployment"] = to_json(*view.current);
    object["baking"] = is_baking(*view.current, now);
  }
  if (view.head.slot) object["rollback"] = view.head.slot->text;
  if (view.head.waiting) object["waitingForPeople"] = view.head.waiting->incident;
  object["head"] = to_json(view.head);
  json::Array alarms;
  for (const auto& alarm : view.alarms.value_or(std::vector<AlarmSeen>{})) {
    alarms.push_back(json::Object{{"name", alarm.name},
                                  {"state", name_of(alarm.state)},
                                  {"since", to_rfc3339(alarm.since)},
                                  {"reason", alarm.reason}});
  }
  object["alarms"] = view.alarms ? json::Value(std::move(alarms)) : json::Value(nullptr);
  if (view.choice.target) {
    object["target"] = view.choice.target->release.version.text;
    object["predictedSeconds"] = view.predicted.count() / 1000;
  }
  return object;
}

http::Response environments(Engine& engine) {
  json::Array items;
  for (const auto& environment : engine.settings.environments) {
    auto view = engine.query.environment(environment);
    if (!view) return refuse(view.error());
    items.push_back(as_json(*view, engine.clock.now()));
  }
  return document(json::Object{{"schema", "stepback/v1/environments"},
                               {"service", engine.settings.service},
                               {"at", to_rfc3339(engine.clock.now())},
                               {"items", std::move(items)}});
}

Result<json::Value> one_environment(Engine& engine, const http::Request& request) {
  const auto environment = TRY(known(engine, request.capture("name")));
  return as_json(TRY(engine.query.environment(environment)), engine.clock.now());
}

Result<json::Value> deployments(Engine& engine, const http::Request& request) {
  DeploymentQuery query{.environment = TRY(environment_of(engine, request))};
  query.limit = TRY(limit_of(request));
  if (const auto status = request.parameter("status")) {
    query.status = named<DeploymentStatus>(*status);
    if (!query.status)
      return fail(Code::invalid, "status is in_progress, succeeded, failed or rolled_back");
  }
  return list("stepback/v1/deployments", TRY(engine.ledger.deployments(query)));
}

Result<json::Value> rollbacks(Engine& engine, const http::Request& request) {
  RollbackQuery query{.environment = TRY(environment_of(engine, request))};
  query.limit = TRY(limit_of(request));
  query.active_only = request.parameter("active") == "true";
  return list("stepback/v1/rollbacks", TRY(engine.ledger.rollbacks(query)));
}

Result<json::Value> one_rollback(Engine& engine, const http::Request& request) {
  const auto id = TRY(parse_id<RollbackTag>(request.capture("id")));
  const auto view = TRY(engine.query.rollback(id));
  json::Array journal;
  for (const auto& stored : view.journal) {
    auto entry = to_json(stored.entry).as_object();
    entry["sequence"] = stored.sequence;
    entry["hash"] = stored.hash;
    journal.push_back(std::move(entry));
  }
  auto object = to_json(view.rollback).as_object();
  object["journal"] = std::move(journal);
  json::Array triggers;
  for (const auto& trigger : view.triggers) triggers.push_back(to_json(trigger));
  object["triggers"] = std::move(triggers);
  return object;
}

Result<json::Value> triggers(Engine& engine, const http::Request& request) {
  const auto environment = TRY(environment_of(engine, request));
  const auto limit = TRY(limit_of(request));
  return list("stepback/v1/triggers", TRY(engine.ledger.recent_triggers(environment, limit)));
}

using Reading = Result<json::Value> (*)(Engine&, const http::Request&);

}  // namespace

http::Routes api_routes(const ApiParts& parts) {
  http::Routes routes;
  Engine& engine = parts.engine;
  Ingest& ingest = parts.ingest;
  Topics& topics = parts.topics;
  const auto reading = [&](std::string_view path, Reading read) {
    routes.handle(http::Method::get, path, [&engine, read](const http::Request& request) {
      const auto value = read(engine, request);
      return value ? document(*value) : refuse(value.error());
    });
  };
  routes.defer(http::Method::post, "/api/v1/events",
               [&ingest](http::Request request, http::Responder responder) {
                 ingest.receive(std::move(request), std::move(responder));
               });
  routes.defer(http::Method::post, "/api/v1/hooks/{name}",
               [&ingest](http::Request request, http::Responder responder) {
                 ingest.receive_by_hook(std::move(request), std::move(responder));
               });
  routes.stream(http::Method::post, "/api/v1/sns",
                [&topics](http::Request request, http::Responder responder) {
                  topics.receive(request, std::move(responder));
                });
  routes.handle(http::Method::get, "/api/v1/environments",
                [&engine](const http::Request&) { return environments(engine); });
  reading("/api/v1/environments/{name}", one_environment);
  reading("/api/v1/deployments", deployments);
  reading("/api/v1/rollbacks", rollbacks);
  reading("/api/v1/rollbacks/{id}", one_rollback);
  reading("/api/v1/triggers", triggers);
  routes.handle(http::Method::get, "/healthz",
                [](const http::Request&) { return http::text_response(200, "ok\n"); });
  routes.handle(http::Method::get, "/readyz", [parts](const http::Request&) {
    if (const auto usable = parts.store_is_usable(); !usable) return refuse(usable.error());
    return http::text_response(200, "ready\n");
  });
  routes.handle(http::Method::get, "/metrics", [parts](const http::Request&) {
    auto text = metrics_text(parts.engine, parts.ingest, parts.runner);
    if (!text) return refuse(text.error());
    http::Response response = http::text_response(200, *std::move(text));
    response.type = "text/plain; version=0.0.4; charset=utf-8";
    return response;
  });
  return routes;
}

}  // namespace stepback
