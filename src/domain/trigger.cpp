// SPDX-License-Identifier: Apache-2.0
#include "domain/trigger.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback {
namespace {

constexpr Duration clock_tolerance = minutes(5);  // a sender's clock may be this much ahead

Judgement answer(Disposition disposition, std::string why) {
  return {.disposition = disposition, .why = std::move(why)};
}

bool runs_now(const Deployment& deployment, Instant now) {
  return deployment.status == DeploymentStatus::in_progress || is_baking(deployment, now);
}

// Reasons that have to do with the signal alone.
std::optional<Judgement> judge_itself(const Signal& signal, const SignalContext& context,
                                      Instant now, const Policy& policy) {
  if (!context.known_source) {
    return answer(Disposition::rejected,
                  fmt::format("it claims to come from account {} in {}, which is not ours",
                              signal.account, signal.region));
  }
  if (signal.kind == SignalKind::alarm) {
    if (signal.state != AlarmState::alarm) {
      return answer(Disposition::ignored, fmt::format("its state is {}", name_of(signal.state)));
    }
    const AlarmRoles& roles = context.roles;
    if (roles.brake) {
      auto braked =
          answer(Disposition::notified, "a brake: it stops automatic rollbacks, it starts none");
      braked.engage_brake = true;
      return braked;
    }
    if (!roles.trigger) {
      return roles.notify ? answer(Disposition::notified, "this alarm only notifies")
                          : answer(Disposition::ignored, "no rule makes this alarm a trigger");
    }
  }
  if (now - signal.at > policy.max_event_age) {
    return answer(Disposition::stale,
                  fmt::format("it is {} old, older than {}", to_short(now - signal.at),
                              to_short(policy.max_event_age)));
  }
  if (signal.at - now > clock_tolerance) {
    return answer(Disposition::rejected, "its time lies in the future");
  }
  return std::nullopt;
}

// Somebody has the environment already.
std::optional<Judgement> judge_owner(const SignalContext& context) {
  if (context.head.waiting) {
    auto waiting =
        answer(Disposition::waiting, "the environment waits for people since " +
                                         to_rfc3339_seconds(context.head.waiting->since));
    waiting.rollback = context.head.waiting->rollback;
    return waiting;
  }
  const auto& owner = context.head.slot ? context.head.slot : context.service.slot;
  if (!owner) return std::nullopt;
  auto joined = answer(Disposition::joined, "a rollback is under way");
  joined.rollback = *owner;
  return joined;
}

// Whose hold it is: the same gate or stage lifts it when it passes.
std::string held_by(const Signal& signal) {
  const auto kind = named<GateKind>(signal.name);
  if (signal.kind == SignalKind::gate_failed && kind) return held_by_gate(*kind);
  return held_by_stage(signal.name);
}

// What a failed stage or gate says of a version that is not deployed here: it is kept out. Nothing
// runs of it, so nothing is touched, whoever has the environment.
std::optional<Judgement> judge_version(const Signal& signal, const SignalContext& context,
                                       Instant now, const Policy& policy) {
  if (!is_about_a_version(signal)) return std::nullopt;
  const auto& current = context.current;
  const bool under_way = current && current->status == DeploymentStatus::in_progress;
  if (signal.version.empty()) {
    if (under_way) return std::nullopt;
    return answer(Disposition::notified,
                  "it names no version, and nothing is being deployed: no environment is touched");
  }
  const bool is_current = current && same_commit(current->version, signal.version);
  if (is_current && has_touched(*current)) {
    if (signal.state == AlarmState::alarm) return std::nullopt;
    return answer(Disposition::notified,
                  "its report could not be read, which says nothing against what runs");
  }
  if (context.head.live && same_commit(context.head.live->version, signal.version)) {
    return answer(Disposition::notified,
                  fmt::format("{} is what runs, and is not being deployed; `stepback rollback {}` "
                              "takes it back",
                              signal.version.text, context.head.environment.name));
  }
  if (!policy.automatic) {
    return answer(Disposition::shadowed,
                  "shadow mode: " + signal.version.text + " would be kept out");
  }
  auto blocked = answer(Disposition::blocked, "nothing of " + signal.version.text +
                                                  " runs: nothing to revert; it is kept out");
  blocked.hold = Hold{.version = signal.version,
                      .digest = is_current ? current->digest : Digest{},
                      .reason = fmt::format("{}: {}", signal.name, signal.reason),
                      .by = held_by(signal),
                      .since = now};
  return blocked;
}

// Whether there is a deployment that the signal can be about.
std::optional<Judgement> judge_deployment(const Signal& signal, const SignalContext& context,
                                          Instant now) {
  if (!context.current) return answer(Disposition::ignored, "no active deployment");
  const Deployment& current = *context.current;
  if (signal.deployment && *signal.deployment != current.id) {
    return answer(Disposition::stale, fmt::format("it is about {}, and {} is current",
                                                  signal.deployment->text, current.id.text));
  }
  if (current.kind == DeploymentKind::rollback) {
    return answer(Disposition::notified,
                  "what runs is the result of a rollback; none is rolled back automatically");
  }
  if (current.rollback) {
    return answer(Disposition::notified,
                  fmt::format("automation has taken up {} once, in {}: people decide",
                              current.id.text, current.rollback->text));
  }
  const bool tells_of_a_moment = signal.kind == SignalKind::alarm || is_about_a_version(signal);
  if (tells_of_a_moment && signal.at < current.started_at) {
    return answer(Disposition::stale, "it is older than the deployment " + current.id.text);
  }
  if (context.roles.while_deploying && current.status != DeploymentStatus::in_progress) {
    return answer(Disposition::notified,
                  "this alarm counts only while a deployment is in progress");
  }
  const bool reported_failed =
      signal.kind != SignalKind::alarm && current.status == DeploymentStatus::failed;
  if (!runs_now(current, now) && !reported_failed) {
    return answer(
        Disposition::notified,
        fmt::format("{} is neither in progress nor baking; `stepback rollback {}` takes it back",
                    current.id.text, current.environment.name));
  }
  if (!has_touched(current)) {
    return answer(Disposition::notified,
                  "nothing of " + current.id.text + " is live: nothing to revert");
  }
  if (signal.kind == SignalKind::alarm && context.state_now &&
      *context.state_now != AlarmState::alarm) {
    return answer(Disposition::ignored,
                  fmt::format("not confirmed: the alarm is {} now", name_of(*context.state_now)));
  }
  return std::nullopt;
}

std::optional<Judgement> judge_brakes(const SignalContext& context, Instant now,
                                      const Policy& policy) {
  if (context.head.brake) {
    return answer(Disposition::held, "the brake is on: " + context.head.brake->reason);
  }
  const auto recent = std::ranges::count_if(
      context.head.automatic, [&](Instant begun) { return now - begun < policy.brake_window; });
  if (recent >= policy.brake_count) {
    return answer(Disposition::held,
                  fmt::format("{} automatic rollbacks within {} are enough: people decide", recent,
                              to_short(policy.brake_window)));
  }
  return std::nullopt;
}

bool may_act(const Attribution& attribution, const Policy& policy) {
  switch (attribution.likelihood) {
    case Likelihood::likely: return true;
    case Likelihood::unlikely: return policy.act_when_unlikely;
    case Likelihood::unknown: return policy.act_when_unknown;
  }
  std::unreachable();
}

Release release_of(const Deployment& deployment) {
  return {deployment.id, deployment.version, deployment.digest};
}

Opening opening_for(const Signal& signal, const Deployment& current,
                    const Attribution& attribution) {
  Opening opening{.environment = current.environment};
  opening.rejected = release_of(current);
  opening.deployment = current.id;
  opening.reason =
      signal.kind == SignalKind::alarm
          ? fmt::format("alarm {} entered ALARM", signal.name)
          : fmt::format("{}: {}", is_about_a_version(signal) ? signal.name : name_of(signal.kind),
                        signal.reason);
  opening.trigger_key = content_key(signal);
  opening.attribution = name_of(attribution.likelihood);
  opening.findings = signal.findings;
  opening.evidence = attribution.evidence;
  opening.requested_by = "automation";
  return opening;
}

}  // namespace

