// SPDX-License-Identifier: Apache-2.0
#include "domain/advance.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/ensure.hpp"
#include "domain/deciding.hpp"
#include "domain/override.hpp"
#include "domain/transitions.hpp"

namespace stepback {
namespace {

void go_on(const Deciding& d);

Duration limit_of(EffectKind kind, const Policy& policy) {
  switch (kind) {
    case EffectKind::find_target: return policy.stop_limit;
    case EffectKind::observe: return policy.stop_limit;
    case EffectKind::stop: return policy.stop_limit;
    case EffectKind::barrier: return policy.stop_limit;
    case EffectKind::infrastructure: return policy.infrastructure_limit;
    case EffectKind::application: return policy.application_limit;
  }
  std::unreachable();
}

EffectKind effect_of(StepKind kind) {
  switch (kind) {
    case StepKind::stop: return EffectKind::stop;
    case StepKind::barrier: return EffectKind::barrier;
    case StepKind::infrastructure: return EffectKind::infrastructure;
    case StepKind::application: return EffectKind::application;
  }
  std::unreachable();
}

Step& step_under_way(Lane& lane) {
  const auto found = std::ranges::find(lane.steps, StepState::under_way, &Step::state);
  ENSURE(found != lane.steps.end());
  return *found;
}

void start_search(const Deciding& d) {
  Lane& lane = d.lane();
  lane.phase = Phase::planning;
  lane.pending = Effect{.kind = EffectKind::find_target};
  lane.wake_at = d.now;
  d.changed();
}

// --- claiming -----------------------------------------------------------------------------------

void claim(const Deciding& d) {
  Lane& lane = d.lane();
  const Head& head = d.head(lane.environment);
  if (!head.slot && !head.waiting) {
    d.change_head(lane.environment).slot = d.rollback().id;
    d.note(lane.environment, "slot.claimed", "the full rollback takes the environment");
    return start_search(d);
  }
  if (head.slot == d.rollback().id) return start_search(d);
  if (head.waiting) {
    return fail_lane(d, LaneEnd::failed,
                     "the environment waits for people: " + head.waiting->incident);
  }
  if (d.now >= lane.deadline_at) {
    return fail_lane(d, LaneEnd::failed, "still held by " + head.slot->text);
  }
  d.decision.look_at = d.now + d.policy().poll_every;
}

// --- planning -----------------------------------------------------------------------------------

// The alarms of the plan, in the state they had before the failing deployment began.
std::vector<AlarmBaseline> freeze_alarms(const std::vector<AlarmBaseline>& now_known,
                                         const Deployment* failing) {
  std::vector<AlarmBaseline> frozen;
  frozen.reserve(now_known.size());
  for (const auto& alarm : now_known) {
    AlarmBaseline before{alarm.name, AlarmState::ok};
    if (failing != nullptr) {
      const auto known = std::ranges::find(failing->baseline, alarm.name, &AlarmBaseline::name);
      if (known != failing->baseline.end()) before.state = known->state;
    }
    frozen.push_back(std::move(before));
  }
  return frozen;
}

bool same_release(const Release& a, const Release& b) {
  return a.digest.empty() || b.digest.empty() ? a.version == b.version : a.digest == b.digest;
}

// In a full rollback: does this environment run what was rejected? Sets up the lane either way.
bool takes_part(const Deciding& d, const TargetsFound& found) {
  Lane& lane = d.lane();
  if (lane.acts) return true;
  const Head& head = d.head(lane.environment);
  Release running;
  if (found.current && found.current->status == DeploymentStatus::in_progress) {
    running = {found.current->id, found.current->version, found.current->digest};
  } else if (head.live) {
    running = *head.live;
  }
  lane.from = running;
  lane.acts = !running.version.empty() && same_release(running, d.rollback().rejected);
  if (lane.acts) lane.deployment = running.deployment;
  return lane.acts;
}

void warn_of_budget(const Deciding& d) {
  Rollback& rollback = d.rollback();
  const auto end = predict_end(d.lane(), d.policy(), d.now);
  if (rollback.warned_of_budget || end.slow <= rollback.deadline_at) return;
  rollback.warned_of_budget = true;
  Notice& notice = d.tell(NoticeKind::budget_at_risk, Severity::critical, d.lane().environment);
  notice.reason =
      fmt::format("may end at {}, after the deadline {}: paging while it acts",
                  to_rfc3339_seconds(end.slow), to_rfc3339_seconds(rollback.deadline_at));
}

void leave_alone(const Deciding& d) {
  Lane& lane = d.lane();
  if (lane.from.version.empty()) return verify_lane(d, "nothing runs here");
  lane.phase = Phase::judging;
  lane.cutover_at = d.rollback().accepted_at;
  lane.pending = Effect{.kind = EffectKind::observe};
  lane.wake_at = d.now;
  d.note(lane.environment, "lane.verifies",
         lane.from.version.text + " is not the rejected version: it is verified and left alone");
}

void choose(const Deciding& d, const TargetsFound& found) {
  Lane& lane = d.lane();
  const Deployment* failing = nullptr;
  if (!takes_part(d, found)) return leave_alone(d);
  for (const auto& kept : d.decision.next.deployments) {
    if (kept.value.id == lane.deployment) failing = &kept.value;
  }
  if (failing == nullptr && found.current && found.current->id == lane.deployment)
    failing = &*found.current;
  if (d.rollback().level == Level::full) hold_rejected(d);
  const Wish& wish = d.rollback().wish;
  auto choice = choose_target(found.candidates, d.head(lane.environment),
                              {.from = lane.from,
                               .requested = wish.target,
                               .unbaked_allowed = wish.unbaked_allowed,
                               .data_risk_accepted = wish.data_risk_accepted,
                               .findings = d.rollback().findings,
                               .further = wish.further,
                               .excluded = lane.excluded});
  lane.refused = std::move(choice.refused);
  lane.alarms = freeze_alarms(found.alarms, failing);
  if (!choice.target) {
    lane.target.reset();
    return fail_lane(
        d, LaneEnd::no_target,
        "no version to go back to; " + std::to_string(lane.refused.size()) + " refused");
  }
  lane.target = std::move(choice.target);
  lane.steps = lay_steps(failing, *lane.target, wish, found.estimates, d.policy());
  lane.validation_usual = found.estimates.validation_usual;
  lane.validation_slow = found.estimates.validation_slow;
  lane.phase = Phase::performing;
  lane.pending.reset();
  lane.deadline_at = d.rollback().deadline_at;
  d.note(lane.environment, "target.chosen",
         fmt::format("{} ({}): the newest good one that is not refused",
                     lane.target->release.version.text, lane.target->release.deployment.text),
         {{"version", lane.target->release.version.text},
          {"digest", lane.target->release.digest.hex},
          {"deployment", lane.target->release.deployment.text}});
  warn_of_budget(d);
  go_on(d);
}

void search_again(const Deciding& d, const Error& error) {
  Lane& lane = d.lane();
  Effect& search = *lane.pending;
  if (++search.attempt >= d.policy().attempts && !is_retriable(error.code)) {
    return fail_lane(d, LaneEnd::failed, "candidates could not be read: " + error.message);
  }
  lane.wake_at = d.now + d.policy().retry_pause;
  d.changed();
}

// --- performing ---------------------------------------------------------------------------------

void settle(const Deciding& d) {
  Lane& lane = d.lane();
  if (!lane.cutover_at) lane.cutover_at = d.now;
  lane.phase = Phase::settling;
  lane.pending = Effect{.kind = EffectKind::observe};
  lane.wake_at = d.now;
  d.note(lane.environment, "lane.settling",
         fmt::format("{} from the switch until a verdict may pass", to_short(d.policy().settle)));
}

void intend(const Deciding& d, Step& step) {
  Lane& lane = d.lane();
  ENSURE(d.head(lane.environment).slot == d.rollback().id);
  const auto operation = ++d.change_head(lane.environment).operations;
  step.state = StepState::under_way;
  step.operation = operation;
  ++step.attempt;
  if (!step.started_at) step.started_at = d.now;
  lane.pending =
      Effect{.kind = effect_of(step.kind), .operation = operation, .attempt = step.attempt};
  lane.wake_at = d.now;
  d.note(lane.environment, "step.intended",
         fmt::format("{}, try {}, under number {}", name_of(step.kind), step.attempt, operation),
         {{"step", std::string(name_of(step.kind))}, {"operation", std::to_string(operation)}});
}

// Whatever was known when the target was chosen: if it is held by now, another one is looked for.
bool replanned(const Deciding& d) {
  const Lane& lane = d.lane();
  if (!lane.target) return false;
  const Release& target = lane.target->release;
  const Hold* hold = hold_on(d.head(lane.environment), target.version, target.digest);
  if (hold == nullptr) return false;
  d.note(lane.environment, "target.refused",
         target.version.text + " is known bad now: " + hold->reason);
  start_search(d);
  return true;
}

void go_on(const Deciding& d) {
  Lane& lane = d.lane();
  if (lane.pending) return;  // due again: it is performed as it stands
  const auto next = std::ranges::find(lane.steps, StepState::waiting, &Step::state);
  if (next == lane.steps.end()) return settle(d);
  if (next->attempt >= d.policy().attempts) {
    return fail_lane(
        d, LaneEnd::failed,
        fmt::format("{} failed {} times: {}", name_of(next->kind), next->attempt, next->detail));
  }
  if (replanned(d)) return;
  if (d.now + needed_for(*next) + d.policy().hand_over_reserve > d.rollback().deadline_at) {
    return fail_lane(d, LaneEnd::failed,
                     fmt::format("{} does not fit into the budget any more", name_of(next->kind)));
  }
  intend(d, *next);
}

void finish_step(const Deciding& d, const std::string& detail) {
  Lane& lane = d.lane();
  Step& step = step_under_way(lane);
  step.state = StepState::done;
  step.ended_at = d.now;
  step.detail = detail;
  if (step.kind == StepKind::application) {
    lane.cutover_at = d.now;
    lane.operation = step.operation;
    // Seen under our number, whatever becomes of this rollback: people who are left with it must
    // read there what really runs.
    d.change_head(lane.environment).live = lane.target->release;
  }
  lane.pending.reset();
  d.note(lane.environment, "step.done", fmt::format("{}: {}", name_of(step.kind), detail));
  go_on(d);
}

void give_up_try(const Deciding& d, Step& step, std::string why) {
  step.state = StepState::waiting;
  step.detail = std::move(why);
  d.lane().pending.reset();
  d.changed();
}

// Under way, or no answer: look again, until its tries' limits are used up.
void wait_step(const Deciding& d, const std::string& detail) {
  Lane& lane = d.lane();
  Step& step = step_under_way(lane);
  const auto limit = limit_of(lane.pending->kind, d.policy());
  if (d.now - step.started_at.value_or(d.now) > limit * d.policy().attempts) {
    give_up_try(d, step, "no end within " + to_short(limit * d.policy().attempts) + ": " + detail);
    return fail_lane(d, LaneEnd::failed, fmt::format("{}: {}", name_of(step.kind), step.detail));
  }
  if (!lane.pending->look_first || step.detail != detail) {
    lane.pending->look_first = true;
    step.detail = detail;
    d.changed();
  }
  lane.wake_at = d.now + d.policy().poll_every;
  d.decision.look_at = lane.wake_at;
}

void reissue(const Deciding& d, const std::string& detail) {
  give_up_try(d, step_under_way(d.lane()), detail);
  go_on(d);
}

void retry_step(const Deciding& d, const Error& error) {
  Lane& lane = d.lane();
  Step& step = step_under_way(lane);
  give_up_try(d, step, error.message);
  d.note(lane.environment, "step.failed", fmt::format("{}: {}", name_of(step.kind), error.message),
         {{"code", std::string(name_of(error.code))}});
  if (error.code == Code::corrupt && step.kind == StepKind::application) {
    lane.excluded.push_back(lane.target->release.digest);
    return start_search(d);
  }
  if (!is_retriable(error.code) || step.attempt >= d.policy().attempts) {
    return fail_lane(d, LaneEnd::failed, fmt::format("{}: {}", name_of(step.kind), error.message));
  }
  lane.wake_at = d.now + d.policy().retry_pause * (1 << (step.attempt - 1));
}

// --- settling and judging -----------------------------------------------------------------------

Expectation expectation_of(const Deciding& d) {
  const Lane& lane = d.lane();
  const bool switched = lane.operation != 0;
  const Release& release = switched ? lane.target->release : lane.from;
  return {.version = release.version,
          .digest = release.digest,
          .operation = lane.operation,
          .cutover = lane.cutover_at.value_or(Instant{}),
          .baseline = lane.alarms,
          .accepted = accepted_in(d.head(lane.environment), d.rollback().wish, d.now)};
}

Instant settled_at(const Lane& lane, const Policy& policy) {
  return lane.cutover_at.value_or(Instant{}) + (lane.acts ? policy.settle : Duration(0));
}

bool tells_more(const std::optional<Validation>& old, const Validation& fresh) {
  if (!old || old->checks.size() != fresh.checks.size()) return true;
  return !std::ranges::equal(old->checks, fresh.checks, {}, &Check::verdict, &Check::verdict);
}

void begin_judging(const Deciding& d) {
  Lane& lane = d.lane();
  lane.phase = Phase::judging;
  lane.pending = Effect{.kind = EffectKind::observe};
  d.changed();
}

void glance(const Deciding& d, const Observation* seen) {
  Lane& lane = d.lane();
  if (seen != nullptr) {
    auto validation = validate(*seen, expectation_of(d), d.policy());
    if (validation.verdict == Verdict::failed) {
      lane.validation = std::move(validation);
      return fail_validation(d);
    }
  }
  const auto settled = settled_at(lane, d.policy());
  if (d.now >= settled) return begin_judging(d);
  if (seen != nullptr) d.decision.look_at = std::min(d.now + d.policy().look_every, settled);
}

void judge(const Deciding& d, const Observation* seen) {
  Lane& lane = d.lane();
  if (seen == nullptr) return;  // due again: it is observed as it stands
  auto validation = validate(*seen, expectation_of(d), d.policy());
  const bool after_settling = seen->at >= settled_at(lane, d.policy());
  const bool more = tells_more(lane.validation, validation);
  const Verdict verdict = validation.verdict;
  if (more || verdict != Verdict::inconclusive) lane.validation = std::move(validation);
  if (verdict == Verdict::passed && after_settling) {
    d.note(lane.environment, "validation.passed",
           fmt::format("{} checks passed", lane.validation->checks.size()));
    if (lane.acts && replanned(d)) return;
    if (lane.acts) return pass_lane(d);
    return verify_lane(d, lane.from.version.text + " is healthy and was left alone");
  }
  if (verdict == Verdict::failed) {
    d.note(lane.environment, "validation.failed", lane.validation->reason);
    if (lane.acts) return fail_validation(d);
    // Not ours to mend: it does not run the rejected version. It is said, and it stops nobody.
    return verify_lane(d,
                       "NOT healthy, and not by the rejected version: " + lane.validation->reason);
  }
  if (more) d.note(lane.environment, "validation.inconclusive", lane.validation->reason);
  d.decision.look_at = d.now + d.policy().look_every;
}

// --- the whole ----------------------------------------------------------------------------------

void take(const Deciding& d) {
  Rollback& rollback = d.rollback();
  ++rollback.lease.epoch;
  for (auto& lane : rollback.lanes) {
    if (lane.pending && changes_the_world(lane.pending->kind)) lane.pending->look_first = true;
  }
}

// The lease is held exactly while something that changes the world is on its way.
void keep_lease(const Deciding& d) {
  Rollback& rollback = d.rollback();
  Duration longest{0};
  for (const auto& lane : rollback.lanes) {
    if (!is_active(rollback) || !lane.pending || !changes_the_world(lane.pending->kind)) continue;
    longest = std::max(longest, limit_of(lane.pending->kind, d.policy()));
  }
  const bool needed = longest.count() > 0;
  rollback.lease.holder = needed ? d.decision.next.holder : "";
  rollback.lease.expires_at = needed ? d.now + longest + d.policy().lease_margin : Instant{};
}

bool happened_in_time(const Event& event, Instant deadline) {
  const auto* observed = std::get_if<Observed>(&event);
  return observed != nullptr && observed->observation.at <= deadline;
}

bool answers_a_step(const Event& event) {
  return std::holds_alternative<StepDone>(event) || std::holds_alternative<StepUnderWay>(event) ||
         std::holds_alternative<StepNotDone>(event) || std::holds_alternative<StepFailed>(event) ||
         std::holds_alternative<StepRefused>(event) || std::holds_alternative<StepUnknown>(event);
}

void answer(const Deciding& d, const Event& event) {
  const auto text_of = [](const auto& e) -> std::string { return e.detail; };
  const Observed* observed = std::get_if<Observed>(&event);
  const Observation* seen = observed == nullptr ? nullptr : &observed->observation;
  // An answer to a try that was given up already: its successor finds out by itself.
  if (answers_a_step(event) && !d.lane().pending) return;
  switch (action_for(d.lane().phase, event)) {
    case Action::nothing: return;
    case Action::take: return take(d);
    case Action::claim: return claim(d);
    case Action::search:
      if (!d.lane().pending) start_search(d);
      return;
    case Action::choose: return choose(d, std::get<TargetsFound>(event));
    case Action::search_again: return search_again(d, std::get<LookFailed>(event).error);
    case Action::go_on: return go_on(d);
    case Action::finish_step: return finish_step(d, text_of(std::get<StepDone>(event)));
    case Action::wait_step: return wait_step(d, text_of(std::get<StepUnderWay>(event)));
    case Action::look_first: return wait_step(d, text_of(std::get<StepUnknown>(event)));
    case Action::reissue:
      return reissue(d, std::holds_alternative<StepRefused>(event)
                            ? text_of(std::get<StepRefused>(event))
                            : text_of(std::get<StepNotDone>(event)));
    case Action::retry_step: return retry_step(d, std::get<StepFailed>(event).error);
    case Action::glance: return glance(d, seen);
    case Action::judge: return judge(d, seen);
    case Action::look_again: d.decision.look_at = d.now + d.policy().look_every; return;
    case Action::cancel: cancel(d, std::get<CancelAsked>(event)); return;
  }
  std::unreachable();
}

}  // namespace

Decision advance(World world, std::size_t lane, const Event& event, Instant now,
                 const FreshIds& ids) {
  Decision decision{.next = std::move(world), .look_at = never};
  const Deciding d{decision, lane, now, ids};
  const Rollback& rollback = d.rollback();
  ENSURE(lane < rollback.lanes.size());
  if (!is_active(rollback)) return decision;  // a terminal record is never rewritten
  const bool out_of_time = now + rollback.policy.hand_over_reserve >= rollback.deadline_at;
  const bool late = out_of_time && !std::holds_alternative<Claimed>(event);
  // What was seen, or done, before the deadline still counts; nothing new begins after it.
  if (!late || happened_in_time(event, rollback.deadline_at)) answer(d, event);
  if (late && is_active(rollback)) run_out_of_time(d);
  keep_lease(d);
  return decision;
}

}  // namespace stepback
