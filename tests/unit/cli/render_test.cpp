// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "entry/cli/errors.hpp"
#include "entry/cli/render_live.hpp"
#include "entry/cli/render_plan.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

const Instant start = *parse_rfc3339("2026-01-27T10:18:06Z");

Step step(StepKind kind, StepState state, Duration expected, std::string detail = "") {
  Step made{.kind = kind, .state = state, .expected = expected, .expected_slow = expected * 2};
  made.detail = std::move(detail);
  return made;
}

Candidate candidate(const std::string& version) {
  Candidate made{.release = {.deployment = {"dep-1"}, .version = {version}}};
  made.files = 1204;
  return made;
}

// The runbook's case: production, an alarm, the stage level; the switch is under way.
Rollback under_way() {
  Rollback rollback{.id = {"rb-01KFZ3Q8W5T7A0B1C2D3"}, .environment = {"production"}};
  rollback.rejected = {.deployment = {"dep-2"}, .version = {"3333333"}};
  rollback.reason = "alarm kiro-pipeline-production-failures entered ALARM";
  rollback.requested_by = "automation";
  rollback.accepted_at = start;
  rollback.deadline_at = start + minutes(15);
  Lane lane{.environment = {"production"}, .deployment = {"dep-2"}, .from = rollback.rejected};
  lane.target = candidate("2222222");
  lane.phase = Phase::performing;
  lane.alarms = {{"a"}, {"b"}};
  lane.validation_usual = seconds(85);
  lane.validation_slow = seconds(100);
  lane.steps = {step(StepKind::stop, StepState::done, seconds(15), "2 executions stopped"),
                step(StepKind::barrier, StepState::skipped, {}, "infrastructure stays"),
                step(StepKind::infrastructure, StepState::skipped, {}, "unchanged since 2222222"),
                step(StepKind::application, StepState::under_way, seconds(130), "")};
  lane.steps[0].started_at = start + seconds(4);
  lane.steps[0].ended_at = start + seconds(15);
  lane.steps[3].started_at = start + seconds(15);
  rollback.lanes = {lane};
  return rollback;
}

Rollback ended(Outcome outcome, LaneEnd end) {
  auto rollback = under_way();
  rollback.outcome = outcome;
  rollback.ended_at = start + seconds(282);
  Lane& lane = rollback.lanes.front();
  lane.phase = Phase::done;
  lane.end = end;
  lane.operation = 7;
  lane.cutover_at = start + seconds(145);
  lane.steps[3].state = StepState::done;
  lane.steps[3].ended_at = start + seconds(145);
  lane.validation = Validation{};
  lane.validation->checks = {{"alarm a", Verdict::passed, "OK"},
                             {"alarm b", Verdict::passed, "OK"},
                             {"health api", Verdict::passed, "200 3/3"}};
  return rollback;
}

TEST(LiveScreen, ExplainsItselfInOneScreen) {
  EXPECT_EQ(render(live_screen("kiro-worker", under_way(), start + seconds(77)), {}),
            "kiro-worker · production · rolling back 3333333 → 2222222  rb-01KFZ3Q8W5T7A0B1C2D3\n"
            "why    alarm kiro-pipeline-production-failures entered ALARM\n"
            "level  stage, started 10:18:06 UTC by automation\n"
            "\n"
            "  ✔ decide          target 2222222                                        4s\n"
            "  ✔ stop            2 executions stopped                                 11s\n"
            "  – infrastructure  unchanged since 2222222\n"
            "  ◌ application     switch to 2222222 (1204 files)          1m02s  eta 1m08s\n"
            "  · settle          alarms are watched, nothing may pass yet      usually 1m\n"
            "  · check           alarms, health, version, logs              usually 1m25s\n"
            "\n"
            "budget ▕██▋░░░░░░░░░░░░░░░░░░░░░░░░░░░░░▏ 1m17s of 15m  done ~10:22 (±2m25s)\n"
            "waiting on: application in production    Ctrl-C leaves it\n");
}

