// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/errors.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "entry/cli/text.hpp"

namespace stepback::cli {
namespace {

std::string_view attempt_for(Code code) {
  switch (code) {
    case Code::invalid: return "stepback help";
    case Code::not_found: return "stepback status";
    case Code::conflict: return "stepback watch";
    case Code::denied: return "stepback hold list";
    case Code::unavailable: return "stepback config check";
    case Code::timeout: return "stepback status";
    case Code::corrupt: return "stepback audit verify";
    case Code::internal: return "stepback audit verify";
  }
  std::unreachable();
}

bool ended_well(const Lane& lane) {
  return lane.end == LaneEnd::passed || lane.end == LaneEnd::verified;
}

Exit exit_of_escalated(const Rollback& rollback) {
  const bool some_well = std::ranges::any_of(
      rollback.lanes, [](const Lane& lane) { return lane.end == LaneEnd::passed; });
  const bool some_badly =
      std::ranges::any_of(rollback.lanes, [](const Lane& lane) { return !ended_well(lane); });
  if (some_well && some_badly) return Exit::partly;
  // What is kept back for telling people is no longer spent on recovering.
  const auto last_moment = rollback.deadline_at - rollback.policy.hand_over_reserve;
  return rollback.ended_at.value_or(Instant{}) >= last_moment ? Exit::overtime : Exit::bad;
}

}  // namespace

Exit exit_of(Code code) {
  switch (code) {
    case Code::invalid: return Exit::usage;
    case Code::not_found: return Exit::not_found;
    case Code::conflict: return Exit::busy;
    case Code::denied: return Exit::refused;
    case Code::unavailable: return Exit::provider;
    case Code::timeout: return Exit::provider;
    case Code::corrupt: return Exit::provider;
    case Code::internal: return Exit::bad;
  }
  std::unreachable();
}

Exit exit_of(const Rollback& rollback) {
  if (!rollback.outcome) return Exit::done;
  switch (*rollback.outcome) {
    case Outcome::succeeded: return Exit::done;
    case Outcome::escalated: return exit_of_escalated(rollback);
    case Outcome::handed_over: return Exit::done;
    case Outcome::cancelled: return Exit::bad;
  }
  std::unreachable();
}

Complaint complaint_of(const Error& error, Deed deed) {
  auto attempt = deed.attempt.empty() ? std::string(attempt_for(error.code)) : deed.attempt;
  return {exit_of(error.code), std::move(deed.what), error.message, std::move(attempt), ""};
}

std::string render(const Complaint& complaint) {
  auto text = fmt::format("stepback: {}\n", escaped(complaint.what));
  // Some errors are several, each on a line of its own.
  for (const auto line : std::views::split(complaint.why, '\n'))
    text += fmt::format("    {}\n", escaped(std::string_view(line)));
  text += "    try: " + escaped(complaint.attempt);
  if (!complaint.note.empty()) text += fmt::format("        ({})", escaped(complaint.note));
  return text + "\n";
}

}  // namespace stepback::cli
