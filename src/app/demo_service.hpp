// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demo that stays: the same three environments as in the stories of demo.hpp, left running for
// a person to look at, to break, and to stop. Its folder is one for each user; where no other
// configuration is found, the commands take the demo's. Each of these says what it does and returns
// the exit code. One thread.

#include <ostream>
#include <string>

#include "app/place.hpp"

namespace stepback {

int start_demo(const Variables& variables, std::ostream& out, std::ostream& err);
// Deploys a version there that is about to turn bad, and shows what becomes of it.
int break_demo(const std::string& environment, const Variables& variables, std::ostream& out,
               std::ostream& err);
int stop_demo(const Variables& variables, std::ostream& out, std::ostream& err);

}  // namespace stepback
