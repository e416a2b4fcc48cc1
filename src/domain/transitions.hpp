// SPDX-License-Identifier: Apache-2.0
#pragma once

// Transitions: which phase answers which event, and how, as data. advance() dispatches on it, and
// docs/internals/rollback.md shows it; a test prints the one and compares it with the other.

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "domain/advance.hpp"

namespace stepback {

enum class Action {
  nothing,       // an answer too: the event means nothing in this phase
  take,          // note the holder; whatever was on its way is to be looked for first
  claim,         // take the environment's slot if it is free, else wait
  search,        // ask for candidates
  choose,        // pick a target and lay the steps
  search_again,  // the search failed: a pause and another try, or the lane fails
  go_on,         // next step: number its intent; after the last one, settle
  finish_step,   // the step is done; next
  wait_step,     // under way: look again later, up to its limit
  look_first,    // no answer: find out before anything is issued again
  reissue,       // it did not happen: a new intent, while tries are left
  retry_step,    // it failed: a pause and another try, or the lane fails
  glance,        // settling: a red alarm fails at once, nothing passes yet
  judge,         // a verdict: pass, fail, or look again within the budget
  look_again,    // it could not be observed: that is inconclusive
  cancel,        // a person stops it, where that is still possible
};
template <>
inline constexpr Names<Action, Action::cancel> names_of<Action>{
    "nothing", "take",        "claim",         "search",     "choose",  "search again",
    "go on",   "finish step", "wait for step", "look first", "reissue", "retry step",
    "glance",  "judge",       "look again",    "cancel"};

inline constexpr std::size_t phase_count = names_of<Phase>.size();
inline constexpr std::size_t event_count = std::variant_size_v<Event>;

using Transitions = std::array<std::array<Action, event_count>, phase_count>;
extern const Transitions transitions;  // [phase][event]

Action action_for(Phase phase, const Event& event);

// The table in Markdown, as the docs show it.
std::string transitions_as_markdown();

}  // namespace stepback
