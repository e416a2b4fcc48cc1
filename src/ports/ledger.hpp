// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ledger: the history, for people and for choosing candidates. Lists may be behind by a moment in
// some stores; what is decided from them is confirmed by the commit's own conditions.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"

namespace stepback {

struct DeploymentQuery {
  std::optional<Environment> environment;
  std::optional<DeploymentStatus> status;
  std::optional<Instant> since;  // started at or after
  std::optional<Instant> until;
  std::size_t limit = 50;
};

struct RollbackQuery {
  std::optional<Environment> environment;  // where it began
  bool active_only = false;
  std::optional<Origin> origin;
  std::optional<Instant> since;  // asked for at or after
  std::optional<Instant> until;
  std::size_t limit = 50;
};

inline bool matches(const Deployment& deployment, const DeploymentQuery& query) {
  return (!query.environment || deployment.environment == *query.environment) &&
         (!query.status || deployment.status == *query.status) &&
         (!query.since || deployment.started_at >= *query.since) &&
         (!query.until || deployment.started_at < *query.until);
}

inline bool matches(const Rollback& rollback, const RollbackQuery& query) {
  return (!query.environment || rollback.environment == *query.environment) &&
         (!query.active_only || is_active(rollback)) &&
         (!query.origin || rollback.origin == *query.origin) &&
         (!query.since || rollback.accepted_at >= *query.since) &&
         (!query.until || rollback.accepted_at < *query.until);
}

struct StoredEntry {
  std::uint64_t sequence = 0;  // within its environment's chain, from 1
  std::string hash;
  JournalEntry entry;
};

struct AuditReport {
  std::uint64_t entries = 0;
  std::uint64_t records = 0;
  std::vector<std::string> findings;  // empty: everything is as it was written
};

class Ledger {
 public:
  virtual ~Ledger() = default;

  virtual Result<std::vector<Deployment>> deployments(
      const DeploymentQuery& query) = 0;  // newest first
  virtual Result<std::vector<Deployment>>
  unfinished() = 0;  // in progress, or succeeded and not yet good
  virtual Result<std::vector<Rollback>> rollbacks(const RollbackQuery& query) = 0;   // newest first
  virtual Result<std::vector<StoredEntry>> journal(const RollbackId& rollback) = 0;  // oldest first
  virtual Result<std::vector<StoredEntry>> journal(const Environment& environment,
                                                   std::uint64_t after, std::size_t limit) = 0;
  virtual Result<std::vector<TriggerRecord>> triggers(const RollbackId& rollback) = 0;
  virtual Result<std::vector<TriggerRecord>> recent_triggers(
      const std::optional<Environment>& environment, std::size_t limit) = 0;

  // Reads everything and checks it: chains, gaps, records against what the journal says of them.
  virtual Result<AuditReport> audit() = 0;
  // Removes what may go: ended, unreferenced, older than `before`, beyond the newest `keep_good`
  // good deployments of each environment. Returns how many records went.
  virtual Result<std::uint64_t> expire(Instant before, int keep_good) = 0;
};

}  // namespace stepback
