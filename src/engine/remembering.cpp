// SPDX-License-Identifier: Apache-2.0
#include "engine/remembering.hpp"

#include <algorithm>

namespace stepback {
namespace {

// Of two threads that read or wrote, the one that came later in the store's order.
template <class Record>
void keep_newest(std::map<std::string, Record>& kept, const std::string& key,
                 const Record& record) {
  const auto [place, is_new] = kept.try_emplace(key, record);
  if (!is_new && place->second.revision < record.revision) place->second = record;
}

template <class Record>
Record as_stored(Record record) {
  ++record.revision;
  return record;
}

}  // namespace

void RememberingStore::Memory::keep(const Rollback& rollback) {
  if (rollback.lease.holder.empty()) return keep_newest(rollbacks, rollback.id.text, rollback);
  rollbacks.erase(rollback.id.text);
}

void RememberingStore::Memory::keep(const Head& head) {
  keep_newest(heads, head.environment.name, head);
}

void RememberingStore::Memory::keep(const Deployment& deployment) {
  keep_newest(deployments, deployment.id.text, deployment);
}

void RememberingStore::Memory::keep(const Commit& committed) {
  if (committed.trigger) triggers[committed.trigger->key] = committed.trigger;
  for (const auto& each : committed.rollbacks) keep(as_stored(each));
  for (const auto& each : committed.heads) keep(as_stored(each));
  for (const auto& each : committed.deployments) keep(as_stored(each));
}

void RememberingStore::begin() {
  const std::lock_guard lock(mutex_);
  memory_.emplace();
  ++age_;
}

void RememberingStore::forget() {
  const std::lock_guard lock(mutex_);
  if (memory_) memory_.emplace();
  ++age_;
}

void RememberingStore::end() {
  const std::lock_guard lock(mutex_);
  memory_.reset();
  ++age_;
}

void RememberingStore::expect(const ManyRecords::Wanted& wanted) {
  std::uint64_t age = 0;
  ManyRecords* many = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!memory_) return;
    many = many_;
    age = age_;
  }
  if (many == nullptr) return;
  auto found = many->read_many(wanted);
  const std::lock_guard lock(mutex_);
  if (!found && found.error().code == Code::denied) many_ = nullptr;
  if (!found || !memory_ || age != age_) return;
  for (auto& [key, record] : found->triggers) memory_->triggers[key] = std::move(record);
  for (const auto& each : found->rollbacks) memory_->keep(each);
  for (const auto& each : found->heads) memory_->keep(each);
}

template <class Record, class Read>
Result<Record> RememberingStore::recall(std::map<std::string, Record> Memory::* kind,
                                        const std::string& key, Read read) {
  std::uint64_t age = 0;
  {
    const std::lock_guard lock(mutex_);
    if (memory_) {
      const auto& all = *memory_.*kind;
      if (const auto known = all.find(key); known != all.end()) return known->second;
      age = age_;
    }
  }
  Result<Record> record = read();
  if (!record || age == 0) return record;
  const std::lock_guard lock(mutex_);
  if (memory_ && age == age_) memory_->keep(*record);
  return record;
}

// What is looked at together with a rollback must not be older than it: a head that is without the
// claim which the rollback tells of would make no sense.
Result<Rollback> RememberingStore::rollback(const RollbackId& id) {
  {
    const std::lock_guard lock(mutex_);
    if (memory_ && !memory_->rollbacks.contains(id.text)) {
      memory_->heads.clear();
      memory_->deployments.clear();
      ++age_;
    }
  }
  return recall(&Memory::rollbacks, id.text, [&] { return store_.rollback(id); });
}

Result<Head> RememberingStore::head(const Environment& environment) {
  return recall(&Memory::heads, environment.name, [&] { return store_.head(environment); });
}

Result<Deployment> RememberingStore::deployment(const DeploymentId& id) {
  return recall(&Memory::deployments, id.text, [&] { return store_.deployment(id); });
}

// Only one that was read ahead, or committed, is known: nobody asks for one twice.
Result<TriggerRecord> RememberingStore::trigger(const std::string& key) {
  {
    const std::lock_guard lock(mutex_);
    if (memory_) {
      const auto known = memory_->triggers.find(key);
      if (known != memory_->triggers.end() && known->second) return *known->second;
      if (known != memory_->triggers.end()) return fail(Code::not_found, "no trigger " + key);
    }
  }
  return store_.trigger(key);
}

Result<> RememberingStore::commit(const Commit& commit) {
  auto done = store_.commit(commit);
  const std::lock_guard lock(mutex_);
  ++age_;
  if (!memory_) return done;
  done ? memory_->keep(commit) : static_cast<void>(memory_.emplace());
  return done;
}

std::vector<Result<>> RememberingStore::commit_each(std::span<const Commit> commits) {
  auto done = store_.commit_each(commits);
  const std::lock_guard lock(mutex_);
  ++age_;
  if (!memory_) return done;
  const bool all = std::ranges::all_of(done, [](const Result<>& each) { return each.has_value(); });
  if (!all) memory_.emplace();
  for (std::size_t i = 0; all && i < commits.size(); ++i) memory_->keep(commits[i]);
  return done;
}

Result<std::vector<Store::Due>> RememberingStore::due(Instant now, std::size_t limit) {
  return store_.due(now, limit);
}

}  // namespace stepback
