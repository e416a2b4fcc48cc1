// SPDX-License-Identifier: Apache-2.0
// The Ledger of SqliteStore: lists. Every one walks an index from its newest end and stops at the
// limit, so that a long history costs no more than a short one.
#include "adapters/sqlite/inside.hpp"
#include "adapters/sqlite/queries.hpp"

namespace stepback {
namespace {

using sqlite::Query;

std::string name_or_empty(const std::optional<Environment>& environment) {
  return environment ? environment->name : "";
}

Result<std::vector<StoredEntry>> entries_of(Query& query) {
  std::vector<StoredEntry> entries;
  while (TRY(query.next())) {
    auto entry = from_document<JournalEntry>(query.text(2));
    if (!entry) {
      return fail(Code::corrupt, "journal entry " + query.text(0) + ": " + entry.error().message);
    }
    entries.push_back({query.count(0), query.text(1), *std::move(entry)});
  }
  return entries;
}

}  // namespace

Result<std::vector<Deployment>> SqliteStore::deployments(const DeploymentQuery& query) {
  auto reader = TRY(inside_->readers.borrow());
  const std::string environment = name_or_empty(query.environment);
  auto rows = TRY(reader->query(
      sqlite::sql_of(query),
      {environment, query.status ? name_of(*query.status) : "", query.since.value_or(Instant{}),
       query.until.value_or(Instant{}), sqlite::limit_of(query.limit)}));
  return sqlite::read_all<Deployment>("a deployment", rows);
}

Result<std::vector<Deployment>> SqliteStore::unfinished() {
  auto reader = TRY(inside_->readers.borrow());
  auto rows = TRY(reader->query(sqlite::unfinished_sql));
  return sqlite::read_all<Deployment>("a deployment", rows);
}

Result<std::vector<Rollback>> SqliteStore::rollbacks(const RollbackQuery& query) {
  auto reader = TRY(inside_->readers.borrow());
  const std::string environment = name_or_empty(query.environment);
  auto rows = TRY(
      reader->query(sqlite::sql_of(query),
                    {environment, query.since.value_or(Instant{}), query.until.value_or(Instant{}),
                     query.origin ? name_of(*query.origin) : "", sqlite::limit_of(query.limit)}));
  return sqlite::read_all<Rollback>("a rollback", rows);
}

Result<std::vector<StoredEntry>> SqliteStore::journal(const RollbackId& rollback) {
  auto reader = TRY(inside_->readers.borrow());
  auto rows = TRY(
      reader->query("SELECT sequence, hash, body FROM journal WHERE rollback = ? ORDER BY position",
                    {rollback.text}));
  return entries_of(rows);
}

Result<std::vector<StoredEntry>> SqliteStore::journal(const Environment& environment,
                                                      std::uint64_t after, std::size_t limit) {
  auto reader = TRY(inside_->readers.borrow());
  auto rows = TRY(reader->query(
      "SELECT sequence, hash, body FROM journal WHERE environment = ? AND sequence > ?"
      " ORDER BY sequence LIMIT ?",
      {environment.name, after, sqlite::limit_of(limit)}));
  return entries_of(rows);
}

Result<std::vector<TriggerRecord>> SqliteStore::triggers(const RollbackId& rollback) {
  auto reader = TRY(inside_->readers.borrow());
  auto rows = TRY(
      reader->query("SELECT document, digest FROM triggers WHERE rollback = ? ORDER BY sequence",
                    {rollback.text}));
  return sqlite::read_all<TriggerRecord>("a trigger", rows);
}

Result<std::vector<TriggerRecord>> SqliteStore::recent_triggers(
    const std::optional<Environment>& environment, std::size_t limit) {
  auto reader = TRY(inside_->readers.borrow());
  const std::string name = name_or_empty(environment);
  auto rows =
      TRY(reader->query(environment ? "SELECT document, digest FROM triggers WHERE environment = ?1"
                                      " ORDER BY sequence DESC LIMIT ?2"
                                    : "SELECT document, digest FROM triggers WHERE ?1 = ''"
                                      " ORDER BY sequence DESC LIMIT ?2",
                        {name, sqlite::limit_of(limit)}));
  return sqlite::read_all<TriggerRecord>("a trigger", rows);
}

}  // namespace stepback
