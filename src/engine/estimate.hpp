// SPDX-License-Identifier: Apache-2.0
#pragma once

// Estimate: what steps usually took in an environment, from its own past rollbacks.

#include "domain/plan.hpp"
#include "ports/ledger.hpp"

namespace stepback {

Result<Estimates> estimate(Ledger& ledger, const Environment& environment);

}  // namespace stepback
