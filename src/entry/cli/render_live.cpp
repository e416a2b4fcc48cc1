// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_live.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "entry/cli/render_plan.hpp"

namespace stepback::cli {
namespace {

constexpr int widest = 76;

Instant first_start(const Rollback& rollback, const Lane& lane, Instant now) {
  for (const auto& step : lane.steps) {
    if (step.started_at) return *step.started_at;
  }
  return lane.cutover_at.value_or(rollback.ended_at.value_or(now));
}

bool is_over(const Lane& lane) { return lane.phase == Phase::done; }
bool ended_well(const Lane& lane) {
  return lane.end == LaneEnd::passed || lane.end == LaneEnd::verified;
}

Stage decide_stage(const Rollback& rollback, const Lane& lane, Instant now) {
  Stage stage{.name = "decide", .took = first_start(rollback, lane, now) - rollback.accepted_at};
  if (lane.phase == Phase::claiming || lane.phase == Phase::planning) {
    stage.state = StageState::running;
    stage.detail = lane.phase == Phase::claiming ? "waits until the environment is free"
                                                 : "looks for a version to go back to";
    stage.took = now - rollback.accepted_at;
  } else if (lane.target) {
    stage.state = StageState::done;
    stage.detail = "target " + short_version(lane.target->release.version);
  } else if (!lane.acts) {
    stage.state = StageState::done;
    stage.detail = lane.from.version.empty()
                       ? "nothing runs here"
                       : short_version(lane.from.version) + " is not what must go";
  } else {
    stage.state = is_over(lane) && !ended_well(lane) ? StageState::failed : StageState::done;
    stage.detail = lane.why;
  }
  return stage;
}

Stage step_stage(const Rollback& rollback, const Lane& lane, const Step& step, Instant now) {
  Stage stage{.name = std::string(name_of(step.kind)), .usual = step.expected};
  stage.detail = step.detail.empty() ? purpose_of(step, lane) : step.detail;
  if (step.attempt > 1) stage.detail += fmt::format(" (try {})", step.attempt);
  switch (step.state) {
    case StepState::waiting: stage.state = StageState::pending; break;
    case StepState::under_way: stage.state = StageState::running; break;
    case StepState::done: stage.state = StageState::done; break;
    case StepState::skipped: stage.state = StageState::skipped; break;
    case StepState::failed: stage.state = StageState::failed; break;
  }
  if (is_over(lane) && stage.state == StageState::running) stage.state = StageState::failed;
  if (is_over(lane) && stage.state == StageState::pending) stage.state = StageState::skipped;
  if (step.started_at)
    stage.took = step.ended_at.value_or(rollback.ended_at.value_or(now)) - *step.started_at;
  return stage;
}

Stage settle_stage(const Rollback& rollback, const Lane& lane, Instant now) {
  const Duration settle = rollback.policy.settle;
  Stage stage{.name = "settle", .usual = settle};
  stage.detail = "alarms are watched, nothing may pass yet";
  if (lane.phase == Phase::settling && lane.cutover_at) {
    stage.state = StageState::running;
    stage.took = now - *lane.cutover_at;
    stage.detail = fmt::format("until {} UTC", second_of_day(*lane.cutover_at + settle));
  } else if (lane.cutover_at && (lane.phase == Phase::judging || is_over(lane))) {
    stage.state = StageState::done;
    stage.detail = "over";
    stage.took = std::min(settle, rollback.ended_at.value_or(now) - *lane.cutover_at);
  } else if (is_over(lane)) {
    stage.state = StageState::skipped;
  }
  return stage;
}

std::string check_text(const Validation& validation) {
  const auto passed = std::ranges::count(validation.checks, Verdict::passed, &Check::verdict);
  auto text = fmt::format("{} of {} passed", passed, validation.checks.size());
  for (const auto& check : validation.checks) {
    if (check.verdict == Verdict::passed) continue;
    return fmt::format("{}; {}: {}", text, check.name, check.evidence);
  }
  return text;
}

Stage check_stage(const Rollback& rollback, const Lane& lane, Instant now) {
  Stage stage{.name = "check", .usual = lane.validation_usual};
  stage.detail = "alarms, health, version, logs";
  if (lane.validation) stage.detail = check_text(*lane.validation);
  const auto begun = lane.cutover_at.value_or(rollback.accepted_at) +
                     (lane.acts ? rollback.policy.settle : Duration(0));
  if (lane.phase == Phase::judging) {
    stage.state = StageState::running;
    stage.took = now - begun;
  } else if (is_over(lane)) {
    const bool looked = lane.validation.has_value();
    stage.state = ended_well(lane) ? StageState::done
                  : looked         ? StageState::failed
                                   : StageState::skipped;
    const auto took = rollback.ended_at.value_or(now) - begun;
    if (looked && took.count() > 0) stage.took = took;
  }
  return stage;
}

std::string_view sign_of(StageState state) {
  switch (state) {
    case StageState::pending: return pending_sign;
    case StageState::running: return running_sign;
    case StageState::done: return good_sign;
    case StageState::skipped: return skipped_sign;
    case StageState::failed: return bad_sign;
  }
  std::unreachable();
}

Role role_of(StageState state) {
  switch (state) {
    case StageState::pending: return Role::muted;
    case StageState::running: return Role::running;
    case StageState::done: return Role::good;
    case StageState::skipped: return Role::muted;
    case StageState::failed: return Role::bad;
  }
  std::unreachable();
}

std::string timing_of(const Stage& stage) {
  switch (stage.state) {
    case StageState::pending:
      return stage.usual && stage.usual->count() > 0 ? "usually " + clock_text(*stage.usual) : "";
    case StageState::running: {
      const auto took = stage.took.value_or(Duration(0));
      auto text = clock_text(took);
      if (stage.usual && *stage.usual > took) text += "  eta " + clock_text(*stage.usual - took);
      return text;
    }
    case StageState::skipped: return "";
    case StageState::done:
    case StageState::failed: return stage.took ? clock_text(*stage.took) : "";
  }
  std::unreachable();
}

// A sign, a name, what is known of it, and the time flush right.
Line stage_line(StageState state, std::string_view name, std::string_view detail,
                std::string_view timing, int width) {
  constexpr int detail_column = 20;
  Line line("  ");
  line.add(sign_of(state), role_of(state)).add(" ").add(name).pad_to(detail_column);
  const int room = width - detail_column - width_of(timing) - 2;
  line.add(cut_to(escaped(detail), room), Role::muted);
  return line.pad_to(width - width_of(timing)).add(timing);
}

Screen lane_stages(const Rollback& rollback, const Lane& lane, Instant now, int width) {
  Screen screen;
  for (const auto& stage : stages_of(rollback, lane, now))
    screen.push_back(stage_line(stage.state, stage.name, stage.detail, timing_of(stage), width));
  return screen;
}

// Where several environments go back side by side, each has one line: the screen must fit.
Line lane_in_brief(const Rollback& rollback, const Lane& lane, Instant now, int width) {
  if (is_over(lane)) {
    const bool well = ended_well(lane);
    return stage_line(well ? StageState::done : StageState::failed, lane.environment.name, lane.why,
                      "", width);
  }
  Stage shown{.name = "decide", .state = StageState::running};
  for (const auto& stage : stages_of(rollback, lane, now)) {
    if (stage.state == StageState::pending) break;
    shown = stage;
  }
  return stage_line(StageState::running, lane.environment.name, shown.name + "  " + shown.detail,
                    timing_of(shown), width);
}

Line title_line(const std::string& service, const Rollback& rollback) {
  const Lane* lane = lane_of(rollback, rollback.environment);
  Line line(service, Role::strong);
  line.add(fmt::format(" · {} · rolling back {}", rollback.environment.name,
                       short_version(rollback.rejected.version)));
  if (lane != nullptr && lane->target)
    line.add(fmt::format(" {} {}", arrow_sign, short_version(lane->target->release.version)));
  return line.add("  " + rollback.id.text, Role::muted);
}

// The end of the lane that takes longest, as far as can be told.
Prediction predicted_end(const Rollback& rollback, Instant now) {
  Prediction end{now, now};
  for (const auto& lane : rollback.lanes) {
    if (is_over(lane)) continue;
    const auto each = predict_end(lane, rollback.policy, now);
    end.usual = std::max(end.usual, each.usual);
    end.slow = std::max(end.slow, each.slow);
  }
  return end;
}

Screen budget_lines(const Rollback& rollback, Instant now, int width) {
  constexpr int beside_the_bar = 44;
  constexpr int shortest_bar = 4;
  const int bar_columns = std::max(shortest_bar, width - beside_the_bar);
  const auto budget = rollback.deadline_at - rollback.accepted_at;
  const auto used = rollback.ended_at.value_or(now) - rollback.accepted_at;
  const auto end = predicted_end(rollback, now);
  const bool late = end.slow > rollback.deadline_at;
  Line line("budget ");
  line.add(budget_bar(used, budget, bar_columns), late ? Role::warning : Role::running)
      .add(fmt::format(" {} of {}", clock_text(used), clock_text(budget)));
  if (is_active(rollback)) {
    line.add("  done ~" + minute_of_day(end.usual));
    if (end.slow > end.usual) line.add(fmt::format(" (±{})", clock_text(end.slow - end.usual)));
  }
  Screen screen{std::move(line)};
  if (is_active(rollback) && late) {
    screen.push_back(Line(fmt::format("{} may miss {}: people are paged while it goes on",
                                      warning_sign, clock_text(budget)),
                          Role::warning));
  }
  return screen;
}

std::string waiting_on(const Rollback& rollback, Instant now) {
  for (const auto& lane : rollback.lanes) {
    for (const auto& stage : stages_of(rollback, lane, now)) {
      if (stage.state == StageState::running)
        return fmt::format("{} in {}", stage.name, lane.environment.name);
    }
  }
  return "its turn";
}

}  // namespace

std::string_view word_of(StageState state) {
  switch (state) {
    case StageState::pending: return "pending";
    case StageState::running: return "running";
    case StageState::done: return "done";
    case StageState::skipped: return "skipped";
    case StageState::failed: return "failed";
  }
  std::unreachable();
}

std::vector<Stage> stages_of(const Rollback& rollback, const Lane& lane, Instant now) {
  std::vector<Stage> stages{decide_stage(rollback, lane, now)};
  const bool nowhere = is_over(lane) && !lane.target && !lane.validation;
  if (nowhere) return stages;
  for (const auto& step : lane.steps) {
    if (step.kind == StepKind::barrier && step.state == StepState::skipped) continue;
    stages.push_back(step_stage(rollback, lane, step, now));
  }
  if (lane.acts) stages.push_back(settle_stage(rollback, lane, now));
  stages.push_back(check_stage(rollback, lane, now));
  return stages;
}

std::string budget_bar(Duration used, Duration budget, int columns) {
  static constexpr std::array<std::string_view, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths_in_all = static_cast<std::int64_t>(columns) * 8;
  const auto whole = std::max<std::int64_t>(1, budget.count());
  const auto eighths =
      std::clamp<std::int64_t>(used.count() * eighths_in_all / whole, 0, eighths_in_all);
  std::string bar = "▕";
  for (std::int64_t i = 0; i < eighths / 8; ++i) bar += "█";
  bar += parts[static_cast<std::size_t>(eighths % 8)];
  const auto filled = eighths / 8 + (eighths % 8 > 0 ? 1 : 0);
  for (std::int64_t i = filled; i < columns; ++i) bar += "░";
  return bar + "▏";
}

Screen live_screen(const std::string& service, const Rollback& rollback, Instant now, int columns) {
  const int width = columns > 0 ? std::min(columns, widest) : widest;
  Screen screen{title_line(service, rollback)};
  screen.push_back(Line("why    ", Role::muted).add(rollback.reason));
  screen.push_back(
      Line("level  ", Role::muted)
          .add(fmt::format("{}, started {} UTC by {}", name_of(rollback.level),
                           second_of_day(rollback.accepted_at), rollback.requested_by)));
  screen.emplace_back();
  for (const auto& lane : rollback.lanes) {
    if (rollback.lanes.size() == 1) append(screen, lane_stages(rollback, lane, now, width));
    if (rollback.lanes.size() > 1) screen.push_back(lane_in_brief(rollback, lane, now, width));
  }
  screen.emplace_back();
  append(screen, budget_lines(rollback, now, width));
  if (is_active(rollback)) {
    screen.push_back(Line("waiting on: ", Role::muted)
                         .add(waiting_on(rollback, now))
                         .add("    Ctrl-C leaves it", Role::muted));
  }
  return screen;
}

// --- one line for each event --------------------------------------------------------------------

std::string EventLines::heartbeat_line(const Rollback& rollback, Instant now) const {
  const auto budget = rollback.deadline_at - rollback.accepted_at;
  return fmt::format("{} {} waiting on {} budget={}/{}s", to_rfc3339_seconds(now),
                     rollback.environment.name, waiting_on(rollback, now),
                     (now - rollback.accepted_at).count() / 1000, budget.count() / 1000);
}

std::vector<std::string> EventLines::next(const Rollback& rollback, Instant now) {
  std::vector<std::string> lines;
  for (const auto& lane : rollback.lanes) {
    for (const auto& stage : stages_of(rollback, lane, now)) {
      const auto key = fmt::format("{} {} {}", rollback.id.text, lane.environment.name, stage.name);
      auto known = std::ranges::find(said_, key, &std::pair<std::string, StageState>::first);
      if (known == said_.end()) known = said_.insert(said_.end(), {key, StageState::pending});
      if (known->second == stage.state) continue;
      known->second = stage.state;
      auto line = fmt::format("{} {} {} {}", to_rfc3339_seconds(now), lane.environment.name,
                              stage.name, word_of(stage.state));
      const bool ended = stage.state == StageState::done || stage.state == StageState::failed;
      if (ended && stage.took) line += " " + clock_text(*stage.took);
      if (!stage.detail.empty()) line += " " + stage.detail;
      lines.push_back(std::move(line));
    }
  }
  if (lines.empty() && is_active(rollback) && now - spoken_at_ >= heartbeat_ &&
      spoken_at_ != Instant{}) {
    lines.push_back(heartbeat_line(rollback, now));
  }
  if (!lines.empty()) spoken_at_ = now;
  return lines;
}

}  // namespace stepback::cli
