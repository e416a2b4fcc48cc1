// SPDX-License-Identifier: Apache-2.0
#pragma once

// Store: the records that decisions rest on, and the one way to change them. A Commit is all or
// nothing, on condition that every record in it is still as it was read. Implementations are used
// from several threads, and several processes may share what is behind them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"

namespace stepback {

// One transaction. Each record carries the revision it was read with (0: it must not exist yet) and
// is stored with that revision plus one. A record that was read but not changed and still matters
// goes into `unchanged_*`: it is a condition only.
struct Commit {
  std::optional<TriggerRecord> trigger;  // must be new
  std::vector<Rollback> rollbacks;
  std::vector<Head> heads;
  std::vector<Head> unchanged_heads;
  std::vector<Deployment> deployments;
  std::vector<JournalEntry> journal;  // appended in this order, each to its environment's chain
  std::vector<Notice> notices;
};

class Store {
 public:
  virtual ~Store() = default;

  // Consistent reads. not_found when there is none; a head that was never written comes back empty
  // with revision 0.
  virtual Result<Rollback> rollback(const RollbackId& id) = 0;
  virtual Result<Head> head(const Environment& environment) = 0;
  virtual Result<Deployment> deployment(const DeploymentId& id) = 0;
  virtual Result<TriggerRecord> trigger(const std::string& key) = 0;

  // Durable when it returns success. conflict: nothing was written, somebody else was first (also
  // for a trigger that is there already). unavailable, timeout, corrupt: nothing was acknowledged;
  // after an unclear answer the store itself finds out before it answers.
  virtual Result<> commit(const Commit& commit) = 0;
  // Each stands for itself; those that pass become durable together, with one flush.
  virtual std::vector<Result<>> commit_each(std::span<const Commit> commits) = 0;

  // Active rollbacks whose wake_at has passed, the longest waiting first. It looks; it claims
  // nothing.
  struct Due {
    RollbackId id;
    Instant wake_at;
    Lease lease;
    std::uint64_t revision = 0;
  };
  virtual Result<std::vector<Due>> due(Instant now, std::size_t limit) = 0;
};

struct OutboxItem {
  Notice notice;
  std::vector<std::string> told;  // channels that have it
  int attempts = 0;
  Instant next_at;
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // Notices that some channel has not got yet and that are due, oldest first.
  virtual Result<std::vector<OutboxItem>> waiting(Instant now, std::size_t limit) = 0;
  // Takes a notice up, as it was seen waiting, until a time: of several couriers one tells it, and
  // should that one die, it waits again from then on. conflict: another has it, or it was told.
  virtual Result<> claim(const OutboxItem& seen, Instant until) = 0;
  virtual Result<> mark_told(const std::string& notice_key, const std::string& channel,
                             Instant now) = 0;
  virtual Result<> try_again(const std::string& notice_key, Instant next_at,
                             const std::string& why) = 0;
  virtual Result<> close(const std::string& notice_key) = 0;  // every channel has it
};

}  // namespace stepback
