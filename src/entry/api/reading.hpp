// SPDX-License-Identifier: Apache-2.0
#pragma once

// The API's questions: what is recorded and what is seen, in the same documents as on the command
// line. They change nothing. Handlers run on the server's threads.

#include "engine/engine.hpp"
#include "entry/api/access.hpp"
#include "http/routes.hpp"

namespace stepback {

void add_reading_routes(http::Routes& routes, Engine& engine, Access& access);

}  // namespace stepback