TEST(LiveScreen, SaysInWordsThatItMayBeLate) {
  const auto text = render(live_screen("s", under_way(), start + minutes(14)), {});
  EXPECT_NE(text.find("⚠ may miss 15m: people are paged while it goes on"), std::string::npos)
      << text;
}

TEST(LiveScreen, FitsANarrowTerminal) {
  for (const auto& line : live_screen("kiro-worker", under_way(), start + seconds(77), 60)) {
    const auto shown = render(line, {.width = 60});
    EXPECT_LE(width_of(shown), 60) << shown;
  }
  const auto text = render(live_screen("s", under_way(), start + seconds(77), 60), {.width = 60});
  EXPECT_NE(text.find("eta 1m08s\n"), std::string::npos) << text;
}

TEST(LiveScreen, GivesEachEnvironmentALineWhenThereAreSeveral) {
  auto rollback = under_way();
  Lane other{.environment = {"test"}, .acts = false, .from = {.version = {"1111111"}}};
  other.phase = Phase::done;
  other.end = LaneEnd::verified;
  other.why = "1111111 is healthy and was left alone";
  rollback.lanes.push_back(other);
  const auto text = render(live_screen("s", rollback, start + seconds(77)), {});
  EXPECT_NE(text.find("  ◌ production      application  switch to"), std::string::npos) << text;
  EXPECT_NE(text.find("  ✔ test            1111111 is healthy and was left alone\n"),
            std::string::npos)
      << text;
}

TEST(EndScreen, SaysWhatRunsAndWhatWasChecked) {
  EXPECT_EQ(render(end_screen(ended(Outcome::succeeded, LaneEnd::passed)), {}),
            "✔ production runs 2222222, verified                             4m42s of 15m\n"
            "  alarm 2 of 2 · health 1 of 1\n"
            "  3333333 is held in production until another release succeeds\n"
            "next: stepback explain rb-01KFZ3Q8W5T7A0B1C2D3    why each step was taken\n");
}

TEST(EndScreen, SaysWhatIsStillWrong) {
  auto rollback = ended(Outcome::escalated, LaneEnd::failed);
  rollback.incident = "INC-B1C2D3";
  rollback.why = "production: validation failed: health api: 500 0/3";
  Lane& lane = rollback.lanes.front();
  lane.why = "validation failed: health api: 500 0/3";
  lane.validation->checks[2] = {"health api", Verdict::failed, "500 0/3"};
  EXPECT_EQ(render(end_screen(rollback), {}),
            "✖ production is NOT healthy: escalated, INC-B1C2D3              4m42s of 15m\n"
            "  why:         validation failed: health api: 500 0/3\n"
            "  still wrong: health api: 500 0/3\n"
            "next: stepback explain rb-01KFZ3Q8W5T7A0B1C2D3  ·  stepback targets production\n");
}

TEST(EventLines, SayEachThingOnce) {
  EventLines lines;
  const auto first = lines.next(under_way(), start + seconds(20));
  EXPECT_EQ(
      first,
      (std::vector<std::string>{
          "2026-01-27T10:18:26Z production decide done 4s target 2222222",
          "2026-01-27T10:18:26Z production stop done 11s 2 executions stopped",
          "2026-01-27T10:18:26Z production infrastructure skipped unchanged since 2222222",
          "2026-01-27T10:18:26Z production application running switch to 2222222 (1204 files)"}));
  EXPECT_TRUE(lines.next(under_way(), start + seconds(21)).empty());
}

TEST(EventLines, GiveASignOfLifeEveryThirtySeconds) {
  EventLines lines;
  lines.next(under_way(), start + seconds(20));
  EXPECT_TRUE(lines.next(under_way(), start + seconds(49)).empty());
  EXPECT_EQ(lines.next(under_way(), start + seconds(50)),
            (std::vector<std::string>{
                "2026-01-27T10:18:56Z production waiting on application in production "
                "budget=50/900s"}));
  EXPECT_TRUE(lines.next(under_way(), start + seconds(51)).empty());
}

