// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_run.hpp"

#include <fmt/core.h>

#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

constexpr int name_column = 4;
constexpr int detail_column = 28;

struct Sign {
  std::string_view sign;
  Role role;
};

Sign sign_of(StageState state) {
  switch (state) {
    case StageState::waiting: return {pending_sign, Role::muted};
    case StageState::running: return {running_sign, Role::running};
    case StageState::passed: return {good_sign, Role::good};
    case StageState::failed: return {bad_sign, Role::bad};
    case StageState::stopped: return {skipped_sign, Role::warning};
  }
  std::unreachable();
}

Role role_of(RunState state) {
  switch (state) {
    case RunState::running: return Role::running;
    case RunState::passed: return Role::good;
    case RunState::failed: return Role::bad;
    case RunState::rejected:
    case RunState::expired:
    case RunState::stopped: return Role::warning;
  }
  std::unreachable();
}

void add_stage(Screen& screen, const RunStage& stage, Instant now) {
  const auto [sign, role] = sign_of(stage.state);
  Line line("  ");
  line.add(sign, role).pad_to(name_column).add(stage.name).pad_to(detail_column);
  if (stage.started_at) {
    const auto took = stage.ended_at.value_or(now) - *stage.started_at;
    line.add(clock_text(took) + "  ", Role::muted);
  }
  line.add(stage.state == StageState::passed && stage.why.empty() ? "passed" : stage.why);
  screen.push_back(std::move(line));
  if (!stage.touched.empty())
    screen.push_back(Line().pad_to(detail_column).add(stage.touched, Role::muted));
}

}  // namespace

Table run_table(const Run& run) {
  Table table({{"stage"}, {"kind"}, {"environment"}, {"state"}, {"why"}});
  for (const auto& stage : run.stages) {
    table.add({stage.name, name_of(stage.kind),
               stage.environment ? stage.environment->name : std::string(), name_of(stage.state),
               stage.why});
  }
  return table;
}

std::string next_for(const Run& run) {
  for (const auto& stage : run.stages) {
    if (stage.rollback) return "stepback watch " + stage.rollback->text;
  }
  const bool asks = run.approval && !run.approval->approved;
  if (run.state == RunState::running && asks)
    return fmt::format("stepback approve {} --reason TEXT", run.id.text);
  return {};
}

Answer answer_of(const Run& run, Instant now) {
  return {.screen = run_screen(run, now),
          .rows = run_table(run),
          .document = to_json(run),
          .ids = {run.id.text}};
}

Screen run_screen(const Run& run, Instant now) {
  Screen screen;
  Line head(short_version(run.version), Role::strong);
  head.add(fmt::format("  {}  ", run.id.text)).add(name_of(run.state), role_of(run.state));
  if (!run.why.empty()) head.add("  " + run.why);
  screen.push_back(std::move(head));
  for (const auto& stage : run.stages) add_stage(screen, stage, now);
  if (run.approval && !run.approval->approved && run.state == RunState::running) {
    screen.push_back(Line(waiting_sign, Role::warning)
                         .add(fmt::format(" {} asks for approval, until {}", run.approval->stage,
                                          date_and_minute(run.approval->until))));
  }
  if (const auto next = next_for(run); !next.empty()) screen.push_back("next: " + next);
  return screen;
}

}  // namespace stepback::cli
