// SPDX-License-Identifier: Apache-2.0
// The Ledger's half of SimStore: lists by looking through everything, and retention.
#include <ranges>

#include "adapters/sim/store.hpp"

namespace stepback {
namespace {

bool is_unfinished(const Deployment& deployment) {
  return deployment.status == DeploymentStatus::in_progress ||
         (deployment.status == DeploymentStatus::succeeded && !deployment.good_at);
}

bool matches(const Deployment& deployment, const DeploymentQuery& query) {
  return (!query.environment || deployment.environment == *query.environment) &&
         (!query.status || deployment.status == *query.status) &&
         (!query.since || deployment.started_at >= *query.since) &&
         (!query.until || deployment.started_at < *query.until);
}

bool matches(const Rollback& rollback, const RollbackQuery& query) {
  return (!query.environment || rollback.environment == *query.environment) &&
         (!query.active_only || is_active(rollback)) &&
         (!query.since || rollback.accepted_at >= *query.since);
}

template <class Records, class Accept>
auto newest(const Records& records, std::size_t limit, Accept accept) {
  std::vector<typename Records::mapped_type> found;
  for (const auto& [place, record] : records | std::views::reverse) {
    if (found.size() >= limit) break;
    if (accept(record)) found.push_back(record);
  }
  return found;
}

// What went from one environment, for the entry that tells of it.
struct Gone {
  std::uint64_t deployments = 0;
  std::uint64_t rollbacks = 0;
  std::uint64_t triggers = 0;
  std::uint64_t notices = 0;
};

JournalEntry entry_of(const Environment& environment, const Gone& gone, Instant before) {
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

// Removes what `goes` accepts, by place and by key, and returns it.
template <class Records, class Places, class Key, class Goes>
auto remove(Records& records, Places& places, Key key, Goes goes) {
  std::vector<typename Records::mapped_type> gone;
  for (auto it = records.begin(); it != records.end();) {
    if (!goes(it->second)) {
      ++it;
      continue;
    }
    places.erase(key(it->second));
    gone.push_back(std::move(it->second));
    it = records.erase(it);
  }
  return gone;
}

}  // namespace

Result<std::vector<Deployment>> SimStore::deployments(const DeploymentQuery& query) {
  return newest(deployments_, query.limit,
                [&](const Deployment& deployment) { return matches(deployment, query); });
}

Result<std::vector<Deployment>> SimStore::unfinished() {
  std::vector<Deployment> found;
  for (const auto& [place, deployment] : deployments_) {
    if (is_unfinished(deployment)) found.push_back(deployment);
  }
  return found;
}

Result<std::vector<Rollback>> SimStore::rollbacks(const RollbackQuery& query) {
  return newest(rollbacks_, query.limit,
                [&](const Rollback& rollback) { return matches(rollback, query); });
}

Result<std::vector<StoredEntry>> SimStore::journal(const RollbackId& rollback) {
  std::vector<StoredEntry> found;
  for (const auto& stored : entries_) {
    if (stored.entry.rollback == rollback) found.push_back(stored);
  }
  return found;
}

Result<std::vector<StoredEntry>> SimStore::journal(const Environment& environment,
                                                   std::uint64_t after, std::size_t limit) {
  std::vector<StoredEntry> found;
  const auto chain = chains_.find(environment.name);
  if (chain == chains_.end()) return found;
  for (auto i = static_cast<std::size_t>(after); i < chain->second.size(); ++i) {
    if (found.size() >= limit) break;
    found.push_back(entries_[chain->second[i]]);
  }
  return found;
}

Result<std::vector<TriggerRecord>> SimStore::triggers(const RollbackId& rollback) {
  std::vector<TriggerRecord> found;
  for (const auto& [place, record] : triggers_) {
    if (record.rollback == rollback) found.push_back(record);
  }
  return found;
}

Result<std::vector<TriggerRecord>> SimStore::recent_triggers(
    const std::optional<Environment>& environment, std::size_t limit) {
  return newest(triggers_, limit, [&](const TriggerRecord& record) {
    return !environment || record.environment == *environment;
  });
}

Result<AuditReport> SimStore::audit() {
  AuditReport report;
  report.entries = entries_.size();
  report.records =
      heads_.size() + rollbacks_.size() + deployments_.size() + triggers_.size() + notices_.size();
  return report;
}

// --- retention ----------------------------------------------------------------------------------

std::set<std::string> SimStore::protected_deployments(int keep_good) const {
  std::set<std::string> kept;
  const auto keep = [&](const DeploymentId& id) { kept.insert(id.text); };
  for (const auto& [environment, head] : heads_) {
    if (head.current) keep(*head.current);
    if (head.live) keep(head.live->deployment);
  }
  for (const auto& [place, rollback] : rollbacks_) {
    if (!is_active(rollback)) continue;
    keep(rollback.rejected.deployment);
    for (const auto& lane : rollback.lanes) {
      keep(lane.deployment);
      keep(lane.from.deployment);
      if (lane.target) keep(lane.target->release.deployment);
    }
  }
  std::map<Environment, int> good;
  for (const auto& [place, deployment] : deployments_ | std::views::reverse) {
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

std::set<std::string> SimStore::protected_rollbacks() const {
  std::set<std::string> kept;
  const auto keep = [&](const std::optional<RollbackId>& id) {
    if (id) kept.insert(id->text);
  };
  for (const auto& [environment, head] : heads_) {
    keep(head.slot);
    if (head.waiting) keep(head.waiting->rollback);
    for (const auto& hold : head.holds) keep(hold.rollback);
  }
  for (const auto& [place, rollback] : rollbacks_) {
    if (!is_active(rollback)) continue;
    keep(rollback.id);
    keep(rollback.handed_to);
    for (const auto& id : rollback.took_over) keep(id);
  }
  for (const auto& [place, deployment] : deployments_) keep(deployment.rollback);
  return kept;
}

Result<std::uint64_t> SimStore::expire(Instant before, int keep_good) {
  std::map<Environment, Gone> gone;
  std::uint64_t all = 0;
  const auto key_of = [](const auto& record) { return record.id.text; };

  const auto kept_deployments = protected_deployments(keep_good);
  for (const auto& deployment :
       remove(deployments_, deployment_places_, key_of, [&](const Deployment& it) {
         return it.ended_at.value_or(it.started_at) < before &&
                !kept_deployments.contains(it.id.text);
       })) {
    ++gone[deployment.environment].deployments;
    ++all;
  }
  const auto kept_rollbacks = protected_rollbacks();
  for (const auto& rollback : remove(rollbacks_, rollback_places_, key_of, [&](const Rollback& it) {
         return it.ended_at.value_or(it.accepted_at) < before &&
                !kept_rollbacks.contains(it.id.text);
       })) {
    ++gone[rollback.environment].rollbacks;
    ++all;
  }
  for (const auto& record : remove(
           triggers_, trigger_places_, [](const TriggerRecord& it) { return it.key; },
           [&](const TriggerRecord& it) {
             return it.received_at < before &&
                    !(it.rollback && rollback_places_.contains(it.rollback->text));
           })) {
    ++gone[record.environment.value_or(Environment{})].triggers;
    ++all;
  }
  for (const auto& told : remove(
           notices_, notice_places_, [](const Told& it) { return it.item.notice.key; },
           [&](const Told& it) { return it.closed && it.item.notice.at < before; })) {
    ++gone[told.item.notice.environment].notices;
    ++all;
  }
  for (const auto& [environment, counts] : gone) append(entry_of(environment, counts, before));
  return all;
}

}  // namespace stepback
