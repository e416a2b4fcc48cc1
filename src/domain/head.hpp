// SPDX-License-Identifier: Apache-2.0
#pragma once

// Head: the one record of an environment that decisions rest on. It is read consistently and
// written on condition that nobody else wrote it since (its revision), so whatever is decided from
// it still holds when it is committed. Indexes and lists are for people; this is for the machine.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/deployment.hpp"
#include "domain/run.hpp"
#include "domain/wish.hpp"

namespace stepback {

enum class HoldUntil { fixed, released };
template <>
inline constexpr Names<HoldUntil, HoldUntil::released> names_of<HoldUntil>{"fixed", "released"};

// A release that must not be deployed or chosen here: known bad, as far as automation goes.
struct Hold {
  Version version;
  Digest digest;                       // a bad artifact stays bad under any name
  HoldUntil until = HoldUntil::fixed;  // fixed: lifts itself when another version succeeds
  std::string reason;
  std::string by;
  Instant since;
  std::optional<RollbackId> rollback;

  bool operator==(const Hold&) const = default;
};

// An escalated rollback left the environment to people. Automation keeps away until handed back.
struct Waiting {
  RollbackId rollback;
  std::string incident;
  Instant since;

  bool operator==(const Waiting&) const = default;
};

// An alert that was told to us and cannot be asked for again: its state is what came last.
struct ToldAlert {
  std::string name;
  AlarmState state = AlarmState::ok;
  Instant since;
  std::string reason;

  bool operator==(const ToldAlert&) const = default;
};

// A person's word that one check does not count for a while. It is seen in every validation it
// changes, with who said so and why.
struct Override {
  std::string check;  // as validation names it: "alarm checkout-errors"
  std::string reason;
  std::string by;
  Instant since;
  Instant until;

  bool operator==(const Override&) const = default;
};

// A rollback that one person asked for and another has to agree to, for as long as the question
// stands.
struct AskedRollback {
  Level level = Level::stage;
  Wish wish;
  std::string reason;
  std::string by;
  Instant at;
  Instant until;

  bool operator==(const AskedRollback&) const = default;
};

struct Brake {
  std::string reason;
  Instant since;

  bool operator==(const Brake&) const = default;
};

// The service as a whole has a head too, with an empty environment: its slot names the full
// rollback that is under way, so that there is at most one.
struct Head {
  Environment environment;
  std::optional<DeploymentId> current;  // the newest deployment: what a signal is about
  std::optional<Release> live;          // what was last seen to run, under our own number
  std::optional<RollbackId> slot;       // the rollback that owns the environment: also the freeze
  std::uint64_t operations = 0;         // numbers given out; only grows
  std::vector<Hold> holds;
  std::optional<Waiting> waiting;
  std::optional<Brake> brake;
  std::vector<Instant> automatic;  // when automatic rollbacks began, the recent ones
  std::vector<GateRecord> gates;   // the newest verdict of each kind and version, the recent ones
  std::vector<ToldAlert> alerts;   // the recent ones
  std::vector<Override> overrides;
  std::optional<AskedRollback> asked;
  std::optional<Run> run;  // the service's head only: the newest run of the pipeline

  std::uint64_t revision = 0;  // as read; the store counts. 0: never stored

  bool operator==(const Head&) const = default;
};

// The hold that refuses this version, or null. Matches by digest where both are known.
const Hold* hold_on(const Head& head, const Version& version, const Digest& digest);
// The newest of each name; one that is older than what is known, or says the same, changes nothing.
// True: it is known now.
bool note_alert(Head& head, ToldAlert alert);
// The newest verdict of each kind and version; the oldest go when there are many.
void note_gate(Head& head, GateRecord gate);
// The same report, judged the same: it says nothing new.
bool knows_gate(const Head& head, const GateRecord& gate);
// One hold for each release; the stricter one stays.
void add_hold(Head& head, Hold hold);
bool release_hold(Head& head, const Version& version);

}  // namespace stepback
