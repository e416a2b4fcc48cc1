// SPDX-License-Identifier: Apache-2.0
#pragma once

// Emergency: several environments at once. Which of them go back, which are left alone, and why, by
// what was seen of each; production comes first. A healthy environment that runs nothing bad is not
// touched unless people want everything back. Pure.

#include <optional>
#include <string>
#include <vector>

#include "domain/deploying.hpp"
#include "domain/validation.hpp"

namespace stepback {

struct EmergencyFacts {
  Environment environment;
  std::optional<Release> live;  // none: nothing runs there
  Verdict verdict = Verdict::inconclusive;
  std::string why;  // unless it passed
  std::optional<Candidate> target;
  std::size_t refused = 0;         // candidates
  Duration predicted{};            // of going back to the target
  std::optional<RollbackId> slot;  // the rollback that is at work there already
};

enum class EmergencyDeed { roll_back, watch, leave, stuck };
template <>
inline constexpr Names<EmergencyDeed, EmergencyDeed::stuck> names_of<EmergencyDeed>{
    "roll_back", "watch", "leave", "stuck"};

struct EmergencyLine {
  EmergencyFacts facts;
  EmergencyDeed deed = EmergencyDeed::leave;
  std::string why;
};

// The facts in promotion order; the lines the other way round. `all`: healthy ones go back as well.
std::vector<EmergencyLine> plan_emergency(std::vector<EmergencyFacts> facts, bool all);

// On record in the service's own history, and told about each environment that is not left alone.
DeployChange declare_emergency(Head service, const std::vector<EmergencyLine>& lines,
                               const std::string& by, const std::string& reason, Instant now);
// One more thing that happened in it: "stopped", "over".
DeployChange note_emergency(Head service, const std::string& what, const std::string& by,
                            const std::string& text, Instant now);

}  // namespace stepback
