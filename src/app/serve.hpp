// SPDX-License-Identifier: Apache-2.0
#pragma once

// Serve: the program as a server. Returns when it is told to stop (SIGTERM, SIGINT), after what was
// under way has been finished or left to the next process.

#include "app/assembly.hpp"

namespace stepback {

// `listen` is host:port, or empty for the configuration's. Returns the exit status.
int serve(Assembly& assembly, const Variables& variables, const std::string& listen,
          std::ostream& out, std::ostream& err);

}  // namespace stepback
