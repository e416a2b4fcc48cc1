// SPDX-License-Identifier: Apache-2.0
#include "domain/advance.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "domain/deploying.hpp"
#include "domain/transitions.hpp"
#include "support/builders.hpp"

namespace stepback {
namespace {

using support::healthy_observation;
using support::noon;
using support::opened_world;
using support::targets_found;

Decision step(World world, const Event& event, Instant now = noon + seconds(1),
              std::size_t lane = 0) {
  return advance(std::move(world), lane, event, now, {42});
}

const Lane& lane_of(const World& world, std::size_t index = 0) {
  return world.rollback.value.lanes[index];
}

// Through the steps up to the switch.
World switched_world(const Policy& policy = {}) {
  auto world = step(opened_world(policy), targets_found()).next;
  world = step(std::move(world), StepDone{"nothing was running"}).next;
  return step(std::move(world), StepDone{"switched"}, noon + seconds(2)).next;
}

World judged_world(const Observation& seen, Instant now, const Policy& policy = {}) {
  auto world = step(switched_world(policy), Woke{}, now).next;
  return step(std::move(world), Observed{seen}, now).next;
}

TEST(Opening, ClaimsTheSlotHoldsTheVersionAndTellsInOneDecision) {
  const auto world = opened_world();
  const Head& head = world.heads[0].value;
  EXPECT_EQ(head.slot, world.rollback.value.id);
  ASSERT_EQ(head.holds.size(), 1U);
  EXPECT_EQ(head.holds[0].version.text, "v2");
  EXPECT_EQ(head.automatic.size(), 1U);
  EXPECT_EQ(lane_of(world).pending->kind, EffectKind::find_target);
}

TEST(Advancing, NumbersTheIntentBeforeAnythingIsDone) {
  const auto decision = step(opened_world(), targets_found());
  const Lane& lane = lane_of(decision.next);
  EXPECT_EQ(lane.phase, Phase::performing);
  EXPECT_EQ(lane.target->release.version.text, "v1");
  EXPECT_EQ(lane.pending->kind, EffectKind::stop);
  EXPECT_EQ(lane.pending->operation, 1U);
  EXPECT_EQ(decision.next.heads[0].value.operations, 1U);
  EXPECT_EQ(decision.next.rollback.value.lease.holder, "worker");
}

TEST(Advancing, SkipsInfrastructureThatDidNotChangeAndSaysSo) {
  auto world = opened_world();
  world.deployments[0].value.infrastructure_changed = false;
  const auto decision = step(std::move(world), targets_found());
  const auto& steps = lane_of(decision.next).steps;
  EXPECT_EQ(steps[2].state, StepState::skipped);
  EXPECT_EQ(steps[2].detail, "unchanged since v1");
}

TEST(Advancing, StampsTheBarrierBeforeItTouchesInfrastructure) {
  auto world = opened_world();
  world.deployments[0].value.infrastructure_changed = true;
  world = step(std::move(world), targets_found()).next;
  world = step(std::move(world), StepDone{"stopped"}).next;
  EXPECT_EQ(lane_of(world).pending->kind, EffectKind::barrier);
  world = step(std::move(world), StepDone{"stamped"}).next;
  EXPECT_EQ(lane_of(world).pending->kind, EffectKind::infrastructure);
  world = step(std::move(world), StepDone{"reverted"}).next;
  EXPECT_EQ(lane_of(world).pending->kind, EffectKind::application);
}

TEST(Advancing, LooksFirstAfterATakeOver) {
  auto world = step(opened_world(), targets_found()).next;
  world.holder = "another";
  const auto decision = step(std::move(world), Claimed{});
  EXPECT_TRUE(lane_of(decision.next).pending->look_first);
  EXPECT_EQ(decision.next.rollback.value.lease.epoch, 1U);
}

TEST(Advancing, IssuesAgainUnderANewNumberWhatDidNotHappen) {
  auto world = step(opened_world(), targets_found()).next;
  const auto decision = step(std::move(world), StepNotDone{"no trace of it"});
  EXPECT_EQ(lane_of(decision.next).pending->operation, 2U);
  EXPECT_EQ(lane_of(decision.next).pending->attempt, 2);
}

TEST(Advancing, RetriesWithAGrowingPauseAndThenGivesUp) {
  auto world = step(opened_world(), targets_found()).next;
  const StepFailed failed{{Code::unavailable, "throttled"}};
  auto now = noon + seconds(1);
  world = step(std::move(world), failed, now).next;
  EXPECT_EQ(lane_of(world).wake_at, now + seconds(2));
  now = lane_of(world).wake_at;
  world = step(std::move(world), Woke{}, now).next;
  world = step(std::move(world), failed, now).next;
  EXPECT_EQ(lane_of(world).wake_at, now + seconds(4));
  now = lane_of(world).wake_at;
  world = step(std::move(world), Woke{}, now).next;
  world = step(std::move(world), failed, now).next;
  EXPECT_EQ(lane_of(world).end, LaneEnd::failed);
}

TEST(Advancing, ChoosesAnotherTargetWhenTheArtifactsAreNotWhatTheyWere) {
  auto world = step(opened_world(), targets_found()).next;
  world = step(std::move(world), StepDone{"stopped"}).next;
  world = step(std::move(world), StepFailed{{Code::corrupt, "app.js is altered"}}).next;
  EXPECT_EQ(lane_of(world).phase, Phase::planning);
  world = step(std::move(world), targets_found()).next;
  EXPECT_EQ(lane_of(world).target->release.version.text, "v0");
}

TEST(Advancing, ReplansWhenTheTargetIsHeldMeanwhile) {
  auto world = step(opened_world(), targets_found()).next;
  add_hold(world.heads[0].value,
           {.version = {"v1"}, .digest = support::digest('1'), .reason = "judged bad"});
  world = step(std::move(world), StepDone{"stopped"}).next;
  EXPECT_EQ(lane_of(world).phase, Phase::planning);
}

TEST(Settling, PassesNothingBeforeItsTime) {
  const auto early = noon + seconds(30);
  const auto decision =
      step(switched_world(), Observed{healthy_observation(early, "v1", '1', 2)}, early);
  EXPECT_EQ(lane_of(decision.next).phase, Phase::settling);
  EXPECT_TRUE(is_active(decision.next.rollback.value));
  EXPECT_EQ(decision.look_at, early + seconds(1));
}

TEST(Settling, FailsAtOnceByAnAlarmThatTurnsRed) {
  Observation glance{.at = noon + seconds(10), .alarms_only = true};
  glance.alarms = {support::alarm(AlarmState::alarm, noon + seconds(9))};
  glance.alarms[0].period = seconds(1);
  glance.alarms[0].points = {{noon + seconds(8), true}};
  const auto decision = step(switched_world(), Observed{glance}, noon + seconds(10));
  EXPECT_EQ(decision.next.rollback.value.outcome, Outcome::handed_over);
  EXPECT_NE(hold_on(decision.next.heads[0].value, {"v1"}, support::digest('1')), nullptr);
}

TEST(Settling, HasOnRecordWhatRunsHoweverItEnds) {
  EXPECT_EQ(switched_world().heads[0].value.live->version.text, "v1");
}

TEST(Judging, RecordsSuccessInOneDecision) {
  const auto later = noon + seconds(70);
  const auto world = judged_world(healthy_observation(later, "v1", '1', 2), later);
  const Rollback& rollback = world.rollback.value;
  EXPECT_EQ(rollback.outcome, Outcome::succeeded);
  EXPECT_FALSE(world.heads[0].value.slot);
  EXPECT_EQ(world.heads[0].value.live->version.text, "v1");
  const Deployment& failed = world.deployments[0].value;
  EXPECT_EQ(failed.status, DeploymentStatus::rolled_back);
  EXPECT_EQ(failed.rollback_level, "stage");
  EXPECT_EQ(failed.rollback_target.text, "v1");
  EXPECT_TRUE(failed.rollback_time && failed.ended_at);
  const Deployment& restored = world.deployments[1].value;
  EXPECT_EQ(restored.kind, DeploymentKind::rollback);
  EXPECT_EQ(restored.replaces, failed.id);
  EXPECT_EQ(world.heads[0].value.current, restored.id);
  EXPECT_FALSE(world.heads[0].value.holds.empty());
}

TEST(Judging, WaitsWhileItIsInconclusiveAndThenLeavesItToPeople) {
  Observation nothing{.at = noon + seconds(70)};
  auto world = judged_world(nothing, nothing.at);
  EXPECT_TRUE(is_active(world.rollback.value));
  nothing.at = noon + minutes(15);
  world = step(std::move(world), Observed{nothing}, nothing.at).next;
  EXPECT_EQ(world.rollback.value.outcome, Outcome::escalated);
  EXPECT_TRUE(world.heads[0].value.waiting);
}

TEST(Judging, RaisesTheLevelWhenTheStageFails) {
  auto seen = healthy_observation(noon + seconds(70), "v1", '1', 2);
  seen.health[0].healthy = false;
  const auto world = judged_world(seen, seen.at);
  EXPECT_EQ(world.rollback.value.outcome, Outcome::handed_over);
  ASSERT_TRUE(world.full);
  const Rollback& full = world.full->value;
  EXPECT_EQ(full.level, Level::full);
  EXPECT_EQ(full.deadline_at, world.rollback.value.deadline_at);
  ASSERT_EQ(full.lanes.size(), 3U);
  EXPECT_EQ(full.lanes[0].environment.name, "production");
  EXPECT_EQ(world.heads[0].value.slot, full.id);
  EXPECT_EQ(world.service.value.slot, full.id);
}

TEST(Judging, LeavesToPeopleWhenThePolicyHasNoWiderLevel) {
  Policy policy;
  policy.full_after_stage = false;
  auto seen = healthy_observation(noon + seconds(70), "v1", '1', 2);
  seen.health[0].healthy = false;
  const auto world = judged_world(seen, seen.at, policy);
  EXPECT_EQ(world.rollback.value.outcome, Outcome::escalated);
  EXPECT_FALSE(world.rollback.value.incident.empty());
  EXPECT_EQ(world.heads[0].value.waiting->incident, world.rollback.value.incident);
}

TEST(Planning, EndsWithoutATargetBeforeAnythingIsTouched) {
  TargetsFound none{.candidates = {support::candidate("v2", '2')}};
  const auto decision = step(opened_world(), none);
  EXPECT_EQ(lane_of(decision.next).end, LaneEnd::no_target);
  EXPECT_EQ(decision.next.rollback.value.outcome, Outcome::escalated);
  EXPECT_EQ(decision.next.heads[0].value.operations, 0U);
}

TEST(Planning, PagesAtOnceWhenTheBudgetCannotBeMet) {
  auto found = targets_found();
  found.estimates.steps = {{StepKind::application, minutes(8), minutes(20)}};
  const auto decision = step(opened_world(), found);
  ASSERT_FALSE(decision.notices.empty());
  EXPECT_EQ(decision.notices.back().kind, NoticeKind::budget_at_risk);
  EXPECT_TRUE(is_active(decision.next.rollback.value));
}

TEST(Cancelling, IsPossibleOnlyBeforeTheFirstStep) {
  const CancelAsked asked{"alice", "false alarm"};
  const auto early = step(opened_world(), asked).next;
  EXPECT_EQ(early.rollback.value.outcome, Outcome::cancelled);
  EXPECT_TRUE(early.heads[0].value.holds.empty());
  EXPECT_FALSE(early.heads[0].value.slot);
  const auto late = step(step(opened_world(), targets_found()).next, asked).next;
  EXPECT_TRUE(is_active(late.rollback.value));
}

TEST(AFullRollback, LeavesAloneWhatDoesNotRunTheRejectedVersion) {
  auto world = opened_world({}, Level::full);
  world.heads[0].value.live = support::release("v1", '1');  // test
  world = step(std::move(world), Woke{}, noon, 2).next;
  auto found = targets_found();
  found.current = support::deployment("v1", '1');
  world = step(std::move(world), found, noon, 2).next;
  const Lane& lane = lane_of(world, 2);
  EXPECT_EQ(lane.environment.name, "test");
  EXPECT_FALSE(lane.acts);
  EXPECT_EQ(lane.phase, Phase::judging);
  EXPECT_TRUE(lane.steps.empty());
}

// --- laws ---------------------------------------------------------------------------------------

Event any_event(Instant now) {
  auto unhealthy = healthy_observation(now, "v1", '1', 2);
  unhealthy.health[0].healthy = false;
  return *rc::gen::elementOf(std::vector<Event>{
      Claimed{}, Woke{}, targets_found(), TargetsFound{}, StepDone{"done"}, StepUnderWay{"wait"},
      StepNotDone{"no"}, StepFailed{{Code::unavailable, "later"}},
      StepFailed{{Code::corrupt, "altered"}}, StepRefused{"newer"}, StepUnknown{"?"},
      Observed{healthy_observation(now, "v1", '1', 2)}, Observed{unhealthy},
      Observed{Observation{.at = now}}, LookFailed{{Code::unavailable, "later"}},
      CancelAsked{"alice", "no"}});
}

TEST(Laws, AdvanceAnswersEveryEventAndASettledRollbackStaysSettled) {
  EXPECT_TRUE(rc::check([] {
    auto world = opened_world();
    auto now = noon;
    std::uint64_t operations = 0;
    for (int i = 0; i < 60; ++i) {
      now = now + Duration(*rc::gen::inRange(0, 40'000));
      const bool ended = !is_active(world.rollback.value);
      const auto before = world.rollback.value;
      const auto decision = step(std::move(world), any_event(now), now);
      world = decision.next;
      if (ended) {
        RC_ASSERT(world.rollback.value == before);
        RC_ASSERT(!decision.changed);
      }
      const Head& head = world.heads[0].value;
      RC_ASSERT(head.operations >= operations);
      operations = head.operations;
      RC_ASSERT((world.rollback.value.outcome == Outcome::escalated) ==
                !world.rollback.value.incident.empty());
      if (world.rollback.value.outcome && !world.full) RC_ASSERT(!head.slot);
      if (world.rollback.value.outcome == Outcome::succeeded)
        RC_ASSERT(lane_of(world).validation->success);
      RC_ASSERT(is_active(world.rollback.value) == (wake_of(world.rollback.value) != never));
    }
  }));
}

TEST(Laws, TheSameEventsGiveTheSameDecisions) {
  const auto once = step(opened_world(), targets_found());
  const auto twice = step(opened_world(), targets_found());
  EXPECT_EQ(once.next.rollback.value, twice.next.rollback.value);
  EXPECT_EQ(once.journal, twice.journal);
}

TEST(Laws, EveryNameIsThere) {
  for (const auto name : names_of<Phase>) EXPECT_FALSE(name.empty());
  for (const auto name : names_of<Action>) EXPECT_FALSE(name.empty());
  for (const auto name : names_of<NoticeKind>) EXPECT_FALSE(name.empty());
  for (const auto name : names_of<Disposition>) EXPECT_FALSE(name.empty());
  for (const auto name : names_of<LaneEnd>) EXPECT_FALSE(name.empty());
}

// --- deploying ----------------------------------------------------------------------------------

TEST(Deploying, IsFrozenWhileARollbackOwnsTheEnvironment) {
  Head head{.environment = support::production(), .slot = RollbackId{"rb-1"}};
  const auto begun = begin_deployment(
      head, {}, {.environment = head.environment, .version = {"v3"}}, noon, {}, {"dep-3"});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Code::conflict);
}

TEST(Deploying, RefusesAHeldVersionAndLiftsTheHoldByAFix) {
  Head head{.environment = support::production()};
  add_hold(head, {.version = {"v2"}, .digest = support::digest('2'), .reason = "rolled back"});
  const DeployRequest bad{
      .environment = head.environment, .version = {"v2-again"}, .digest = support::digest('2')};
  const auto refused = begin_deployment(head, {}, bad, noon, {}, {"dep-3"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);

  const DeployRequest fix{
      .environment = head.environment, .version = {"v3"}, .digest = support::digest('3')};
  auto change = begin_deployment(head, {}, fix, noon, {}, {"dep-3"}).value();
  change = note_cutover(change.head, change.deployment, noon).value();
  change = succeed_deployment(change.head, change.deployment, noon).value();
  EXPECT_TRUE(change.head.holds.empty());
  EXPECT_EQ(change.head.live->version.text, "v3");
}

TEST(Deploying, CannotSucceedOnceItWasTakenBack) {
  Head head{.environment = support::production(), .current = DeploymentId{"dep-v2"}};
  auto failed = support::deployment("v2", '2', DeploymentStatus::failed);
  EXPECT_EQ(succeed_deployment(head, failed, noon).error().code, Code::conflict);
}

TEST(Deploying, BecomesGoodOnlyWhenItHasBaked) {
  Head head{.environment = support::production(), .current = DeploymentId{"dep-v2"}};
  const auto fresh = support::deployment("v2", '2');
  EXPECT_FALSE(finish_baking(head, fresh, noon));
  EXPECT_TRUE(finish_baking(head, fresh, noon + hours(2)).value().deployment.good_at);
}

}  // namespace
}  // namespace stepback
