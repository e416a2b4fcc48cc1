// SPDX-License-Identifier: Apache-2.0
#include "simulation/checkers.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback::simulation {
namespace {

std::string rollback_in(const std::string& key) { return key.substr(0, key.find('/')); }

bool ended_well(const Lane& lane) {
  return lane.end == LaneEnd::passed || lane.end == LaneEnd::verified;
}

}  // namespace

void Checkers::violated(const std::string& invariant, const std::string& what) {
  violations.push_back(invariant + ": " + what);
}

const Rollback* Checkers::find(const RollbackId& id) const {
  for (const auto& [place, rollback] : store_.all_rollbacks()) {
    if (rollback.id == id) return &rollback;
  }
  return nullptr;
}

void Checkers::on_commit(const Commit& commit) {
  for (const auto& committed : commit.rollbacks) {
    const Rollback* stored = find(committed.id);
    if (stored == nullptr) {
      violated("I5", committed.id.text + " was committed and is not there");
      continue;
    }
    const auto before = known_.find(stored->id.text);
    if (before == known_.end() && stored->level == Level::stage &&
        stored->origin != Origin::drill) {
      const Head& head = store_.all_heads().at(stored->environment);
      if (hold_on(head, stored->rejected.version, stored->rejected.digest) == nullptr) {
        violated("H16", stored->id.text + " was opened and its version is not held");
      }
    }
    if (before != known_.end()) check_intent(before->second, *stored);
    if (const auto old = ended_.find(stored->id.text); old != ended_.end()) {
      if (old->second.outcome != stored->outcome || old->second.why != stored->why) {
        violated("I3", stored->id.text + " had ended and was changed");
      }
    } else if (stored->outcome) {
      ended_.emplace(stored->id.text, *stored);
      check_end(*stored);
    }
    known_.insert_or_assign(stored->id.text, *stored);
  }
}

// A new number was given out: the slot must be ours, and the target not known to be bad.
void Checkers::check_intent(const Rollback& before, const Rollback& now) {
  for (const auto& lane : now.lanes) {
    const Lane* old = lane_of(before, lane.environment);
    const bool fresh =
        lane.pending && changes_the_world(lane.pending->kind) &&
        (old == nullptr || !old->pending || old->pending->operation != lane.pending->operation);
    if (!fresh) continue;
    const Head& head = store_.all_heads().at(lane.environment);
    if (head.slot != now.id)
      violated("I1",
               now.id.text + " intends in " + lane.environment.name + ", which it does not own");
    if (!clock_jumped && lane.wake_at > now.accepted_at + settings_.policy.budget) {
      violated("I13", now.id.text + " began a step after its deadline");
    }
    const Release& target = lane.target->release;
    if (hold_on(head, target.version, target.digest) != nullptr ||
        failed_.contains(lane.environment.name + target.digest.hex)) {
      violated("I2", fmt::format("{} aims at {}, known bad in {}", now.id.text, target.version.text,
                                 lane.environment.name));
    }
    if (!lane.target->good_at)
      violated("I16", target.version.text + " is a target and was never good");
    if (target.digest == now.rejected.digest)
      violated("H5", "the target is the rejected version itself");
  }
}

void Checkers::check_end(const Rollback& rollback) {
  for (const auto& lane : rollback.lanes) {
    const bool did_not_pass = lane.end == LaneEnd::failed && lane.operation != 0 &&
                              lane.validation && lane.validation->verdict == Verdict::failed;
    if (did_not_pass) failed_.insert(lane.environment.name + lane.target->release.digest.hex);
  }
  if (rollback.outcome == Outcome::succeeded) check_success(rollback);
  if ((rollback.outcome == Outcome::escalated) != !rollback.incident.empty()) {
    violated("R38",
             rollback.id.text + " has an incident without being escalated, or the other way round");
  }
}

