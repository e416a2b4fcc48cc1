// SPDX-License-Identifier: Apache-2.0
#include "domain/target.hpp"

#include <algorithm>

namespace stepback {
namespace {

bool same_release(const Release& a, const Release& b) {
  if (!a.digest.empty() && !b.digest.empty()) return a.digest == b.digest;
  return a.version == b.version;
}

std::string why_not_good(const Candidate& candidate, const TargetWish& wish) {
  if (candidate.status != DeploymentStatus::succeeded) {
    return "its deployment ended " + std::string(name_of(candidate.status));
  }
  if (!candidate.good_at && !wish.unbaked_allowed) return "it has not finished baking";
  return {};
}

std::string why_artifacts(const Candidate& candidate) {
  if (candidate.artifacts == ArtifactState::present) return {};
  return "artifacts " + std::string(name_of(candidate.artifacts)) +
         (candidate.artifact_detail.empty() ? "" : ": " + candidate.artifact_detail);
}

// Empty when the candidate will do. `one_way`: a change between it and what runs that cannot be
// gone back over without losing data.
std::string why_refused(const Candidate& candidate, const Head& head, const TargetWish& wish,
                        const std::string& one_way) {
  if (same_release(candidate.release, wish.from)) return "it is what runs";
  if (const Hold* hold = hold_on(head, candidate.release.version, candidate.release.digest)) {
    return "held: " + hold->reason;
  }
  if (std::ranges::find(wish.excluded, candidate.release.digest) != wish.excluded.end()) {
    return "its artifacts were found altered when it was tried";
  }
  if (auto why = why_not_good(candidate, wish); !why.empty()) return why;
  for (const auto& finding : wish.findings) {
    if (std::ranges::find(candidate.findings, finding) != candidate.findings.end())
      return "it has " + finding + " too";
  }
  if (auto why = why_artifacts(candidate); !why.empty()) return why;
  if (!one_way.empty() && !wish.data_risk_accepted) return "data at risk: " + one_way;
  return {};
}

}  // namespace

const std::string& infrastructure_of(const Candidate& target) {
  return target.infrastructure_version.empty() ? target.release.version.text
                                               : target.infrastructure_version;
}

Choice choose_target(const std::vector<Candidate>& candidates, const Head& head,
                     const TargetWish& wish) {
  Choice choice;
  std::string one_way;
  bool passed_what_runs = false;
  for (const auto& candidate : candidates) {
    const bool wanted = !wish.requested || candidate.release.version == *wish.requested;
    auto why = why_refused(candidate, head, wish, one_way);
    if (why.empty() && !wanted) why = "another version was asked for";
    if (why.empty() && wish.further && !passed_what_runs) why = "it is not older than what runs";
    if (why.empty() && !choice.target) {
      choice.target = candidate;
    } else if (!why.empty()) {
      choice.refused.push_back({candidate.release, std::move(why)});
    }
    passed_what_runs |= same_release(candidate.release, wish.from);
    // What lies behind a one-way deployment is on its far side, the deployment itself is not.
    if (one_way.empty()) one_way = candidate.one_way;
  }
  return choice;
}

}  // namespace stepback
