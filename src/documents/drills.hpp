// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rehearsals as a document: "stepback/v1/drills". Pure; any thread.

#include <string>
#include <vector>

#include "base/json.hpp"
#include "domain/readiness.hpp"

namespace stepback {

struct Rehearsed {
  Environment environment;
  std::string why_not;              // nothing may be rehearsed there now; empty: it may
  std::vector<Rollback> rollbacks;  // newest first; only rehearsals count
};

json::Value drills_document(const std::vector<Rehearsed>& all, Duration budget, Instant now);

}  // namespace stepback
