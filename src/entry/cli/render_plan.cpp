// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_plan.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback::cli {
namespace {

constexpr int width = 76;
constexpr int text_column = 20;

// "number  name  what           how long", the last flush right.
Line row(std::string_view number, std::string_view name, std::string_view what,
         std::string_view how_long, Role role = Role::plain) {
  Line line;
  line.add(fmt::format("{:>2}  ", number), Role::muted).add(name, role).pad_to(text_column);
  const int room = width - text_column - width_of(how_long) - 2;
  line.add(cut_to(escaped(what), room), role);
  line.pad_to(width - width_of(how_long)).add(how_long, Role::muted);
  return line;
}

Screen lane_rows(const Rollback& rollback, const Lane& lane) {
  Screen screen;
  const Policy& policy = rollback.policy;
  int number = 0;
  const auto add = [&](std::string_view name, std::string_view what, std::string_view how_long,
                       Role role = Role::plain) {
    screen.push_back(row(std::to_string(++number), name, what, how_long, role));
  };
  for (const auto& step : lane.steps) {
    const bool skipped = step.state == StepState::skipped;
    if (skipped && step.kind == StepKind::barrier) continue;  // it goes with infrastructure
    add(name_of(step.kind), purpose_of(step, lane),
        skipped ? std::string(skipped_sign) : about(step.expected),
        skipped ? Role::muted : Role::plain);
  }
  add("settle", "alarms are watched, nothing may pass yet", clock_text(policy.settle));
  add("check",
      fmt::format("{}, health, version, logs quiet {}", count_of(lane.alarms.size(), "alarm"),
                  clock_text(policy.quiet)),
      lane.validation_usual.count() > 0 ? about(lane.validation_usual) : "no history");
  add("finish", fmt::format("record, notices; hold {}", short_version(rollback.rejected.version)),
      about(seconds(0)));
  return screen;
}

Line lane_title(const Lane& lane) {
  Line line;
  if (!lane.acts && lane.phase == Phase::judging) {
    return line.add(lane.environment.name, Role::strong)
        .add(fmt::format("  does not run it: {} is verified and left alone",
                         short_version(lane.from.version)));
  }
  if (!lane.target) {
    return line.add(lane.environment.name, Role::strong).add("  ").add(lane.why, Role::warning);
  }
  return line.add(lane.environment.name, Role::strong)
      .add(fmt::format("  {} {} {}", short_version(lane.from.version), arrow_sign,
                       short_version(lane.target->release.version)));
}

std::string title_of(const Rollback& rollback) {
  const Lane* lane = lane_of(rollback, rollback.environment);
  const auto target = lane != nullptr && lane->target ? short_version(lane->target->release.version)
                                                      : std::string("nothing");
  return fmt::format("{} {} {} {}", rollback.environment.name,
                     short_version(rollback.rejected.version), arrow_sign, target);
}

Line data_line(const Rollback& rollback) {
  if (rollback.wish.data_risk_accepted) {
    return Line("Data: ", Role::strong)
        .add("AT RISK if a one-way change lies between: accepted beforehand", Role::warning);
  }
  return Line("Data: ", Role::strong).add("no one-way change lies between the two releases.");
}

}  // namespace

std::string purpose_of(const Step& step, const Lane& lane) {
  if (step.state == StepState::skipped) return step.detail + ": nothing to do";
  switch (step.kind) {
    case StepKind::stop: return "whatever still deploys here";
    case StepKind::barrier: return "nothing older can land after this";
    case StepKind::infrastructure:
      return lane.target && !lane.target->infrastructure_version.empty()
                 ? "back to " + lane.target->infrastructure_version
                 : "back to what the target had";
    case StepKind::application: {
      if (!lane.target) return "switch";
      const auto count = static_cast<std::size_t>(std::max(0, lane.target->files));
      const auto files = count > 0 ? fmt::format(" ({})", count_of(count, "file")) : std::string();
      return fmt::format("switch to {}{}", short_version(lane.target->release.version), files);
    }
  }
  std::unreachable();
}

Screen plan_screen(const PlanView& view) {
  const Rollback& rollback = view.rollback;
  Screen screen;
  Line title("Plan  ", Role::strong);
  title.add("roll back " + title_of(rollback));
  const auto hash = "plan " + view.hash;
  title.pad_to(width - width_of(hash)).add(hash, Role::muted);
  screen.push_back(std::move(title));
  screen.push_back(Line("why   ", Role::strong).add(rollback.reason));
  for (const auto& lane : rollback.lanes) {
    if (rollback.lanes.size() > 1) screen.push_back(lane_title(lane));
    if (lane.target) append(screen, lane_rows(rollback, lane));
  }
  const auto budget = rollback.deadline_at - rollback.accepted_at;
  const auto usual = view.prediction.usual - rollback.accepted_at;
  const auto slow = view.prediction.slow - rollback.accepted_at;
  screen.push_back(fmt::format("Takes {} (90 %: under {}) of the {} budget.", about(usual),
                               clock_text(slow), clock_text(budget)));
  if (slow > budget) {
    screen.push_back(Line(warning_sign, Role::warning)
                         .add(fmt::format(" may miss the {} budget: people are paged while it acts",
                                          clock_text(budget)),
                              Role::warning));
  }
  screen.push_back(data_line(rollback));
  screen.push_back(
      Line("Undo: ", Role::strong)
          .add(fmt::format("stepback hold release {} --version {}, then deploy it again",
                           rollback.environment.name, rollback.rejected.version.text)));
  return screen;
}

Screen no_target_screen(const Rollback& rollback) {
  Screen screen;
  for (const auto& lane : rollback.lanes) {
    for (const auto& refusal : lane.refused) {
      Line line("  ");
      line.add(short_version(refusal.release.version))
          .pad_to(16)
          .add("refused: " + refusal.why, Role::muted);
      screen.push_back(std::move(line));
    }
  }
  return screen;
}

}  // namespace stepback::cli