std::optional<AlarmMatch> match_signal(const Signal& signal, const Environments& environments,
                                       const AlarmRules& rules) {
  if (signal.kind == SignalKind::alarm) {
    return signal.environment
               ? match_alarm_in(*signal.environment, signal.name, environments, rules)
               : match_alarm(signal.name, environments, rules);
  }
  const auto environment =
      signal.environment ? signal.environment : environment_in(signal.name, environments);
  if (!environment || !contains(environments, *environment)) return std::nullopt;
  return AlarmMatch{*environment, {.trigger = true}};
}

std::string content_key(const Signal& signal) {
  const std::string place = signal.environment ? signal.environment->name + ":" : std::string();
  switch (signal.kind) {
    case SignalKind::alarm:  // changes its state at a moment
      return fmt::format("alarm/{}/{}/{}{}/{}/{}", signal.account, signal.region, place,
                         signal.name, name_of(signal.state), signal.at.ms);
    case SignalKind::deployment_failed:  // once, whoever says so
    case SignalKind::deployment_timeout:
      return "deployment/" + (signal.deployment ? signal.deployment->text : signal.name);
    case SignalKind::stage_failed:  // once in each run
      return fmt::format("stage/{}/{}/{}{}/{}", signal.account, signal.region, place, signal.name,
                         signal.occurrence);
    case SignalKind::gate_failed:  // one version, one report
      return fmt::format("gate/{}{}/{}/{}", place, signal.name, signal.version.text,
                         signal.occurrence);
  }
  std::unreachable();
}

