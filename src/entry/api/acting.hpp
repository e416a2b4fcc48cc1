// SPDX-License-Identifier: Apache-2.0
#pragma once

// The API's deeds: what changes something, asked for by a person through a page or by a machine.
// Each goes the way of the command of the same name; who asked is whose token or session it is.
// Handlers run on the server's threads.

#include "engine/engine.hpp"
#include "engine/orders.hpp"
#include "entry/api/access.hpp"
#include "http/routes.hpp"

namespace stepback {

void add_acting_routes(http::Routes& routes, Engine& engine, Orders& orders, Access& access);

}  // namespace stepback