void Checkers::check_success(const Rollback& rollback) {
  for (const auto& lane : rollback.lanes) {
    if (!ended_well(lane)) violated("I6", rollback.id.text + " succeeded with a lane that did not");
    if (lane.end != LaneEnd::passed || lane.operation == 0) continue;
    const auto& place = world_.places[lane.environment];
    if (place.running != lane.target->release.digest) {
      violated("I6", fmt::format("{} succeeded while {} runs {}", rollback.id.text,
                                 lane.environment.name, place.running.hex.substr(0, 4)));
    }
    if (place.pointer.operation != lane.operation) {
      violated("I6", fmt::format("{}: the pointer carries {}, not our {}", rollback.id.text,
                                 place.pointer.operation, lane.operation));
    }
    if (!lane.validation || lane.validation->verdict != Verdict::passed) {
      violated("R4", rollback.id.text + " succeeded and nobody verified it");
    } else if (!clock_jumped &&
               lane.validation->timestamp > rollback.accepted_at + settings_.policy.budget) {
      violated("I13", rollback.id.text + " succeeded by what was seen after its deadline");
    } else if (lane.validation->timestamp < *lane.cutover_at + settings_.policy.settle) {
      violated("I19", rollback.id.text + " was judged before it had settled");
    }
    const auto unhealthy = unhealthy_since_.find(place.running.hex);
    if (place.cursed || (unhealthy != unhealthy_since_.end() &&
                         unhealthy->second < *lane.cutover_at && !clock_jumped)) {
      violated("R4", fmt::format("{} succeeded and {} is not healthy", rollback.id.text,
                                 lane.environment.name));
    }
    for (const auto& step : lane.steps) {
      const bool infrastructure =
          step.kind == StepKind::infrastructure && step.state == StepState::done;
      if (infrastructure && place.infrastructure != lane.target->infrastructure_version) {
        violated("I4", rollback.id.text + " succeeded on another version's infrastructure");
      }
    }
  }
}

void Checkers::on_issue(const Environment& environment, const std::string& key,
                        std::uint64_t operation) {
  const auto id = rollback_in(key);
  const auto known = known_.find(id);
  if (!id.starts_with("rb-")) return;
  if (known == known_.end()) return violated("I5", key + " was issued and is not on record");
  const Lane* lane = lane_of(known->second, environment);
  const bool intended = std::ranges::any_of(
      lane->steps, [&](const Step& step) { return step.operation >= operation; });
  if (!intended)
    violated("I5", fmt::format("{} was issued under {}, an intent nobody stored", key, operation));
}

void Checkers::on_accept(const Environment& environment, const std::string& key,
                         std::uint64_t operation) {
  auto& highest = highest_[environment.name];
  if (operation <= highest)
    violated("I4", fmt::format("{} accepted {} after {}", environment.name, operation, highest));
  highest = std::max(highest, operation);
  if (const auto ended = ended_.find(rollback_in(key));
      ended != ended_.end() && ended->second.outcome == Outcome::succeeded) {
    violated("I4", key + " landed after its rollback had succeeded");
  }
}

// The application must never come to run on another version's infrastructure by our doing.
void Checkers::on_switched(const Switch& change, const SimWorld::Place& place) {
  const auto known = known_.find(rollback_in(change.key));
  if (known == known_.end()) return;
  const Lane* lane = lane_of(known->second, change.environment);
  const auto reverts = std::ranges::find(lane->steps, StepKind::infrastructure, &Step::kind);
  if (reverts == lane->steps.end() || reverts->state == StepState::skipped) return;
  if (place.infrastructure != "infra-" + change.version.text) {
    violated("I4", fmt::format("{} came to run on {}", change.version.text, place.infrastructure));
  }
}

void Checkers::on_unhealthy(const std::string& digest) {
  unhealthy_since_.emplace(digest, clock_.now());
}

void Checkers::on_acknowledged(const std::string& trigger_key) {
  acknowledged_.insert(trigger_key);
}

void Checkers::check_head(const Head& head) {
  if (!head.slot) return;
  const Rollback* owner = find(*head.slot);
  if (owner == nullptr || !is_active(*owner)) {
    return violated(
        "I7", head.environment.name + " is held by a rollback that has ended: " + head.slot->text);
  }
  if (!head.environment.name.empty() && lane_of(*owner, head.environment) == nullptr) {
    violated("I10", head.environment.name + " is held by a rollback without a lane for it");
  }
}

