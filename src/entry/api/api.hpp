// SPDX-License-Identifier: Apache-2.0
#pragma once

// The server's routes: events in, records out, health and metrics. It reads; the only thing that
// can be caused through it is a trigger. Handlers run on the server's threads.
//
//   POST /api/v1/events                        what a known tool sends
//   POST /api/v1/hooks/{name}                  what another one sends, by the mapping of that name
//   POST /api/v1/sns                           a topic's delivery
//   GET  /api/v1/environments[/{name}]         where everything is
//   GET  /api/v1/deployments                   ?environment= &status= &limit=
//   GET  /api/v1/rollbacks[/{id}]              ?environment= &active=true &limit=
//   GET  /api/v1/triggers                      ?environment= &limit=
//   GET  /healthz, /readyz, /metrics

#include <functional>

#include "engine/engine.hpp"
#include "entry/api/ingest.hpp"
#include "entry/api/topics.hpp"
#include "http/routes.hpp"

namespace stepback {

struct ApiParts {
  Engine& engine;
  Ingest& ingest;
  Topics& topics;
  const Runner& runner;
  std::function<Result<>()> store_is_usable;
};

http::Routes api_routes(const ApiParts& parts);

}  // namespace stepback
