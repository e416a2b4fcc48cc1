// SPDX-License-Identifier: Apache-2.0
#pragma once

// Deployment: one attempt to put a Version into an Environment, and the record of it. Values; the
// only ways to change one are the functions at the end. A rollback is a deployment record of its
// own, linked to the one that failed and to the one it restores; no record is ever rewritten into
// another's history.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/names.hpp"
#include "base/time.hpp"
#include "domain/alarm.hpp"
#include "domain/environment.hpp"
#include "domain/gate.hpp"
#include "domain/version.hpp"

namespace stepback {

struct DeploymentTag {
  static constexpr std::string_view prefix = "dep";
  static constexpr std::string_view noun = "deployment";
};
struct RollbackTag {
  static constexpr std::string_view prefix = "rb";
  static constexpr std::string_view noun = "rollback";
};
using DeploymentId = Id<DeploymentTag>;
using RollbackId = Id<RollbackTag>;

// SHA-256 of a release's manifest, 64 hexadecimal characters: the identity of what runs. Empty:
// not known (a deployment that another tool did and did not describe).
struct Digest {
  std::string hex;

  auto operator<=>(const Digest&) const = default;
  bool empty() const { return hex.empty(); }
};

enum class DeploymentStatus { in_progress, succeeded, failed, rolled_back };
template <>
inline constexpr Names<DeploymentStatus, DeploymentStatus::rolled_back> names_of<DeploymentStatus>{
    "in_progress", "succeeded", "failed", "rolled_back"};
enum class DeploymentKind { deploy, rollback, drill };
template <>
inline constexpr Names<DeploymentKind, DeploymentKind::drill> names_of<DeploymentKind>{
    "deploy", "rollback", "drill"};

// A version as one environment knew it.
struct Release {
  DeploymentId deployment;
  Version version;
  Digest digest;

  bool operator==(const Release&) const = default;
};

// A correction by hand of what a record says. What it said before stays, here and in the journal.
struct Amendment {
  Instant at;
  std::string by;
  std::string reason;
  DeploymentStatus from = DeploymentStatus::in_progress;
  DeploymentStatus to = DeploymentStatus::failed;
  std::optional<Instant> ended_before;  // the end as it stood

  bool operator==(const Amendment&) const = default;
};

struct Deployment {
  DeploymentId id;
  Environment environment;
  Version version;
  Digest digest;
  DeploymentStatus status = DeploymentStatus::in_progress;
  DeploymentKind kind = DeploymentKind::deploy;
  Instant started_at;
  std::optional<Instant> cutover_at;  // when the version became live; none: nothing was touched
  std::optional<Instant> ended_at;
  std::optional<Instant> good_at;  // when it had baked; only a good one is ever a target
  Instant deadline_at;             // in progress later than this without a heartbeat: orphaned
  Duration bake{};
  std::string started_by;
  std::string holder;  // the process that deploys, for telling whether it lives
  std::optional<bool> infrastructure_changed;  // none: nobody said, which is not "no"
  std::string infrastructure_version;
  std::string artifact_location;
  std::string one_way;                  // why going back from it loses data; empty: it does not
  std::optional<Release> predecessor;   // recorded when it started
  std::vector<AlarmBaseline> baseline;  // every alarm as it was when it started
  std::vector<GateRecord> gates;        // what tests and scans said of its version
  std::string failure;                  // why it failed, for people

  std::optional<RollbackId> rollback;  // the rollback that took it back, or that it is
  std::string rollback_reason;
  std::string rollback_level;  // stage, full or manual, as the runbook writes it
  std::optional<Instant> rollback_time;
  Version rollback_target;
  std::optional<DeploymentId> replaces;  // a rollback's record: the one that failed
  std::optional<DeploymentId> restores;  //                      the one it went back to
  std::vector<Amendment> amendments;     // oldest first

  std::uint64_t revision = 0;  // as read; the store counts. 0: never stored

  bool operator==(const Deployment&) const = default;
};

// Succeeded, and still watched for alarms that are attributable to it: until it is judged good, and
// for as long again where nobody was there to judge it.
bool is_baking(const Deployment& deployment, Instant now);
Instant bakes_until(const Deployment& deployment);
// Something of it may be live: it was switched to, or nobody can exclude it.
bool has_touched(const Deployment& deployment);

}  // namespace stepback
