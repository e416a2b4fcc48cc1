// SPDX-License-Identifier: Apache-2.0
#pragma once

// SimStore: Store, Outbox and Ledger in memory, for the simulation and for tests of what stands on
// the ports. It keeps the same contract as the durable one (tests/contract holds both to it) and
// costs next to nothing: no JSON, no hashing, no disk. One thread.
//
// A test that wants a crash or a lost reply sets the hooks: an error from `before_commit` is
// returned with nothing applied, one from `after_commit` with everything applied.

#include <compare>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "domain/retention.hpp"
#include "ports/ledger.hpp"
#include "ports/store.hpp"

namespace stepback {

class SimStore final : public Store, public Outbox, public Ledger {
 public:
  std::function<Result<>(const Commit&)> before_commit;
  std::function<Result<>(const Commit&)> after_commit;

  Result<Rollback> rollback(const RollbackId& id) override;
  Result<Head> head(const Environment& environment) override;
  Result<Deployment> deployment(const DeploymentId& id) override;
  Result<TriggerRecord> trigger(const std::string& key) override;
  Result<> commit(const Commit& commit) override;
  std::vector<Result<>> commit_each(std::span<const Commit> commits) override;
  Result<std::vector<Due>> due(Instant now, std::size_t limit) override;

  Result<std::vector<OutboxItem>> waiting(Instant now, std::size_t limit) override;
  Result<> claim(const OutboxItem& seen, Instant until) override;
  Result<> mark_told(const std::string& notice_key, const std::string& channel,
                     Instant now) override;
  Result<> try_again(const std::string& notice_key, Instant next_at,
                     const std::string& why) override;
  Result<> close(const std::string& notice_key) override;

  Result<std::vector<Deployment>> deployments(const DeploymentQuery& query) override;
  Result<std::vector<Deployment>> unfinished() override;
  Result<std::vector<Rollback>> rollbacks(const RollbackQuery& query) override;
  Result<std::vector<StoredEntry>> journal(const RollbackId& rollback) override;
  Result<std::vector<StoredEntry>> journal(const Environment& environment, std::uint64_t after,
                                           std::size_t limit) override;
  Result<std::vector<TriggerRecord>> triggers(const RollbackId& rollback) override;
  Result<std::vector<TriggerRecord>> recent_triggers(const std::optional<Environment>& environment,
                                                     std::size_t limit) override;
  Result<AuditReport> audit() override;
  Result<std::uint64_t> expire(Instant before, int keep_good) override;

  // Everything, for checkers: by the number each record got when it came, oldest first.
  struct Told {
    OutboxItem item;
    bool closed = false;
    std::string why;  // of the newest try_again
  };
  template <class T>
  using InOrder = std::map<std::uint64_t, T>;
  const std::map<Environment, Head>& all_heads() const { return heads_; }
  const InOrder<Rollback>& all_rollbacks() const { return rollbacks_; }
  const InOrder<Deployment>& all_deployments() const { return deployments_; }
  const InOrder<TriggerRecord>& all_triggers() const { return triggers_; }
  const InOrder<Told>& all_notices() const { return notices_; }
  const std::vector<StoredEntry>& all_entries() const { return entries_; }
  std::uint64_t commits() const { return commits_; }  // that were applied

 private:
  using Places = std::unordered_map<std::string, std::uint64_t>;

  struct Wake {
    Instant at;
    std::uint64_t place = 0;
    auto operator<=>(const Wake&) const = default;
  };

  Result<> check(const Commit& commit) const;
  Result<> check_heads(const Commit& commit) const;
  Result<> check_rollbacks(const Commit& commit) const;
  Result<> check_deployments(const Commit& commit) const;
  void apply(const Commit& commit);
  void put(const Rollback& rollback);
  void put(const Deployment& deployment);
  void append(const JournalEntry& entry);
  Told* told(const std::string& notice_key);

  Holdings holdings() const;

  std::map<Environment, Head> heads_;
  InOrder<Rollback> rollbacks_;
  InOrder<Deployment> deployments_;
  InOrder<TriggerRecord> triggers_;
  InOrder<Told> notices_;
  std::vector<StoredEntry> entries_;

  Places rollback_places_;
  Places deployment_places_;
  Places trigger_places_;
  Places notice_places_;
  std::unordered_map<std::string, std::vector<std::size_t>> chains_;  // by environment
  std::set<Wake> wakes_;                                              // of active rollbacks
  std::set<std::uint64_t> waiting_;                                   // notices not closed
  std::uint64_t place_ = 0;  // the newest number given to a record
  std::uint64_t commits_ = 0;
};

}  // namespace stepback
