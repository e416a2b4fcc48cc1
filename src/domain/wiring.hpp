// SPDX-License-Identifier: Apache-2.0
#pragma once

// WireSeen: a part of what brings events to us and lets us act, as it was just looked at. Values;
// adapters fill them in, and checkup.hpp judges.

#include <optional>
#include <string>

#include "base/names.hpp"
#include "base/time.hpp"

namespace stepback {

enum class WirePart {
  rule,              // that passes alarms on: there, enabled, with a target
  function,          // what the rule calls: there, active, and allowed to be called
  function_log,      // what it complained of in the last hour
  dead_letters,      // events that nobody could deal with
  identity,          // who we are
  drift,             // infrastructure that is not as its template says
  pipeline_changes,  // when the delivery pipeline itself was changed last
};
template <>
inline constexpr Names<WirePart, WirePart::pipeline_changes> names_of<WirePart>{
    "rule", "function", "function_log", "dead_letters", "identity", "drift", "pipeline_changes"};

struct WireSeen {
  WirePart part = WirePart::rule;
  bool looked = true;  // false: not looked at, and why is in the detail
  bool sound = true;
  std::string detail;
  std::optional<Instant> changed_at;  // pipeline_changes

  bool operator==(const WireSeen&) const = default;
};

}  // namespace stepback
