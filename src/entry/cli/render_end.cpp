// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/render_live.hpp"

namespace stepback::cli {
namespace {

constexpr int width = 76;

bool ended_well(const Lane& lane) {
  return lane.end == LaneEnd::passed || lane.end == LaneEnd::verified;
}

std::string kind_of(const Check& check) { return check.name.substr(0, check.name.find(' ')); }

// "alarms 6 of 6 · health 2 of 2 · version 1 of 1"
std::string summary_of(const Validation& validation) {
  std::vector<std::string> kinds;
  for (const auto& check : validation.checks) {
    if (std::ranges::find(kinds, kind_of(check)) == kinds.end()) kinds.push_back(kind_of(check));
  }
  std::string text;
  for (const auto& kind : kinds) {
    std::size_t all = 0;
    std::size_t good = 0;
    for (const auto& check : validation.checks) {
      if (kind_of(check) != kind) continue;
      ++all;
      good += check.verdict == Verdict::passed ? 1 : 0;
    }
    text += fmt::format("{}{} {} of {}", text.empty() ? "" : " · ", kind, good, all);
  }
  return text;
}

Line with_time(Line line, const Rollback& rollback) {
  const auto ended = rollback.ended_at.value_or(rollback.accepted_at);
  const auto took = fmt::format("{} of {}", clock_text(ended - rollback.accepted_at),
                                clock_text(rollback.deadline_at - rollback.accepted_at));
  return line.pad_to(width - width_of(took)).add(took, Role::muted);
}

std::string runs(const Lane& lane) {
  const bool switched = lane.target && lane.end == LaneEnd::passed && lane.operation != 0;
  return short_version(switched ? lane.target->release.version : lane.from.version);
}

Screen succeeded(const Rollback& rollback) {
  Screen screen;
  for (const auto& lane : rollback.lanes) {
    Line line(good_sign, Role::good);
    const bool passed = lane.end == LaneEnd::passed;
    line.add(fmt::format(" {} runs {}, {}", lane.environment.name, runs(lane),
                         passed ? "verified" : lane.why));
    screen.push_back(screen.empty() ? with_time(std::move(line), rollback) : std::move(line));
    if (lane.validation && passed)
      screen.push_back(Line("  ").add(summary_of(*lane.validation), Role::muted));
  }
  if (rollback.origin != Origin::drill) {
    const auto until = rollback.policy.hold_until_released
                           ? std::string("somebody releases it")
                           : std::string("another release succeeds");
    screen.push_back(fmt::format("  {} is held in {} until {}",
                                 short_version(rollback.rejected.version),
                                 rollback.environment.name, until));
  }
  return screen;
}

Screen escalated(const Rollback& rollback) {
  Screen screen;
  for (const auto& lane : rollback.lanes) {
    if (ended_well(lane)) {
      screen.push_back(
          Line("  ")
              .add(good_sign, Role::good)
              .add(fmt::format(" {} runs {}: {}", lane.environment.name, runs(lane), lane.why)));
      continue;
    }
    Line line(bad_sign, Role::bad);
    line.add(
        fmt::format(" {} is NOT healthy: escalated, {}", lane.environment.name, rollback.incident));
    screen.push_back(with_time(std::move(line), rollback));
    screen.push_back(Line("  why:         ", Role::muted).add(lane.why));
    if (!lane.validation) continue;
    for (const auto& check : lane.validation->checks) {
      if (check.verdict == Verdict::passed) continue;
      screen.push_back(Line("  still wrong: ", Role::muted)
                           .add(fmt::format("{}: {}", check.name, check.evidence)));
    }
  }
  // The outcome's own reason is mostly one lane's, and that was said.
  const bool said = std::ranges::any_of(rollback.lanes, [&](const Lane& lane) {
    return rollback.why == lane.environment.name + ": " + lane.why;
  });
  if (!said) screen.push_back(Line("  ").add(rollback.why, Role::muted));
  return screen;
}

}  // namespace

Screen outcome_screen(const Rollback& rollback) {
  if (!rollback.outcome) return {};
  switch (*rollback.outcome) {
    case Outcome::succeeded: return succeeded(rollback);
    case Outcome::escalated: return escalated(rollback);
    case Outcome::handed_over:
      return {Line(warning_sign, Role::warning)
                  .add(fmt::format(" {} could not succeed ({}); {} takes over", rollback.id.text,
                                   rollback.why,
                                   rollback.handed_to ? rollback.handed_to->text : "nobody"))};
    case Outcome::cancelled:
      return {Line(skipped_sign, Role::muted)
                  .add(fmt::format(" {} was cancelled, nothing was changed: {}", rollback.id.text,
                                   rollback.why))};
  }
  std::unreachable();
}

Screen end_screen(const Rollback& rollback) {
  Screen screen = outcome_screen(rollback);
  const Line next("next: ", Role::muted);
  if (rollback.outcome == Outcome::succeeded) {
    screen.push_back(Line(next).add(
        fmt::format("stepback explain {}    why each step was taken", rollback.id.text)));
  } else if (rollback.outcome == Outcome::escalated) {
    screen.push_back(Line(next).add(fmt::format("stepback explain {}  ·  stepback targets {}",
                                                rollback.id.text, rollback.environment.name)));
  }
  return screen;
}

}  // namespace stepback::cli
