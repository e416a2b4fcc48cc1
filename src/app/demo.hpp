// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demo: three environments of real processes on this machine, a good version, and one that
// turns bad after it was declared succeeded. What is seen is the real program at work: it starts
// `stepback serve` and runs `stepback deploy` as anybody would. At the end it asks the processes
// themselves what runs, and its exit status is their answer.

#include <ostream>

#include "entry/cli/options.hpp"

namespace stepback {

int run_demo(const DemoOptions& options, std::ostream& out, std::ostream& err);

}  // namespace stepback
