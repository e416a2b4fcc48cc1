// SPDX-License-Identifier: Apache-2.0
#pragma once

// Overrides: a check that people know to be wrong does not count for a while. Each names one check
// of one environment, who said so, why, and until when; none outlives a week. They change verdicts
// and nothing else: an alarm that is overridden still starts what it starts. Pure.

#include <vector>

#include "domain/deploying.hpp"
#include "domain/validation.hpp"

namespace stepback {

inline constexpr Duration longest_override = days(7);

// invalid: nobody may accept that check, it has no reason, or it would last too long. One for each
// check: a later word replaces an earlier one. What has expired is forgotten.
Result<DeployChange> add_override(Head head, Override word, Instant now);
// not_found: no such word is in force.
Result<DeployChange> remove_override(Head head, const std::string& check, const std::string& by,
                                     const std::string& reason, Instant now);

std::vector<Override> overrides_in_force(const Head& head, Instant now);

// What a person accepted for this rollback, and what the environment's overrides say now.
std::vector<Acceptance> accepted_in(const Head& head, const Wish& wish, Instant now);

}  // namespace stepback
