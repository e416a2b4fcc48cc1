// SPDX-License-Identifier: Apache-2.0
#pragma once

// The server's routes: events in, records out, what people ask for, what changes as it changes, and
// the pages that show all of it. openapi.json describes those below /api/v1; outside of it are
// /healthz, /readyz, /metrics, /status.txt and /history.txt. Handlers run on the server's threads.

#include <functional>
#include <string>

#include "engine/engine.hpp"
#include "engine/orders.hpp"
#include "engine/proofs.hpp"
#include "entry/api/access.hpp"
#include "entry/api/ingest.hpp"
#include "entry/api/live.hpp"
#include "entry/api/topics.hpp"
#include "http/routes.hpp"

namespace stepback {

struct ApiParts {
  Engine& engine;
  Ingest& ingest;
  Topics& topics;
  const Runner& runner;
  Access& access;
  Orders& orders;
  Proofs& proofs;
  Live& live;
  std::function<Result<>()> store_is_usable;
  // What a command of that name prints for people: "status", "history".
  std::function<Result<std::string>(const std::string& command)> as_text;
};

http::Routes api_routes(const ApiParts& parts);

}  // namespace stepback
