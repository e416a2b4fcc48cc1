// SPDX-License-Identifier: Apache-2.0
#pragma once

// A rollback while it runs, and how it ended: as a screen that is painted over itself, or as one
// line for each event where nobody looks at a screen. Everything is computed from the record, so
// whoever watches sees the same. Pure but for EventLines, which remembers what it has said.

#include <string>
#include <vector>

#include "domain/plan.hpp"
#include "domain/rollback.hpp"
#include "entry/cli/text.hpp"

namespace stepback::cli {

enum class StageState { pending, running, done, skipped, failed };

// One line of the live view: a phase or a step of a lane.
struct Stage {
  std::string name;
  StageState state = StageState::pending;
  std::string detail;
  std::optional<Duration> took;   // so far, when it runs
  std::optional<Duration> usual;  // from this environment's history

  bool operator==(const Stage&) const = default;
};
std::vector<Stage> stages_of(const Rollback& rollback, const Lane& lane, Instant now);
std::string_view word_of(StageState state);

// As wide as it needs, at most as wide as the terminal (0: not known).
Screen live_screen(const std::string& service, const Rollback& rollback, Instant now,
                   int columns = 0);
// The part of the budget that is used up, in eighths of a column: "▕████▋░░░▏".
std::string budget_bar(Duration used, Duration budget, int columns);

// How it ended; end_screen says besides what to do next.
Screen outcome_screen(const Rollback& rollback);
Screen end_screen(const Rollback& rollback);

// "2026-01-27T10:18:09Z production stop done 11s executions stopped"
class EventLines {
 public:
  explicit EventLines(Duration heartbeat = seconds(30)) : heartbeat_(heartbeat) {}

  // What is new since the last time; a sign of life when nothing was for a while.
  std::vector<std::string> next(const Rollback& rollback, Instant now);

 private:
  std::string heartbeat_line(const Rollback& rollback, Instant now) const;

  Duration heartbeat_;
  Instant spoken_at_{};
  std::vector<std::pair<std::string, StageState>> said_;  // by "environment stage"
};

}  // namespace stepback::cli
