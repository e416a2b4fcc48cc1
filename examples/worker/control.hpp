// SPDX-License-Identifier: Apache-2.0
#pragma once

// Stopping and starting the worker of one environment: what a deployment's restart command does.

#include "service.hpp"

namespace worker {

// Ends the running worker (SIGTERM, after a second SIGKILL), starts the current release as a
// process of its own and waits until it answers. Returns the exit status.
int restart(const ServiceOptions& options);
int stop(const ServiceOptions& options);

}  // namespace worker
