// SPDX-License-Identifier: Apache-2.0
#pragma once

// What people see of environments: where everything is, what each could go back to, its alarms and
// checks. Pure functions from what the engine answered to lines; any thread.

#include <span>
#include <string>
#include <vector>

#include "documents/standing.hpp"
#include "engine/query.hpp"
#include "entry/cli/table.hpp"

namespace stepback::cli {

// The state of an environment in a word, with its sign.
struct State {
  std::string_view sign;
  std::string word;
  Role role = Role::plain;
};
State state_of(const EnvironmentView& view, Instant now);

Table status_table(std::span<const EnvironmentView> views, Instant now);
Screen status_screen(std::string_view service, std::span<const EnvironmentView> views, Instant now,
                     bool with_header);
// Everything about one environment.
Screen environment_details(const EnvironmentView& view, Instant now);

Table targets_table(std::span<const TargetLine> lines, Instant now);

Table alarms_table(std::span<const AlarmSeen> alarms, Instant now);
std::string roles_text(const AlarmRoles& roles);

Screen checks_screen(std::span<const Check> checks);
Screen verify_screen(const Environment& environment, const VerifyView& view);
// What is wrong, with what mends it, and how many things are well; or all of them.
Screen symptoms_screen(const Environment& environment, std::span<const Symptom> symptoms,
                       bool whole);

// One line for each environment, then what stands against it.
Screen readiness_screen(const Environment& environment, const Readiness& readiness, bool whole);

Table holds_table(std::span<const Head> heads, Instant now);

}  // namespace stepback::cli
