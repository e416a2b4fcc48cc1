// SPDX-License-Identifier: Apache-2.0
#pragma once

// The API's questions about what may come: is it ready, is it rehearsed, what is wrong with it, are
// we getting better. Handlers run on the server's threads.

#include "engine/engine.hpp"
#include "engine/proofs.hpp"
#include "entry/api/access.hpp"
#include "http/routes.hpp"

namespace stepback {

void add_looking_routes(http::Routes& routes, Engine& engine, Proofs& proofs, Access& access);

}  // namespace stepback
