// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/store.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/sqlite/inside.hpp"
#include "adapters/sqlite/prepared.hpp"
#include "adapters/sqlite/queries.hpp"
#include "adapters/sqlite/schema.hpp"
#include "base/random.hpp"

namespace stepback {
namespace {

using sqlite::Database;

std::unexpected<Error> read_only(const std::string& path) {
  return fail(Code::denied, "store " + path + " may only be read here");
}

// SQLite waits for nobody here: while another process does the same, it answers that the store is
// locked. A transaction does wait, within the limit that the store was opened with.
Result<std::string> keep_a_log(Database& database) {
  constexpr int most_tries = 20;
  for (int tries = 1;; ++tries) {
    auto mode = database.word("PRAGMA journal_mode = WAL");
    if (mode || mode.error().code != Code::unavailable || tries == most_tries) return mode;
    TRY(database.begin());
    TRY(database.commit());
  }
}

Result<> make_ready(Database& database) {
  if (database.is_read_only()) {
    // What can't be changed can't be brought up to date either; it must be as this program knows.
    const auto version = TRY(database.number("PRAGMA user_version"));
    const auto newest = static_cast<std::int64_t>(sqlite::migrations().size());
    if (version == newest) return {};
    return fail(Code::denied, fmt::format("store {} has schema {}, not {}, and may only be read",
                                          database.path(), version, newest));
  }
  // The log lets readers go on while somebody writes. It belongs to the file and stays.
  const auto mode = TRY(keep_a_log(database));
  if (mode != "wal") {
    return fail(Code::unavailable,
                "store " + database.path() + ": it can't keep a write-ahead log");
  }
  return sqlite::bring_up_to_date(database);
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const Options& options) {
  TRY(sqlite::make_place(options.path));
  const Database::Options writing{
      .path = options.path, .vfs = options.vfs, .busy_timeout = options.busy_timeout};
  Database::Options reading = writing;
  reading.only_reads = true;

  Database database = TRY(Database::open(writing));
  TRY(make_ready(database));
  const auto identity = TRY(sqlite::identity_of(options.path));
  std::unique_ptr<Inside> inside(
      new Inside{options, identity, sqlite::Readers(reading), std::nullopt});
  if (!database.is_read_only()) {
    const std::string writer = fmt::format("{}-{:016x}", ::getpid(), entropy());
    inside->writer.emplace(std::move(database), writing, writer);
  }
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(inside)));
}

Result<Rollback> SqliteStore::rollback(const RollbackId& id) {
  auto reader = TRY(inside_->readers.borrow());
  auto query = TRY(reader->query("SELECT document, digest FROM rollbacks WHERE id = ?", {id.text}));
  const bool found = TRY(query.next());
  if (!found) return fail(Code::not_found, "no rollback " + id.text);
  return read_back<Rollback>("rollback " + id.text, query.text(0), query.text(1));
}

Result<Head> SqliteStore::head(const Environment& environment) {
  auto reader = TRY(inside_->readers.borrow());
  auto query = TRY(reader->query("SELECT document, digest FROM heads WHERE environment = ?",
                                 {environment.name}));
  if (TRY(query.next())) {
    return read_back<Head>("the head of " + environment.name, query.text(0), query.text(1));
  }
  Head empty;
  empty.environment = environment;
  return empty;
}

Result<Deployment> SqliteStore::deployment(const DeploymentId& id) {
  auto reader = TRY(inside_->readers.borrow());
  auto query =
      TRY(reader->query("SELECT document, digest FROM deployments WHERE id = ?", {id.text}));
  const bool found = TRY(query.next());
  if (!found) return fail(Code::not_found, "no deployment " + id.text);
  return read_back<Deployment>("deployment " + id.text, query.text(0), query.text(1));
}

Result<TriggerRecord> SqliteStore::trigger(const std::string& key) {
  auto reader = TRY(inside_->readers.borrow());
  auto query = TRY(reader->query("SELECT document, digest FROM triggers WHERE key = ?", {key}));
  const bool found = TRY(query.next());
  if (!found) return fail(Code::not_found, "no trigger " + key);
  return read_back<TriggerRecord>("trigger " + key, query.text(0), query.text(1));
}

Result<> SqliteStore::commit(const Commit& commit) {
  return commit_each(std::span(&commit, 1)).front();
}

std::vector<Result<>> SqliteStore::commit_each(std::span<const Commit> commits) {
  if (!inside_->writer) {
    return std::vector<Result<>>(commits.size(), read_only(inside_->options.path));
  }
  std::vector<sqlite::Prepared> prepared(commits.begin(), commits.end());
  std::vector<sqlite::Work> works;
  works.reserve(prepared.size());
  for (auto& each : prepared) {
    works.push_back({.check = [&each](sqlite::Book& book) { return each.check(book); },
                     .write = [&each](sqlite::Book& book) { return each.write(book); }});
  }
  return inside_->writer->run(works);
}

Result<std::vector<Store::Due>> SqliteStore::due(Instant now, std::size_t limit) {
  auto reader = TRY(inside_->readers.borrow());
  auto query = TRY(reader->query(sqlite::due_sql, {now, sqlite::limit_of(limit)}));
  std::vector<Due> found;
  while (TRY(query.next())) {
    found.push_back({.id = {query.text(0)},
                     .wake_at = {query.integer(1)},
                     .lease = {query.text(2), query.count(3), {query.integer(4)}},
                     .revision = query.count(5)});
  }
  return found;
}

// --- the file -----------------------------------------------------------------------------------

Result<> SqliteStore::backup(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) return fail(Code::conflict, path + " is there already");
  const std::string partial = path + ".partial";
  ::unlink(partial.c_str());
  TRY(sqlite::make_place(partial));
  auto reader = TRY(inside_->readers.borrow());
  TRY(reader->copy_to(partial));
  if (::rename(partial.c_str(), path.c_str()) != 0) {
    return fail(Code::unavailable, "the copy " + path + " could not be put into its place");
  }
  return {};
}

Result<> SqliteStore::check_disk() {
  const std::string& path = inside_->options.path;
  const auto identity = sqlite::identity_of(path);
  if (!identity || *identity != inside_->identity) {
    return fail(Code::corrupt,
                "store " + path +
                    " was removed or replaced while it was open: stop, find out which"
                    " file is right, and start again");
  }
  if (!inside_->writer) return read_only(path);
  const auto free = TRY(sqlite::free_bytes(path));
  if (free >= inside_->options.least_free) return {};
  return fail(Code::unavailable,
              fmt::format("the disk of store {} is nearly full: {} MB are free, {} MB are wanted",
                          path, free >> 20, inside_->options.least_free >> 20));
}

}  // namespace stepback
