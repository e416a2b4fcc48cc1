// SPDX-License-Identifier: Apache-2.0
#include "domain/readiness.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "domain/checks.hpp"

namespace stepback {
namespace {

using checks::failed;
using checks::inconclusive;
using checks::passed;

std::string ago(Instant then, Instant now) { return to_short(now - then) + " ago"; }

Check check_target(const ReadinessFacts& facts, Instant now) {
  if (!facts.head.live) return failed("target", "nothing is recorded as live here");
  if (const auto& target = facts.choice.target) {
    return passed("target", fmt::format("{}, deployed {}", target->release.version.text,
                                        ago(target->started_at, now)));
  }
  if (facts.choice.refused.empty()) return failed("target", "no earlier deployment is on record");
  const auto& first = facts.choice.refused.front();
  return failed("target", fmt::format("none of {} will do; {}: {}", facts.choice.refused.size(),
                                      first.release.version.text, first.why));
}

Check check_artifacts(const Candidate& target) {
  const auto& version = target.release.version.text;
  switch (target.artifacts) {
    case ArtifactState::present:
      return passed("artifacts",
                    fmt::format("{}: {} files, every byte as recorded", version, target.files));
    case ArtifactState::missing:
    case ArtifactState::altered:
      return failed("artifacts", fmt::format("{} {}: {}", version, name_of(target.artifacts),
                                             target.artifact_detail));
    case ArtifactState::unreadable: break;
  }
  return inconclusive("artifacts", version + ": " + target.artifact_detail);
}

// What a rollback reads and writes where versions run.
Check check_access(std::string name, const std::string& trouble, std::string when_well) {
  return trouble.empty() ? passed(std::move(name), std::move(when_well))
                         : inconclusive(std::move(name), trouble);
}

Check check_live(const ReadinessFacts& facts) {
  const auto& version = facts.seen.version;
  if (!version || !version->seen) {
    return inconclusive("live version",
                        version && !version->detail.empty() ? version->detail : "nobody was asked");
  }
  const auto& live = facts.head.live;
  if (live && live->version == version->version)
    return passed("live version", version->version.text + " answers, as recorded");
  return failed("live version", fmt::format("{} answers, and {} is recorded", version->version.text,
                                            live ? live->version.text : "nothing"));
}

// Whether anything could tell a good end from a bad one.
Check check_proving(const Observation& seen) {
  std::string blind;
  for (const auto& each : seen.unseen) blind += (blind.empty() ? "" : "; ") + each;
  for (const auto& probe : seen.health) {
    if (!probe.seen) blind += (blind.empty() ? "" : "; ") + probe.name + ": " + probe.detail;
  }
  if (!blind.empty()) return inconclusive("validation", blind);
  const auto judging = std::ranges::count_if(
      seen.alarms, [](const AlarmSeen& alarm) { return alarm.roles.validate; });
  if (judging == 0 && seen.health.empty())
    return failed("validation", "no alarm and no probe would tell whether it worked");
  return passed("validation",
                fmt::format("{} alarms and {} probes judge it", judging, seen.health.size()));
}

const TriggerRecord* newest_of_an_alarm(const std::vector<TriggerRecord>& events) {
  const auto heard = std::ranges::find_if(
      events, [](const TriggerRecord& each) { return each.signal.kind == SignalKind::alarm; });
  return heard == events.end() ? nullptr : &*heard;
}

bool is_recent(Instant then, Instant now) { return now - then <= proof_lasts; }

// Alarms that can be asked, or that somebody told of before.
Check check_trigger(const ReadinessFacts& facts, const Policy& policy, Instant now) {
  if (!policy.automatic) return inconclusive("trigger", "shadow mode: alarms start nothing");
  std::size_t triggers = 0;
  std::size_t silent = 0;
  for (const auto& alarm : facts.seen.alarms) {
    if (!alarm.roles.trigger) continue;
    ++triggers;
    if (alarm.state == AlarmState::insufficient_data) ++silent;
  }
  if (triggers == 0) {
    const auto* heard = newest_of_an_alarm(facts.events);
    if (heard == nullptr || !is_recent(heard->received_at, now))
      return failed("trigger", "no alarm here would start a rollback, and none was told");
    return passed("trigger", "only what is told, as " + heard->signal.name + " was");
  }
  if (silent == triggers)
    return inconclusive("trigger", fmt::format("none of {} alarms has any data", triggers));
  return passed("trigger",
                fmt::format("{} alarms would start one, {} without data", triggers, silent));
}

Check check_data(const std::optional<Deployment>& current) {
  if (current && !current->one_way.empty())
    return failed("data", current->version.text + " cannot be left unharmed: " + current->one_way);
  return passed("data", "nothing that runs says that the way back is closed");
}

Check check_freedom(const Head& head) {
  if (head.waiting) return failed("automation", "left to people: " + head.waiting->rollback.text);
  if (head.brake) return failed("automation", "the brake is on: " + head.brake->reason);
  if (head.slot) return inconclusive("automation", head.slot->text + " is at work");
  return passed("automation", "nothing is under way and no brake is on");
}

Check check_budget(const Readiness& readiness, const Policy& policy) {
  const auto text = fmt::format("about {}, nine in ten under {}, of {}", to_short(readiness.usual),
                                to_short(readiness.slow), to_short(policy.budget));
  return readiness.slow <= policy.budget ? passed("budget", text) : failed("budget", text);
}

const Rollback* last_proof(const std::vector<Rollback>& rollbacks) {
  const auto last = std::ranges::find_if(rollbacks, [](const Rollback& each) {
    return each.outcome == Outcome::succeeded && each.ended_at;
  });
  return last == rollbacks.end() ? nullptr : &*last;
}

Check check_proof(const Rollback* last, Instant now) {
  if (last == nullptr) return inconclusive("proof", "no rollback ever succeeded here");
  const auto text =
      fmt::format("{} took {}, {}", last->id.text, to_short(*last->ended_at - last->accepted_at),
                  ago(*last->ended_at, now));
  return is_recent(*last->ended_at, now) ? passed("proof", text) : inconclusive("proof", text);
}

Check check_wiring(const std::vector<TriggerRecord>& events, Instant now) {
  const auto* heard = newest_of_an_alarm(events);
  if (heard == nullptr) return inconclusive("wiring", "no event of an alarm has arrived here yet");
  const auto text = fmt::format("{} said {}, {}", heard->signal.name, name_of(heard->signal.state),
                                ago(heard->received_at, now));
  return is_recent(heard->received_at, now) ? passed("wiring", text) : inconclusive("wiring", text);
}

}  // namespace

std::string why_not_rehearsed(const Readiness& readiness, bool is_protected) {
  if (is_protected) return "it is protected: rehearse where nobody is served";
  if (readiness.verdict != Verdict::passed) return "it is not ready";
  if (!readiness.is_judged) return "what runs has not been judged good yet";
  return {};
}

bool is_rehearsal(const Rollback& rollback) {
  return rollback.origin == Origin::drill && !rollback.wish.target;
}

Readiness judge_readiness(const ReadinessFacts& facts, const Policy& policy, Instant now) {
  Readiness readiness{.live = facts.head.live};
  readiness.is_judged = facts.current && facts.current->good_at;
  readiness.is_busy =
      facts.head.slot || (facts.current && facts.current->status == DeploymentStatus::in_progress);
  readiness.target = facts.choice.target;
  auto& checks = readiness.checks;
  checks.push_back(check_target(facts, now));
  if (readiness.target) {
    checks.push_back(check_artifacts(*readiness.target));
    const auto end = predict_rollback(facts.current, *readiness.target, facts.estimates, policy);
    readiness.usual = end.usual - Instant{};
    readiness.slow = end.slow - Instant{};
    checks.push_back(check_budget(readiness, policy));
  }
  checks.push_back(check_data(facts.current));
  checks.push_back(check_live(facts));
  checks.push_back(check_access("pointer", facts.no_pointer, "the live pointer can be read"));
  checks.push_back(check_access("pipeline", facts.no_pipeline, "what deploys can be seen"));
  checks.push_back(check_proving(facts.seen));
  checks.push_back(check_trigger(facts, policy, now));
  checks.push_back(check_freedom(facts.head));
  readiness.verdict = worst(checks);
  const Rollback* last = last_proof(facts.rollbacks);
  if (last != nullptr) readiness.proven_at = last->ended_at;
  for (auto proof : {check_proof(last, now), check_wiring(facts.events, now)}) {
    if (proof.verdict != Verdict::passed) readiness.unproven.push_back(proof.name);
    checks.push_back(std::move(proof));
  }
  return readiness;
}

}  // namespace stepback
