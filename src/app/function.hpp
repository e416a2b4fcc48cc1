// SPDX-License-Identifier: Apache-2.0
#pragma once

// The program as an AWS Lambda function: STEPBACK_ROLE says whether it detects, acts or does both,
// STEPBACK_ENVIRONMENT whose due rollbacks its sweep takes up. Returns when the platform's side is
// gone; the status says why.

#include "app/config.hpp"

namespace stepback {

int run_function(const Variables& variables);

}  // namespace stepback
