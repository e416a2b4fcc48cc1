// SPDX-License-Identifier: Apache-2.0
// The Ledger's half of SimStore: lists by looking through everything, and retention.
#include <ranges>

#include "adapters/sim/store.hpp"

namespace stepback {
namespace {

template <class Records, class Accept>
auto newest(const Records& records, std::size_t limit, Accept accept) {
  std::vector<typename Records::mapped_type> found;
  for (const auto& [place, record] : records | std::views::reverse) {
    if (found.size() >= limit) break;
    if (accept(record)) found.push_back(record);
  }
  return found;
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

Holdings SimStore::holdings() const {
  Holdings all;
  for (const auto& [environment, head] : heads_) all.heads.push_back(head);
  for (const auto& [place, rollback] : rollbacks_) all.rollbacks.push_back(rollback);
  for (const auto& [place, deployment] : deployments_) all.deployments.push_back(deployment);
  return all;
}

Result<std::uint64_t> SimStore::expire(Instant before, int keep_good) {
  std::map<Environment, Gone> gone;
  std::uint64_t all = 0;
  const auto key_of = [](const auto& record) { return record.id.text; };

  const auto kept_deployments = needed_deployments(holdings(), keep_good);
  for (const auto& deployment :
       remove(deployments_, deployment_places_, key_of, [&](const Deployment& it) {
         return it.ended_at.value_or(it.started_at) < before &&
                !kept_deployments.contains(it.id.text);
       })) {
    ++gone[deployment.environment].deployments;
    ++all;
  }
  const auto kept_rollbacks = needed_rollbacks(holdings());
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
  for (const auto& [environment, counts] : gone) append(expiry_entry(environment, counts, before));
  return all;
}

}  // namespace stepback
