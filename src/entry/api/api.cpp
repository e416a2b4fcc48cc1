// SPDX-License-Identifier: Apache-2.0
#include "entry/api/api.hpp"

#include "entry/api/acting.hpp"
#include "entry/api/assets.hpp"
#include "entry/api/description.hpp"
#include "entry/api/looking.hpp"
#include "entry/api/metrics.hpp"
#include "entry/api/problems.hpp"
#include "entry/api/reading.hpp"

namespace stepback {
namespace {

void add_ingest_routes(http::Routes& routes, Ingest& ingest, Topics& topics) {
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
}

void add_session_routes(http::Routes& routes, Access& access) {
  constexpr std::string_view path = "/api/v1/session";
  routes.handle(http::Method::get, path,
                [&access](const http::Request& request) { return access.session(request); });
  routes.handle(http::Method::post, path,
                [&access](const http::Request& request) { return access.sign_in(request); });
  routes.handle(http::Method::remove, path,
                [&access](const http::Request& request) { return access.sign_out(request); });
}

void add_live_route(http::Routes& routes, Live& live, Access& access) {
  routes.stream(http::Method::get, "/api/v1/events",
                [&](const http::Request& request, http::Responder responder) {
                  auto admission = access.admit(request, Right::read);
                  if (auto* refused = std::get_if<http::Response>(&admission))
                    return responder.send(std::move(*refused));
                  live.follow(request, std::move(responder));
                });
}

// For whoever has no use for JSON: what the command line would print.
void add_text_routes(http::Routes& routes, const ApiParts& parts) {
  constexpr std::string_view plain = "text/plain; charset=utf-8";
  constexpr std::string_view exposition = "text/plain; version=0.0.4; charset=utf-8";
  const auto add = [&](std::string_view path, std::string_view type, const auto& write) {
    routes.handle(http::Method::get, path,
                  [&access = parts.access, type, write](const http::Request& request) {
                    const auto admission = access.admit(request, Right::read);
                    if (const auto* refused = std::get_if<http::Response>(&admission))
                      return *refused;
                    auto text = write();
                    if (!text) return refusal(text.error());
                    auto response = http::text_response(200, *std::move(text));
                    response.type = type;
                    response.headers.add("X-Content-Type-Options", "nosniff");
                    return response;
                  });
  };
  add("/status.txt", plain, [as_text = parts.as_text] { return as_text("status"); });
  add("/history.txt", plain, [as_text = parts.as_text] { return as_text("history"); });
  add("/metrics", exposition,
      [parts] { return metrics_text(parts.engine, parts.ingest, parts.runner); });
}

void add_open_routes(http::Routes& routes, const ApiParts& parts) {
  routes.handle(http::Method::get, "/api/v1/openapi.json", [](const http::Request&) {
    return http::json_response(200, std::string(api_description()));
  });
  routes.handle(http::Method::get, "/healthz",
                [](const http::Request&) { return http::text_response(200, "ok\n"); });
  routes.handle(http::Method::get, "/readyz",
                [usable = parts.store_is_usable](const http::Request&) {
                  if (const auto answer = usable(); !answer) return refusal(answer.error());
                  return http::text_response(200, "ready\n");
                });
}

}  // namespace

http::Routes api_routes(const ApiParts& parts) {
  http::Routes routes;
  add_ingest_routes(routes, parts.ingest, parts.topics);
  add_session_routes(routes, parts.access);
  add_reading_routes(routes, parts.engine, parts.access);
  add_looking_routes(routes, parts.engine, parts.proofs, parts.access);
  add_acting_routes(routes, parts.engine, parts.orders, parts.access);
  add_live_route(routes, parts.live, parts.access);
  add_text_routes(routes, parts);
  add_open_routes(routes, parts);
  add_asset_routes(routes, dashboard_assets());
  return routes;
}

}  // namespace stepback