bool is_about_a_version(const Signal& signal) {
  return signal.kind == SignalKind::stage_failed || signal.kind == SignalKind::gate_failed;
}

Signal failure_signal(const Deployment& deployment, std::string source) {
  Signal signal{.kind = SignalKind::deployment_failed, .name = deployment.id.text};
  signal.at = deployment.ended_at.value_or(deployment.started_at);
  signal.reason = deployment.failure;
  signal.source = std::move(source);
  signal.environment = deployment.environment;
  signal.deployment = deployment.id;
  return signal;
}

Signal gate_signal(const GateRecord& gate, const Environment& environment) {
  Signal signal{.kind = SignalKind::gate_failed, .name = std::string(name_of(gate.kind))};
  if (gate.result == GateResult::unreadable) signal.state = AlarmState::insufficient_data;
  signal.at = gate.at;
  signal.reason = gate.why;
  signal.source = "gate";
  signal.environment = environment;
  signal.version = gate.version;
  signal.occurrence = gate.digest;
  signal.findings = gate.findings;
  return signal;
}

bool mark_head(Head& head, std::vector<JournalEntry>& journal, const TriggerRecord& record,
               const Judgement& judgement) {
  const auto now = record.received_at;
  const auto& signal = record.signal;
  const auto note = [&](std::string kind, std::string text) {
    JournalEntry entry{.environment = head.environment, .at = now, .kind = std::move(kind)};
    entry.actor = "automation";
    entry.text = std::move(text);
    journal.push_back(std::move(entry));
  };
  bool changed = false;
  if (judgement.engage_brake && !head.brake) {
    head.brake = Brake{fmt::format("{}: {}", signal.name, signal.reason), now};
    note("brake.engaged", head.brake->reason);
    changed = true;
  }
  if (const auto& hold = judgement.hold; hold && !hold_on(head, hold->version, hold->digest)) {
    add_hold(head, *hold);
    note("hold.added", hold->version.text + ": " + hold->reason);
    changed = true;
  }
  if (signal.told)
    changed |= note_alert(head, {signal.name, signal.state, signal.at, signal.reason});
  return changed;
}

Judgement judge(const Signal& signal, const SignalContext& context, Instant now,
                const Policy& policy) {
  if (auto early = judge_itself(signal, context, now, policy)) return *std::move(early);
  if (auto kept_out = judge_version(signal, context, now, policy)) return *std::move(kept_out);
  if (auto owned = judge_owner(context)) return *std::move(owned);
  if (auto not_ours = judge_deployment(signal, context, now)) return *std::move(not_ours);

  Judgement judgement;
  judgement.attribution = attribute(signal, context);
  if (!may_act(judgement.attribution, policy)) {
    judgement.disposition = Disposition::notified;
    judgement.why =
        fmt::format("attribution says {}: {}", name_of(judgement.attribution.likelihood),
                    judgement.attribution.evidence.back());
    return judgement;
  }
  if (auto braked = judge_brakes(context, now, policy)) {
    braked->attribution = judgement.attribution;
    return *std::move(braked);
  }
  judgement.opening = opening_for(signal, *context.current, judgement.attribution);
  judgement.disposition = policy.automatic ? Disposition::opened : Disposition::shadowed;
  judgement.why = policy.automatic
                      ? "it is about " + context.current->id.text
                      : "shadow mode: a rollback of " + context.current->id.text + " is called for";
  if (!policy.automatic) judgement.opening.reset();
  return judgement;
}

Result<Opening> judge(const ManualRequest& request, const SignalContext& context) {
  if (context.head.slot) {
    return fail(Code::conflict,
                request.environment.name + " is held by " + context.head.slot->text);
  }
  if (context.service.slot) {
    return fail(Code::conflict, "a full rollback is under way: " + context.service.slot->text);
  }
  if (!context.current) {
    return fail(Code::not_found, "no deployment is recorded in " + request.environment.name);
  }
  Opening opening{
      .environment = request.environment, .level = request.level, .origin = request.origin};
  opening.rejected = context.head.live && context.current->status != DeploymentStatus::in_progress
                         ? *context.head.live
                         : release_of(*context.current);
  opening.deployment = opening.rejected.deployment;
  opening.reason = request.reason;
  opening.requested_by = request.requested_by;
  opening.trigger_key = request.key;
  opening.wish = request.wish;
  if (!request.agreed.empty()) opening.evidence.push_back(request.agreed);
  return opening;
}

}  // namespace stepback
