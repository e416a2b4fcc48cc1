// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checklist: the runbook's ten boxes after a rollback. Eight are ticked by what can be seen; the
// other two are people's, who say so by name, and it is written down. Pure.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "domain/notice.hpp"
#include "domain/rollback.hpp"

namespace stepback {

enum class Box {
  pipeline,
  alarms,
  health,
  logs,
  version,
  record,
  metrics,
  notifications,
  stakeholders,
  ticket,
};
template <>
inline constexpr Names<Box, Box::ticket> names_of<Box>{
    "pipeline", "alarms",  "health",        "logs",         "version",
    "record",   "metrics", "notifications", "stakeholders", "ticket"};

bool is_for_people(Box box);
std::string_view title_of(Box box);  // as the runbook says it

struct Ticked {
  Box box = Box::pipeline;
  bool ticked = false;
  std::string evidence;  // what was seen, or who said so and when
};

struct ChecklistFacts {
  std::vector<Check> checks;         // of what runs now, of the pipeline and of the record
  std::optional<Rollback> rollback;  // the newest here
  std::vector<JournalEntry> ticks;   // of that rollback, oldest first
  std::vector<std::string> unheard;  // notices of it that some channel has not got
  std::size_t channels = 0;          // that reach people
  bool keeps_figures = false;        // a channel for metrics is configured
};
std::vector<Ticked> checklist(const ChecklistFacts& facts);

inline constexpr std::string_view tick_kind = "checklist.ticked";
// invalid: the box is not people's.
Result<JournalEntry> tick(const Rollback& rollback, Box box, const std::string& by, Instant now);

}  // namespace stepback
