// SPDX-License-Identifier: Apache-2.0
#pragma once

// advance: the only place where a rollback changes (the runbook's RollbackOrchestrator, as a pure
// function). What happened goes in; what to save comes out, with the effect to perform next as part
// of it. Total: every event in every phase has an answer, if only "nothing changes, and why". It
// reads no clock, writes nothing and calls nobody.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/plan.hpp"
#include "domain/rollback.hpp"

namespace stepback {

// --- what happened -----------------------------------------------------------------------------

// A worker (World::holder) takes the lease: whatever was on its way may or may not have arrived.
struct Claimed {};
struct Woke {};  // wake_at has passed
struct TargetsFound {
  std::vector<Candidate> candidates;  // newest first
  std::vector<AlarmBaseline> alarms;  // that validate here, as they are now
  std::optional<Deployment> current;  // what the environment's head names, freshly read
  Estimates estimates;
};
struct StepDone {
  std::string detail;
};
struct StepUnderWay {  // accepted, not finished: look again later
  std::string detail;
};
struct StepNotDone {  // looked for, and it did not happen
  std::string detail;
};
struct StepFailed {
  Error error;
};
struct StepRefused {  // a newer number was there: somebody else acts
  std::string detail;
};
struct StepUnknown {  // no answer: it may have happened
  std::string detail;
};
struct Observed {
  Observation observation;
};
struct LookFailed {  // find_target or observe could not be carried out
  Error error;
};
struct CancelAsked {
  std::string by;
  std::string reason;
};

using Event = std::variant<Claimed, Woke, TargetsFound, StepDone, StepUnderWay, StepNotDone,
                           StepFailed, StepRefused, StepUnknown, Observed, LookFailed, CancelAsked>;

std::string_view name_of(const Event& event);

// --- what a decision reads and changes ----------------------------------------------------------

template <class T>
struct Kept {
  T value;
  bool changed = false;
};

// The records one decision rests on, as read; all of them are conditions of the commit.
struct World {
  Kept<Rollback> rollback;
  std::vector<Kept<Head>> heads;              // of the lanes' environments
  Kept<Head> service;                         // whose slot names the full rollback, if any
  std::optional<Kept<Rollback>> full;         // that one, for a stage rollback to hand over to
  std::vector<Kept<Deployment>> deployments;  // the failing ones of the lanes
  Environments environments;                  // of the service, in promotion order
  std::string holder;                         // the worker whose turn it is
};

// Ids that a decision may need, from one number drawn beforehand: so it stays a pure function.
struct FreshIds {
  std::uint64_t chance = 0;

  RollbackId rollback(Instant now) const;
  DeploymentId deployment(Instant now, std::size_t lane) const;
};

struct Decision {
  World next;
  std::vector<JournalEntry> journal;
  std::vector<Notice> notices;
  bool changed = false;  // something is to be committed
  Instant look_at;       // when to look again if nothing changed; not stored
};

// `lane` is the index of the lane that the event is about (ignored by Claimed and CancelAsked).
Decision advance(World world, std::size_t lane, const Event& event, Instant now,
                 const FreshIds& ids);

// --- the beginning -------------------------------------------------------------------------------

struct Opening {
  Environment environment;
  Level level = Level::stage;
  Origin origin = Origin::automatic;
  Release rejected;
  DeploymentId deployment;
  std::string reason;
  std::string trigger_key;
  std::string attribution;
  std::vector<std::string> findings;
  std::vector<std::string> evidence;
  std::string requested_by;
  Wish wish;
};

// A new rollback with its slot claimed, the rejected version held and the start told: one commit.
// `world.heads` holds the heads of its lanes, `world.service` the service's; the caller has made
// sure that the slots are free.
Decision open(World world, const Opening& opening, Instant now, const Policy& policy,
              const FreshIds& ids);

}  // namespace stepback
