// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which version to go back to: a pure choice among candidates, with the reason for each refusal.

#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/deployment.hpp"
#include "domain/head.hpp"

namespace stepback {

enum class ArtifactState { present, missing, altered, unreadable };
template <>
inline constexpr Names<ArtifactState, ArtifactState::unreadable> names_of<ArtifactState>{
    "present", "missing", "altered", "unreadable"};

// A past deployment of the environment, and what was just seen of its artifacts.
struct Candidate {
  Release release;
  DeploymentStatus status = DeploymentStatus::succeeded;
  std::optional<Instant> good_at;
  Instant started_at;
  std::string infrastructure_version;
  std::string one_way;  // of this deployment: what lies before it cannot be gone back to unharmed
  ArtifactState artifacts = ArtifactState::present;
  std::string artifact_detail;
  int files = 0;
  std::vector<std::string> findings;  // that a gate counted against its version

  bool operator==(const Candidate&) const = default;
};

// Where the infrastructure goes back to with it: what its record names, or the version itself, as
// the runbook checks out the target's commit.
const std::string& infrastructure_of(const Candidate& target);

struct Refusal {
  Release release;
  std::string why;

  bool operator==(const Refusal&) const = default;
};

struct Choice {
  std::optional<Candidate> target;
  std::vector<Refusal> refused;

  bool operator==(const Choice&) const = default;
};

struct TargetWish {
  Release from;                       // what runs and must go
  std::optional<Version> requested;   // an operator's own choice, under the same rules but one:
  bool unbaked_allowed = false;       // a succeeded deployment that has not finished baking will do
  bool data_risk_accepted = false;    // going back over a one-way change was confirmed
  std::vector<std::string> findings;  // why it must go: nothing is gained by one that has them too
  bool further = false;               // only what is older than what runs
  std::vector<Digest> excluded;       // tried already in this rollback, and found unusable
};

// `candidates` newest first, as the ledger gives them.
Choice choose_target(const std::vector<Candidate>& candidates, const Head& head,
                     const TargetWish& wish);

}  // namespace stepback
