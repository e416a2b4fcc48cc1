// SPDX-License-Identifier: Apache-2.0
#pragma once

// Holding: what people keep out of an environment, and give back; for the command line and the API
// alike. Any thread.

#include <functional>
#include <string>

#include "base/result.hpp"
#include "domain/deploying.hpp"
#include "engine/query.hpp"

namespace stepback {

struct Hand {
  std::string by;
  std::string reason;
  Instant at;
};

// A change of an environment's head, decided on what is stored now and committed; anew when
// somebody else was first.
Result<> change_head(Query& query, const Environment& environment,
                     const std::function<Result<DeployChange>(Head)>& change);

// Keeps a version out, by the digest that the history knows it by, where it does.
Result<Hold> keep_out(Query& query, const Environment& environment, Hold hold);
// Lets in the held version that begins so; not_found: none does, or several do.
Result<Version> let_in(Query& query, const Environment& environment, const std::string& version,
                       const Hand& hand);
// Gives the environment back to automation.
Result<> give_back(Query& query, const Environment& environment, const Hand& hand);

}  // namespace stepback
