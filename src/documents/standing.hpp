// SPDX-License-Identifier: Apache-2.0
#pragma once

// Standing: what an environment's view comes to in a word, and how each past deployment stands as
// something to go back to. For the command line and the API alike. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "engine/query.hpp"

namespace stepback {

enum class Condition {
  rolling_back,
  waiting_for_people,
  nothing_deployed,
  deploying,
  alarm,
  failed,
  not_known,  // something that judges it cannot be told
  baking,
  healthy,
};
template <>
inline constexpr Names<Condition, Condition::healthy> names_of<Condition>{
    "rolling_back", "waiting_for_people", "nothing_deployed", "deploying", "alarm",
    "failed",       "not_known",          "baking",           "healthy"};

Condition condition_of(const EnvironmentView& view, Instant now);
std::string_view words_of(Condition condition);  // for people: "waits for people"

// Alarms that are red and whose business the health of what runs is.
std::vector<const AlarmSeen*> red_alarms(const EnvironmentView& view);
// A command that is worth a thought now; empty when all is well.
std::string next_for(const EnvironmentView& view);

// How a past deployment stands as something to go back to.
enum class Standing { chosen, possible, refused };
template <>
inline constexpr Names<Standing, Standing::refused> names_of<Standing>{"chosen", "possible",
                                                                       "refused"};
struct TargetLine {
  Deployment deployment;
  Standing standing = Standing::possible;
  std::string why;
  std::optional<int> files;  // of the chosen one
};
// History joined with the choice: newest first, the same artifact once.
std::vector<TargetLine> target_lines(const std::vector<Deployment>& history, const Choice& choice);

}  // namespace stepback
