// SPDX-License-Identifier: Apache-2.0
#include "domain/transitions.hpp"

namespace stepback {
namespace {

using enum Action;

constexpr std::array<std::string_view, event_count> event_names{
    "Claimed",    "Woke",        "TargetsFound", "StepDone", "StepUnderWay", "StepNotDone",
    "StepFailed", "StepRefused", "StepUnknown",  "Observed", "LookFailed",   "CancelAsked"};

}  // namespace

// clang-format off
const Transitions transitions{{
    // Claimed Woke    TargetsF. StepDone     UnderWay   NotDone  Failed      Refused  Unknown     Observed LookFailed    Cancel
    {take,     claim,  nothing,  nothing,     nothing,   nothing, nothing,    nothing, nothing,    nothing, nothing,      cancel},   // claiming
    {take,     search, choose,   nothing,     nothing,   nothing, nothing,    nothing, nothing,    nothing, search_again, cancel},   // planning
    {take,     go_on,  nothing,  finish_step, wait_step, reissue, retry_step, reissue, look_first, nothing, nothing,      cancel},   // performing
    {take,     glance, nothing,  nothing,     nothing,   nothing, nothing,    nothing, nothing,    glance,  look_again,   nothing},  // settling
    {take,     judge,  nothing,  nothing,     nothing,   nothing, nothing,    nothing, nothing,    judge,   look_again,   nothing},  // judging
    {take,     nothing, nothing, nothing,     nothing,   nothing, nothing,    nothing, nothing,    nothing, nothing,      nothing},  // done
}};
// clang-format on

std::string_view name_of(const Event& event) { return event_names[event.index()]; }

Action action_for(Phase phase, const Event& event) {
  return transitions[static_cast<std::size_t>(std::to_underlying(phase))][event.index()];
}

std::string transitions_as_markdown() {
  std::string text = "| event |";
  std::string rule = "| --- |";
  for (const auto phase : names_of<Phase>) {
    text += " " + std::string(phase) + " |";
    rule += " --- |";
  }
  text += "\n" + rule + "\n";
  for (std::size_t event = 0; event < event_count; ++event) {
    text += "| " + std::string(event_names[event]) + " |";
    for (const auto& row : transitions) {
      text += row[event] == nothing ? " – |" : " " + std::string(name_of(row[event])) + " |";
    }
    text += "\n";
  }
  return text;
}

}  // namespace stepback
