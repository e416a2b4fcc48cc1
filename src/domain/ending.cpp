// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "base/ensure.hpp"
#include "domain/deciding.hpp"
#include "domain/telling.hpp"

namespace stepback {
namespace {

void close_lane(const Deciding& d, LaneEnd end, std::string why) {
  Lane& lane = d.lane();
  lane.phase = Phase::done;
  lane.end = end;
  lane.why = std::move(why);
  lane.pending.reset();
  lane.wake_at = never;
  d.note(lane.environment, "lane.ended", fmt::format("{}: {}", name_of(end), lane.why),
         {{"end", std::string(name_of(end))}});
}

// The failed deployment is taken back, and what runs now is a deployment of its own. What a drill
// went back from did not fail, and stays what it is.
void record_restored(const Deciding& d) {
  const Lane& lane = d.lane();
  const Rollback& rollback = d.rollback();
  World& world = d.decision.next;
  const auto failing = std::ranges::find_if(
      world.deployments, [&](const auto& kept) { return kept.value.id == lane.deployment; });
  const std::string reason = fmt::format("{}; rolled back to version {}", rollback.reason,
                                         lane.target->release.version.text);
  const std::string level(rollback.origin == Origin::manual ? "manual" : name_of(rollback.level));
  if (failing != world.deployments.end() && rollback.origin != Origin::drill) {
    Deployment& failed = failing->value;
    failed.status = DeploymentStatus::rolled_back;
    failed.rollback = rollback.id;
    failed.rollback_reason = reason;
    failed.rollback_level = level;
    failed.rollback_time = d.now;
    failed.rollback_target = lane.target->release.version;
    if (!failed.ended_at) failed.ended_at = d.now;
    failing->changed = true;
  }
  Deployment restored{
      .id = d.ids.deployment(d.now, d.index),
      .environment = lane.environment,
      .version = lane.target->release.version,
      .digest = lane.target->release.digest,
      .status = DeploymentStatus::succeeded,
      .kind = rollback.origin == Origin::drill ? DeploymentKind::drill : DeploymentKind::rollback,
      .started_at = rollback.accepted_at};
  restored.cutover_at = lane.cutover_at;
  restored.ended_at = d.now;
  restored.good_at = d.now;  // it was good before, and was validated again just now
  restored.deadline_at = rollback.deadline_at;
  restored.started_by = rollback.requested_by;
  restored.infrastructure_version = lane.target->infrastructure_version;
  restored.rollback = rollback.id;
  restored.rollback_reason = reason;
  restored.rollback_level = level;
  restored.rollback_time = d.now;
  restored.rollback_target = restored.version;
  if (!lane.deployment.empty()) restored.replaces = lane.deployment;
  restored.restores = lane.target->release.deployment;
  Head& head = d.change_head(lane.environment);
  head.current = restored.id;
  head.live = Release{restored.id, restored.version, restored.digest};
  head.waiting.reset();
  world.deployments.push_back({std::move(restored), true});
}

// Gives back every slot this rollback owns. What did not end well is left to people.
void release_slots(const Deciding& d, bool escalated) {
  const Rollback& rollback = d.rollback();
  for (const auto& lane : rollback.lanes) {
    if (d.head(lane.environment).slot != rollback.id) continue;
    Head& head = d.change_head(lane.environment);
    head.slot.reset();
    if (escalated && !ended_well(lane))
      head.waiting = Waiting{rollback.id, rollback.incident, d.now};
  }
  if (rollback.level == Level::full && d.decision.next.service.value.slot == rollback.id) {
    d.change_service().slot.reset();
  }
}

void end_rollback(const Deciding& d, Outcome outcome, std::string why) {
  Rollback& rollback = d.rollback();
  ENSURE(!rollback.outcome);
  rollback.outcome = outcome;
  rollback.ended_at = d.now;
  rollback.why = std::move(why);
}

void succeed(const Deciding& d) {
  end_rollback(d, Outcome::succeeded, "every environment is validated");
  release_slots(d, false);
  const Rollback& rollback = d.rollback();
  d.note(rollback.environment, "rollback.succeeded",
         fmt::format("validated after {}", to_short(d.now - rollback.accepted_at)));
  Notice& notice = d.tell(NoticeKind::rollback_completed, Severity::info, rollback.environment);
  add_end(notice, rollback, d.now);
  notice.validation_status = "success";
}

// What may still arrive at a target that was asked and has not answered.
std::string still_on_its_way(const Rollback& rollback) {
  std::string text;
  for (const auto& lane : rollback.lanes) {
    for (const auto& step : lane.steps) {
      if (step.state != StepState::under_way) continue;
      text += fmt::format("; {} may still receive {} under number {}", lane.environment.name,
                          name_of(step.kind), step.operation);
    }
  }
  return text;
}

void escalate(const Deciding& d, const std::string& why) {
  Rollback& rollback = d.rollback();
  // The tail of the id is chance, so the incident's name says nothing that is not known.
  rollback.incident = "INC-" + rollback.id.text.substr(rollback.id.text.size() - 8);
  end_rollback(d, Outcome::escalated, why + still_on_its_way(rollback));
  release_slots(d, true);
  d.note(rollback.environment, "rollback.escalated",
         fmt::format("{}; incident {}", rollback.why, rollback.incident));
  Notice& notice = d.tell(NoticeKind::rollback_escalated, Severity::critical, rollback.environment);
  add_end(notice, rollback, d.now);
  notice.reason = rollback.reason + "; " + rollback.why;
  if (notice.failed_step.empty()) notice.failed_step = why;
}

// A wider rollback helps only where automation began it, nothing particular was asked for, and
// there was somewhere to go back to.
bool may_widen(const Deciding& d) {
  const Rollback& rollback = d.rollback();
  const bool ordinary = rollback.origin == Origin::automatic && rollback.wish == Wish{};
  const bool in_time = d.now + d.policy().hand_over_reserve < rollback.deadline_at;
  return rollback.level == Level::stage && d.policy().full_after_stage && ordinary && in_time &&
         d.lane().end == LaneEnd::failed;
}

}  // namespace

void pass_lane(const Deciding& d) {
  if (d.lane().operation != 0) record_restored(d);
  close_lane(d, LaneEnd::passed, "what runs is the target, seen under our own number");
  conclude(d);
}

void verify_lane(const Deciding& d, std::string why) {
  close_lane(d, LaneEnd::verified, std::move(why));
  conclude(d);
}

void fail_lane(const Deciding& d, LaneEnd end, std::string why) {
  for (auto& step : d.lane().steps) {
    if (step.state == StepState::waiting && step.attempt > 0) step.state = StepState::failed;
  }
  close_lane(d, end, std::move(why));
  conclude(d);
}

void fail_validation(const Deciding& d) {
  const Lane& lane = d.lane();
  const std::string why = "validation failed: " + lane.validation->reason;
  if (lane.operation != 0 && d.rollback().origin != Origin::drill) {
    const Release& target = lane.target->release;
    add_hold(d.change_head(lane.environment),
             {.version = target.version,
              .digest = target.digest,
              .until = HoldUntil::released,
              .reason = "it was gone back to and did not pass: " + lane.validation->reason,
              .by = d.rollback().requested_by,
              .since = d.now,
              .rollback = d.rollback().id});
  }
  d.tell(NoticeKind::rollback_validation_failed, Severity::warning, lane.environment).reason = why;
  fail_lane(d, LaneEnd::failed, why);
}

void run_out_of_time(const Deciding& d) {
  Rollback& rollback = d.rollback();
  for (std::size_t i = 0; i < rollback.lanes.size(); ++i) {
    if (rollback.lanes[i].phase == Phase::done) continue;
    const Deciding other{d.decision, i, d.now, d.ids};
    const auto phase = std::string(name_of(rollback.lanes[i].phase));
    close_lane(other, LaneEnd::failed, "the budget is used up while " + phase);
  }
  escalate(d, fmt::format("not validated within {}",
                          to_short(rollback.deadline_at - rollback.accepted_at)));
}

bool cancel(const Deciding& d, const CancelAsked& asked) {
  Rollback& rollback = d.rollback();
  for (const auto& lane : rollback.lanes) {
    const bool begun =
        std::ranges::any_of(lane.steps, [](const Step& step) { return step.attempt > 0; });
    if (begun) return false;
  }
  for (std::size_t i = 0; i < rollback.lanes.size(); ++i) {
    if (rollback.lanes[i].phase == Phase::done) continue;
    close_lane({d.decision, i, d.now, d.ids}, LaneEnd::cancelled, asked.reason);
  }
  end_rollback(d, Outcome::cancelled, asked.by + ": " + asked.reason);
  release_slots(d, false);
  for (const auto& lane : rollback.lanes) {
    const auto ours = [&](const Hold& hold) { return hold.rollback == rollback.id; };
    if (std::ranges::none_of(d.head(lane.environment).holds, ours)) continue;
    std::erase_if(d.change_head(lane.environment).holds, ours);
  }
  d.note(rollback.environment, "rollback.cancelled", rollback.why);
  d.tell(NoticeKind::rollback_cancelled, Severity::info, rollback.environment).reason =
      rollback.why;
  return true;
}

void conclude(const Deciding& d) {
  const Rollback& rollback = d.rollback();
  if (rollback.outcome) return;
  const auto open = [](const Lane& lane) { return lane.phase != Phase::done; };
  if (std::ranges::any_of(rollback.lanes, open)) return;
  if (std::ranges::all_of(rollback.lanes, ended_well)) return succeed(d);
  if (may_widen(d)) {
    end_rollback(d, Outcome::handed_over, d.lane().why);
    return hand_over(d, d.lane().why);
  }
  const auto bad = std::ranges::find_if_not(rollback.lanes, ended_well);
  escalate(d, fmt::format("{}: {}", bad->environment.name, bad->why));
}

}  // namespace stepback