void Checkers::after_step() {
  int full = 0;
  std::map<std::string, int> automatic;
  std::map<std::string, int> owners;
  for (const auto& [place, rollback] : store_.all_rollbacks()) {
    if (is_active(rollback) && rollback.level == Level::full) ++full;
    if (is_active(rollback) && rollback.level == Level::stage) ++owners[rollback.environment.name];
    if (rollback.origin == Origin::automatic && rollback.level == Level::stage) {
      ++automatic[rollback.lanes[0].deployment.text];
    }
  }
  if (full > 1) violated("I10", "two full rollbacks at once");
  for (const auto& [environment, count] : owners) {
    if (count > 1) violated("I1", environment + " has two stage rollbacks at once");
  }
  for (const auto& [deployment, count] : automatic) {
    if (count > 1) violated("I9", deployment + " was rolled back by automation twice");
  }
  for (const auto& [environment, head] : store_.all_heads()) {
    check_head(head);
    const auto recent = std::ranges::count_if(store_.all_rollbacks(), [&](const auto& stored) {
      const Rollback& rollback = stored.second;
      return rollback.environment == environment && rollback.origin == Origin::automatic &&
             rollback.level == Level::stage &&
             clock_.now() - rollback.accepted_at < settings_.policy.brake_window;
    });
    if (recent > settings_.policy.brake_count && !clock_jumped) {
      violated("I22", environment.name + " was rolled back more often than the brake allows");
    }
  }
  if (store_.all_entries().size() < entries_) violated("I12", "the journal became shorter");
  entries_ = store_.all_entries().size();
}

void Checkers::at_rest() {
  std::set<std::string> triggers;
  for (const auto& [place, record] : store_.all_triggers()) {
    triggers.insert(record.key);
    if (record.disposition != Disposition::opened && record.disposition != Disposition::joined)
      continue;
    const Rollback* rollback = record.rollback ? find(*record.rollback) : nullptr;
    if (rollback == nullptr || is_active(*rollback)) violated("I3", record.key + " led to no end");
  }
  for (const auto& key : acknowledged_) {
    if (!triggers.contains(key)) violated("I5", key + " was acknowledged and is not on record");
  }
  for (const auto& [place, rollback] : store_.all_rollbacks()) {
    if (is_active(rollback)) {
      violated("I11", fmt::format("{} never ended: {} {}", rollback.id.text,
                                  name_of(rollback.level), name_of(rollback.lanes[0].phase)));
      continue;
    }
    const auto told = [&](std::string_view kind) {
      return world_.told.contains(
          fmt::format("{}/{}/{}", rollback.id.text, rollback.environment.name, kind));
    };
    if (!told("rollback_started"))
      violated("I8", rollback.id.text + ": nobody was told of the start");
    const bool end_told = told("rollback_completed") || told("rollback_escalated") ||
                          told("rollback_failed") || told("rollback_cancelled");
    if (!end_told) violated("I8", rollback.id.text + ": nobody was told of the end");
    const bool incident =
        !rollback.incident.empty() && world_.incidents.contains(rollback.incident);
    if ((rollback.outcome == Outcome::escalated) != incident)
      violated("R38", rollback.id.text + ": incident and escalation differ");
    // People were told to look, and the version that was rejected is kept out.
    const auto& head = store_.all_heads().at(rollback.environment);
    if (rollback.outcome == Outcome::escalated && rollback.level == Level::stage && !head.waiting &&
        !head.live) {
      violated("I7", rollback.id.text + " was left to nobody");
    }
  }
  for (const auto& [environment, head] : store_.all_heads()) {
    if (head.slot) violated("I7", environment.name + " is still held by " + head.slot->text);
    check_record(environment, head);
  }
}

// People who are left with an environment read in its record what runs there, unless they were told
// that something might still arrive.
void Checkers::check_record(const Environment& environment, const Head& head) {
  const auto place = world_.places.find(environment);
  if (!head.waiting || !head.live || place == world_.places.end()) return;
  const Rollback* left = find(head.waiting->rollback);
  const Lane* lane = left == nullptr ? nullptr : lane_of(*left, environment);
  if (lane == nullptr || lane->cutover_at == std::nullopt) return;
  const bool doubtful = std::ranges::any_of(
      lane->steps, [](const Step& step) { return step.state == StepState::under_way; });
  if (!doubtful && place->second.pointer.operation == lane->operation &&
      place->second.running != head.live->digest)
    violated("R66", environment.name + " runs something else than its record says");
}

}  // namespace stepback::simulation
