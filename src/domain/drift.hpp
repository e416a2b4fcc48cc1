// SPDX-License-Identifier: Apache-2.0
#pragma once

// Drift: where records and the world say different things. Pure: the engine hands over what both
// say; each difference is a finding, with the command that mends it and, where that is safe, what
// may be done about it at once. Nothing that runs is ever touched by mending a record.

#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"

namespace stepback {

// The live marker: what the publisher wrote last.
struct MarkerSeen {
  bool seen = false;
  Version version;
  Digest digest;
  std::uint64_t operation = 0;
  bool settled = true;
  std::string detail;  // why it could not be read
};

struct ArtifactSeen {
  Release release;
  ArtifactState state = ArtifactState::present;
  std::string detail;
};

struct DriftFacts {
  Head head;
  std::optional<Deployment> current;    // the record that the head names; none: it is missing
  std::optional<Rollback> slot;         // likewise
  std::optional<Rollback> waiting;      // likewise
  std::vector<Deployment> deployments;  // newest first, as many as were read
  std::vector<DeploymentId> abandoned;  // in progress, and their deployer is known to be dead
  std::vector<Rollback> active;         // rollbacks of this environment that have not ended
  MarkerSeen marker;
  VersionSeen running;
  std::vector<ArtifactSeen> artifacts;            // of what could be gone back to, newest first
  std::optional<std::vector<Version>> strangers;  // recent ones that are no commits of the sources;
                                                  // none: nobody knows where those are
};

// What may be done at once: a record is made to say what is, and nothing that runs is touched.
enum class Mend { none, close_orphan, free_slot, adopt_marker, raise_number };
template <>
inline constexpr Names<Mend, Mend::raise_number> names_of<Mend>{"none", "close_orphan", "free_slot",
                                                                "adopt_marker", "raise_number"};

struct Drift {
  Check check;         // passed: both say the same
  std::string remedy;  // a command of ours; empty when nothing is wrong
  Mend mend = Mend::none;
  std::optional<DeploymentId> deployment;  // that it is about
};

std::vector<Drift> find_drift(const DriftFacts& facts, Instant now);

// The records as they should be, of which one finding is mended. conflict: it no longer stands.
struct Mended {
  Head head;
  std::optional<Deployment> deployment;
  std::vector<JournalEntry> journal;
  std::vector<Notice> notices;
};
Result<Mended> mend_drift(const Drift& drift, const DriftFacts& facts, const std::string& by,
                          Instant now);

}  // namespace stepback
