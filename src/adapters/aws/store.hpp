// SPDX-License-Identifier: Apache-2.0
#pragma once

// DynamoStore: Store, Outbox and Ledger in one DynamoDB table, for where one machine is not enough.
// Every record is an item with its document, its digest and its revision; a commit is one
// transaction on condition of all revisions it was made from, with the same hash chain as on one
// machine. What decides is read from the items themselves, consistently; the indexes are for lists,
// and may be behind by a moment.
//
// An answer that was lost is looked up before commit() returns: an item carries the token of the
// transaction that wrote it. One commit changes at most 100 items. Any thread.

#include <atomic>
#include <mutex>

#include "adapters/aws/dynamodb.hpp"
#include "adapters/aws/items.hpp"
#include "ports/ledger.hpp"
#include "ports/many_records.hpp"
#include "ports/store.hpp"

namespace stepback::aws {

class DynamoStore final : public Store, public ManyRecords, public Outbox, public Ledger {
 public:
  DynamoStore(DynamoDb& table, Manner manner, const Clock& clock, Waiter& waiter, Random random)
      : table_(table),
        manner_(std::move(manner)),
        clock_(clock),
        waiter_(waiter),
        random_(random) {}

  Result<Rollback> rollback(const RollbackId& id) override;
  Result<Head> head(const Environment& environment) override;
  Result<Deployment> deployment(const DeploymentId& id) override;
  Result<TriggerRecord> trigger(const std::string& key) override;
  Result<> commit(const Commit& commit) override;
  std::vector<Result<>> commit_each(std::span<const Commit> commits) override;
  Result<std::vector<Due>> due(Instant now, std::size_t limit) override;

  // With each head, the end of its chain: whoever asks for it is about to write.
  Result<Found> read_many(const Wanted& wanted) override;

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

 private:
  Result<AuditReport> audit_once();
  Result<> carry_out(Plan& plan);
  Result<std::map<Environment, Chain>> chains_for(const Plan& plan);
  Result<bool> attempt(Plan& plan);
  Result<bool> write(Plan& plan, std::map<Environment, Chain>& chains);
  Result<bool> is_there(const std::vector<Change>& changes, const std::string& token);
  std::int64_t next_place();
  std::string next_token();
  bool pause();

  DynamoDb& table_;
  Manner manner_;
  const Clock& clock_;
  Waiter& waiter_;
  std::mutex mutex_;  // guards what follows
  Random random_;
  std::map<Environment, Chain> ends_;  // of the journal's chains, as this process left them
  std::int64_t place_ = 0;  // the newest given: a place in the lists, by the time it came
};

}  // namespace stepback::aws
