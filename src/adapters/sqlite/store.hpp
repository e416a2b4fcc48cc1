// SPDX-License-Identifier: Apache-2.0
#pragma once

// SqliteStore: Store, Outbox and Ledger in one SQLite file, durable when it answers. Several
// threads may use one object and several processes one file, on one machine. What lies where, and
// why, is in docs/internals/store.md.
//
//   const auto store = TRY(SqliteStore::open({.path = "/var/lib/stepback/stepback.db"}));

#include <initializer_list>
#include <memory>
#include <string>

#include "ports/ledger.hpp"
#include "ports/store.hpp"

namespace stepback {

namespace sqlite {
struct Bound;
}

class SqliteStore final : public Store, public Outbox, public Ledger {
 public:
  struct Options {
    std::string path;
    std::string vfs = {};                  // of SQLite's; empty: the default. For tests
    Duration busy_timeout = seconds(5);    // how long to wait for another process
    std::uint64_t least_free = 64u << 20;  // bytes that check_disk() wants to be free
  };

  // Makes the folder, the file and the schema where they are missing, and brings an older schema
  // up to date. invalid: a newer schema, another program's database, a disk of another machine.
  // corrupt: no store. denied: not readable. A file that may only be read is opened for reading.
  static Result<std::unique_ptr<SqliteStore>> open(const Options& options);
  ~SqliteStore() override;

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

  // Copies everything, as it is now, into a new file with the same rights; work goes on meanwhile.
  // conflict: there is a file of that name.
  Result<> backup(const std::string& path);

  // Whether the next commit can be expected to work: the file is still the one that was opened, it
  // may be written, and the disk has room. unavailable, denied or corrupt, with what to do.
  Result<> check_disk();

 private:
  struct Inside;
  explicit SqliteStore(std::unique_ptr<Inside> inside);

  Result<> change_notice(const std::string& key, std::string_view sql,
                         std::initializer_list<sqlite::Bound> arguments);

  std::unique_ptr<Inside> inside_;
};

}  // namespace stepback
