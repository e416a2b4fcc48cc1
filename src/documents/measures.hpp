// SPDX-License-Identifier: Apache-2.0
#pragma once

// Measures as a document: "stepback/v1/measures". Pure; any thread.

#include <optional>

#include "base/json.hpp"
#include "domain/environment.hpp"
#include "domain/measures.hpp"

namespace stepback {

struct Measured {
  std::optional<Environment> environment;  // none: all of them
  Instant from;
  Instant until;
  Measures measures;
};

json::Value measures_document(const Measured& measured, Instant now);

}  // namespace stepback
