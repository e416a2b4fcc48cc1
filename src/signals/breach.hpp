// SPDX-License-Identifier: Apache-2.0
#pragma once

// When the first data point that made an alarm was complete, as far as CloudWatch's own words tell:
// the data beside the reason in an event, the sentence alone in a message to a topic. Where it
// cannot be told nothing is said, because an early breach speaks against a rollback. Used by the
// reader of alarms. Pure; usable from any thread.

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback::signals {

// `data` is the reasonData of an event.
Result<std::optional<Instant>> first_breach(std::string_view reason, std::string_view data);

// "... 2 out of the last 3 datapoints [12.0 (02/03/26 09:40:00), ...] were greater than the
// threshold (5.0) ...": only when every
// point that breached is told. `period` is in seconds.
std::optional<Instant> first_breach_in_words(std::string_view reason, double period);

}  // namespace stepback::signals
