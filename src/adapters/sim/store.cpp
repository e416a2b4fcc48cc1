// SPDX-License-Identifier: Apache-2.0
#include "adapters/sim/store.hpp"

#include <algorithm>
#include <utility>

namespace stepback {
namespace {

std::unexpected<Error> changed(std::string_view what, const std::string& which) {
  return fail(Code::conflict, std::string(what) + " " + which + " was changed by somebody else");
}

template <class T, class Key>
Result<> check_each_once(const std::vector<T>& records, Key key) {
  for (std::size_t i = 1; i < records.size(); ++i) {
    for (std::size_t before = 0; before < i; ++before) {
      if (key(records[before]) != key(records[i])) continue;
      return fail(Code::invalid, "one commit may not change " + key(records[i]) + " twice");
    }
  }
  return {};
}

}  // namespace

Result<Rollback> SimStore::rollback(const RollbackId& id) {
  const auto found = rollback_places_.find(id.text);
  if (found == rollback_places_.end()) return fail(Code::not_found, "no rollback " + id.text);
  return rollbacks_.at(found->second);
}

Result<Head> SimStore::head(const Environment& environment) {
  const auto found = heads_.find(environment);
  if (found != heads_.end()) return found->second;
  Head empty;
  empty.environment = environment;
  return empty;
}

Result<Deployment> SimStore::deployment(const DeploymentId& id) {
  const auto found = deployment_places_.find(id.text);
  if (found == deployment_places_.end()) return fail(Code::not_found, "no deployment " + id.text);
  return deployments_.at(found->second);
}

Result<TriggerRecord> SimStore::trigger(const std::string& key) {
  const auto found = trigger_places_.find(key);
  if (found == trigger_places_.end()) return fail(Code::not_found, "no trigger " + key);
  return triggers_.at(found->second);
}

Result<> SimStore::commit(const Commit& commit) {
  if (before_commit) TRY(before_commit(commit));
  TRY(check(commit));
  apply(commit);
  if (after_commit) TRY(after_commit(commit));
  return {};
}

std::vector<Result<>> SimStore::commit_each(std::span<const Commit> commits) {
  std::vector<Result<>> answers;
  answers.reserve(commits.size());
  for (const auto& each : commits) answers.push_back(commit(each));
  return answers;
}

Result<std::vector<Store::Due>> SimStore::due(Instant now, std::size_t limit) {
  std::vector<Due> found;
  for (const auto& wake : wakes_) {
    if (wake.at > now || found.size() >= limit) break;
    const Rollback& rollback = rollbacks_.at(wake.place);
    found.push_back({rollback.id, wake.at, rollback.lease, rollback.revision});
  }
  return found;
}

// --- committing ---------------------------------------------------------------------------------

Result<> SimStore::check(const Commit& commit) const {
  TRY(check_each_once(commit.heads, [](const Head& head) { return head.environment.name; }));
  TRY(check_each_once(commit.rollbacks, [](const Rollback& rollback) { return rollback.id.text; }));
  TRY(check_each_once(commit.deployments,
                      [](const Deployment& deployment) { return deployment.id.text; }));
  if (commit.trigger && trigger_places_.contains(commit.trigger->key)) {
    return fail(Code::conflict, "trigger " + commit.trigger->key + " is there already");
  }
  TRY(check_heads(commit));
  TRY(check_rollbacks(commit));
  return check_deployments(commit);
}

Result<> SimStore::check_heads(const Commit& commit) const {
  for (const auto* heads : {&commit.heads, &commit.unchanged_heads}) {
    for (const auto& head : *heads) {
      const auto found = heads_.find(head.environment);
      const auto revision = found == heads_.end() ? 0 : found->second.revision;
      if (revision != head.revision) return changed("the head of", head.environment.name);
    }
  }
  return {};
}

Result<> SimStore::check_rollbacks(const Commit& commit) const {
  for (const auto& rollback : commit.rollbacks) {
    const auto found = rollback_places_.find(rollback.id.text);
    const Rollback* stored =
        found == rollback_places_.end() ? nullptr : &rollbacks_.at(found->second);
    if ((stored == nullptr ? 0 : stored->revision) != rollback.revision) {
      return changed("rollback", rollback.id.text);
    }
    if (stored != nullptr && !is_active(*stored)) {
      return fail(Code::conflict, "rollback " + rollback.id.text + " has ended and stays as it is");
    }
  }
  return {};
}

Result<> SimStore::check_deployments(const Commit& commit) const {
  for (const auto& deployment : commit.deployments) {
    const auto found = deployment_places_.find(deployment.id.text);
    const Deployment* stored =
        found == deployment_places_.end() ? nullptr : &deployments_.at(found->second);
    if ((stored == nullptr ? 0 : stored->revision) != deployment.revision) {
      return changed("deployment", deployment.id.text);
    }
    if (stored != nullptr && (stored->environment != deployment.environment ||
                              stored->started_at != deployment.started_at)) {
      return fail(Code::invalid, "deployment " + deployment.id.text +
                                     " keeps its environment and the time it started");
    }
  }
  return {};
}

void SimStore::apply(const Commit& commit) {
  ++commits_;
  if (commit.trigger) {
    trigger_places_[commit.trigger->key] = ++place_;
    triggers_.emplace(place_, *commit.trigger);
  }
  for (const auto& rollback : commit.rollbacks) put(rollback);
  for (const auto& head : commit.heads) {
    Head& stored = heads_[head.environment];
    stored = head;
    ++stored.revision;
  }
  for (const auto& deployment : commit.deployments) put(deployment);
  for (const auto& entry : commit.journal) append(entry);
  for (const auto& notice : commit.notices) {
    if (!notice_places_.try_emplace(notice.key, place_ + 1).second) continue;
    waiting_.insert(++place_);
    notices_[place_].item.notice = notice;
  }
}

void SimStore::put(const Rollback& rollback) {
  const auto [found, is_new] = rollback_places_.try_emplace(rollback.id.text, place_ + 1);
  if (is_new) ++place_;
  Rollback& stored = rollbacks_[found->second];
  if (!is_new) wakes_.erase({wake_of(stored), found->second});
  stored = rollback;
  ++stored.revision;
  if (is_active(stored)) wakes_.insert({wake_of(stored), found->second});
}

void SimStore::put(const Deployment& deployment) {
  const auto [found, is_new] = deployment_places_.try_emplace(deployment.id.text, place_ + 1);
  if (is_new) ++place_;
  Deployment& stored = deployments_[found->second];
  stored = deployment;
  ++stored.revision;
}

void SimStore::append(const JournalEntry& entry) {
  auto& chain = chains_[entry.environment.name];
  chain.push_back(entries_.size());
  entries_.push_back({chain.size(), "", entry});
}

// --- outbox -------------------------------------------------------------------------------------

Result<std::vector<OutboxItem>> SimStore::waiting(Instant now, std::size_t limit) {
  std::vector<OutboxItem> found;
  for (const auto place : waiting_) {
    if (found.size() >= limit) break;
    const OutboxItem& item = notices_.at(place).item;
    if (item.next_at <= now) found.push_back(item);
  }
  return found;
}

SimStore::Told* SimStore::told(const std::string& notice_key) {
  const auto found = notice_places_.find(notice_key);
  return found == notice_places_.end() ? nullptr : &notices_.at(found->second);
}

Result<> SimStore::mark_told(const std::string& notice_key, const std::string& channel, Instant) {
  Told* const stored = told(notice_key);
  if (stored == nullptr) return fail(Code::not_found, "no notice " + notice_key);
  auto& channels = stored->item.told;
  if (std::ranges::find(channels, channel) == channels.end()) channels.push_back(channel);
  return {};
}

Result<> SimStore::claim(const OutboxItem& seen, Instant until) {
  Told* const stored = told(seen.notice.key);
  const bool is_waiting =
      stored != nullptr && !stored->closed && stored->item.next_at == seen.next_at;
  if (!is_waiting) return fail(Code::conflict, "somebody else tells " + seen.notice.key);
  stored->item.next_at = until;
  return {};
}

Result<> SimStore::try_again(const std::string& notice_key, Instant next_at,
                             const std::string& why) {
  Told* const stored = told(notice_key);
  if (stored == nullptr) return fail(Code::not_found, "no notice " + notice_key);
  ++stored->item.attempts;
  stored->item.next_at = next_at;
  stored->why = why;
  return {};
}

Result<> SimStore::close(const std::string& notice_key) {
  Told* const stored = told(notice_key);
  if (stored == nullptr) return fail(Code::not_found, "no notice " + notice_key);
  stored->closed = true;
  waiting_.erase(notice_places_.at(notice_key));
  return {};
}

}  // namespace stepback