TEST(StateOfAnEnvironment, IsHealthyOnlyWhereEveryAlarmThatCountsIsOk) {
  EnvironmentView view;
  view.current = Deployment{.id = {"dep-2"}, .environment = {"production"}};
  view.current->status = DeploymentStatus::succeeded;
  view.current->good_at = start;
  EXPECT_EQ(state_of(view, start).word, "not known");
  view.alarms = {{.name = "errors", .roles = {.trigger = true}, .state = AlarmState::ok},
                 {.name = "health", .roles = {.validate = true}, .state = AlarmState::ok}};
  EXPECT_EQ(state_of(view, start).word, "healthy");
  view.alarms->back().state = AlarmState::insufficient_data;
  EXPECT_EQ(state_of(view, start).word, "not known");
  view.alarms->front().state = AlarmState::alarm;
  EXPECT_EQ(state_of(view, start).word, "alarm");
}

TEST(PlanScreen, ShowsWhatWouldBeDoneAndWhatItTakes) {
  auto rollback = under_way();
  rollback.lanes.front().steps[0].state = StepState::waiting;
  rollback.lanes.front().steps[0].detail.clear();
  rollback.lanes.front().steps[3].state = StepState::waiting;
  const PlanView view{.rollback = rollback,
                      .hash = "7c1e09a1b2c3",
                      .prediction = {start + seconds(290), start + seconds(420)}};
  EXPECT_EQ(render(plan_screen(view), {}),
            "Plan  roll back production 3333333 → 2222222               plan 7c1e09a1b2c3\n"
            "why   alarm kiro-pipeline-production-failures entered ALARM\n"
            " 1  stop            whatever still deploys here                    about 15s\n"
            " 2  infrastructure  unchanged since 2222222: nothing to do                 –\n"
            " 3  application     switch to 2222222 (1204 files)               about 2m10s\n"
            " 4  settle          alarms are watched, nothing may pass yet              1m\n"
            " 5  check           2 alarms, health, version, logs quiet 1m     about 1m25s\n"
            " 6  finish          record, notices; hold 3333333                   under 1s\n"
            "Takes about 4m50s (90 %: under 7m) of the 15m budget.\n"
            "Data: no one-way change lies between the two releases.\n"
            "Undo: stepback hold release production --version 3333333, then deploy it again\n");
}

TEST(PlanScreen, WarnsWhenTheBudgetMayNotDo) {
  const PlanView view{.rollback = under_way(),
                      .hash = "7c1e09a1b2c3",
                      .prediction = {start + minutes(14), start + minutes(16)}};
  EXPECT_NE(render(plan_screen(view), {}).find("⚠ may miss the 15m budget"), std::string::npos);
}

TEST(Outcome, HasAnExitCodeForEach) {
  EXPECT_EQ(exit_of(ended(Outcome::succeeded, LaneEnd::passed)), Exit::done);
  EXPECT_EQ(exit_of(ended(Outcome::escalated, LaneEnd::failed)), Exit::bad);
  EXPECT_EQ(exit_of(ended(Outcome::cancelled, LaneEnd::cancelled)), Exit::bad);
  auto late = ended(Outcome::escalated, LaneEnd::failed);
  late.ended_at = late.deadline_at - late.policy.hand_over_reserve;
  EXPECT_EQ(exit_of(late), Exit::overtime);
  auto partly = late;
  partly.lanes.push_back(partly.lanes.front());
  partly.lanes.back().end = LaneEnd::passed;
  EXPECT_EQ(exit_of(partly), Exit::partly);
}

TEST(Complaint, IsThreeLinesAndEscaped) {
  EXPECT_EQ(render(Complaint{Exit::bad, "what\x1b", "why\nand why", "stepback status", "a note"}),
            "stepback: what\\x1b\n"
            "    why\n"
            "    and why\n"
            "    try: stepback status        (a note)\n");
}

TEST(ShellWord, CanBePastedWhateverItHolds) {
  EXPECT_EQ(shell_word("plan.json"), "plan.json");
  EXPECT_EQ(shell_word("my plan; rm -rf ~"), "'my plan; rm -rf ~'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace stepback::cli
