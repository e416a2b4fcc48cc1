// SPDX-License-Identifier: Apache-2.0
#include "engine/proofs.hpp"

#include "domain/warnings.hpp"

namespace stepback {

Result<Proof> Proofs::look(const Environment& environment) {
  Proof proof{.readiness = TRY(query_.readiness(environment)), .at = clock_.now()};
  std::optional<Readiness> before;
  std::optional<Verdict> verdict;
  {
    const std::lock_guard lock(mutex_);
    if (const auto kept = kept_.find(environment); kept != kept_.end())
      verdict = kept->second.readiness.verdict;
    if (const auto settled = settled_.find(environment); settled != settled_.end())
      before = settled->second;
    kept_.insert_or_assign(environment, proof);
    if (!proof.readiness.is_busy) settled_.insert_or_assign(environment, proof.readiness);
  }
  if (const auto told = tell(environment, before, proof); !told)
    log_.warning("readiness not told", {{"why", told.error().message}});
  if (verdict != proof.readiness.verdict && on_changed) on_changed(environment, proof);
  return proof;
}

void Proofs::look_everywhere() {
  for (const auto& environment : settings_.environments) {
    if (const auto seen = look(environment); !seen) {
      log_.warning("readiness not seen",
                   {{"environment", environment.name}, {"why", seen.error().message}});
    }
  }
}

Result<Proof> Proofs::of(const Environment& environment) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto kept = kept_.find(environment); kept != kept_.end()) return kept->second;
  }
  return look(environment);
}

Result<> Proofs::tell(const Environment& environment, const std::optional<Readiness>& before,
                      const Proof& now) {
  Commit commit;
  if (before) {
    if (auto lost = readiness_lost(environment, *before, now.readiness, now.at))
      commit.notices.push_back(*std::move(lost));
  }
  const bool is_protected = contains(settings_.guarded, environment);
  if (auto due = drill_due(environment, now.readiness, is_protected, now.at))
    commit.notices.push_back(*std::move(due));
  if (commit.notices.empty()) return {};
  return query_.store().commit(commit);
}

}  // namespace stepback
