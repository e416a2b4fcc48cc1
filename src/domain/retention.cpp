// SPDX-License-Identifier: Apache-2.0
#include "domain/retention.hpp"

#include <ranges>

namespace stepback {

std::set<std::string> needed_deployments(const Holdings& all, int keep_good) {
  std::set<std::string> kept;
  const auto keep = [&](const DeploymentId& id) { kept.insert(id.text); };
  for (const auto& head : all.heads) {
    if (head.current) keep(*head.current);
    if (head.live) keep(head.live->deployment);
  }
  for (const auto& rollback : all.rollbacks) {
    if (!is_active(rollback)) continue;
    keep(rollback.rejected.deployment);
    for (const auto& lane : rollback.lanes) {
      keep(lane.deployment);
      keep(lane.from.deployment);
      if (lane.target) keep(lane.target->release.deployment);
    }
  }
  std::map<Environment, int> good;
  for (const auto& deployment : all.deployments | std::views::reverse) {
    if (is_unfinished(deployment)) {
      keep(deployment.id);
      if (deployment.predecessor) keep(deployment.predecessor->deployment);
      if (deployment.replaces) keep(*deployment.replaces);
      if (deployment.restores) keep(*deployment.restores);
    } else if (deployment.status == DeploymentStatus::succeeded &&
               good[deployment.environment]++ < keep_good) {
      keep(deployment.id);
    }
  }
  return kept;
}

std::set<std::string> needed_rollbacks(const Holdings& all) {
  std::set<std::string> kept;
  const auto keep = [&](const std::optional<RollbackId>& id) {
    if (id) kept.insert(id->text);
  };
  for (const auto& head : all.heads) {
    keep(head.slot);
    if (head.waiting) keep(head.waiting->rollback);
    for (const auto& hold : head.holds) keep(hold.rollback);
  }
  for (const auto& rollback : all.rollbacks) {
    if (!is_active(rollback)) continue;
    keep(rollback.id);
    keep(rollback.handed_to);
    for (const auto& id : rollback.took_over) keep(id);
  }
  for (const auto& deployment : all.deployments) keep(deployment.rollback);
  return kept;
}

JournalEntry expiry_entry(const Environment& environment, const Gone& gone, Instant before) {
  JournalEntry entry;
  entry.environment = environment;
  entry.at = before;
  entry.kind = "records.expired";
  entry.actor = "retention";
  entry.text = "removed what ended before this moment and nothing needs any more";
  entry.facts = {{"deployments", std::to_string(gone.deployments)},
                 {"rollbacks", std::to_string(gone.rollbacks)},
                 {"triggers", std::to_string(gone.triggers)},
                 {"notices", std::to_string(gone.notices)}};
  return entry;
}

}  // namespace stepback
