// SPDX-License-Identifier: Apache-2.0
#pragma once

// What scripts see of judgements about several things at once: overrides, an emergency, a policy
// held against the record. Pure; any thread.

#include "base/json.hpp"
#include "domain/backtest.hpp"
#include "domain/emergency.hpp"

namespace stepback::cli {

json::Value override_document(const Environment& environment, const Override& word);
json::Value emergency_document(const EmergencyLine& line);
json::Value backtest_document(const Backtest& result);
json::Value backtest_line_document(const BacktestLine& line);

}  // namespace stepback::cli
