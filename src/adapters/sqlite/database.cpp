// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/database.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/core.h>
#include <sqlite3.h>

#include <utility>

namespace stepback::sqlite {
namespace {

struct Meaning {
  Code code;
  std::string_view text;
};

Meaning meaning_of(int extended) {
  if (extended == SQLITE_IOERR_CORRUPTFS) return {Code::corrupt, "the file system is damaged"};
  switch (extended & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Code::unavailable, "another process holds it"};
    case SQLITE_FULL: return {Code::unavailable, "the disk is full"};
    case SQLITE_IOERR: return {Code::unavailable, "the disk failed"};
    case SQLITE_NOMEM: return {Code::unavailable, "there is not enough memory"};
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA: return {Code::unavailable, "it was disturbed"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {Code::corrupt, "it is damaged"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return {Code::denied, "it may not be opened or changed"};
    case SQLITE_CONSTRAINT: return {Code::conflict, "a rule of the store forbids it"};
    case SQLITE_TOOBIG: return {Code::invalid, "it is too large"};
    default: return {Code::internal, "the statement is wrong"};
  }
}

Error translated(const SQLite::Exception& exception, const std::string& path) {
  const int extended = exception.getExtendedErrorCode();
  const Meaning meaning = meaning_of(extended > 0 ? extended : exception.getErrorCode());
  return {meaning.code, fmt::format("store {}: {} ({})", path, meaning.text, exception.what())};
}

void bind(SQLite::Statement& statement, Arguments arguments) {
  int index = 0;
  for (const Bound& argument : arguments) {
    ++index;
    switch (argument.kind) {
      case Bound::Kind::nothing: statement.bind(index); break;
      case Bound::Kind::integer: statement.bind(index, argument.integer); break;
      case Bound::Kind::text: statement.bind(index, std::string(argument.text)); break;
    }
  }
}

}  // namespace

Query::Query(SQLite::Statement& statement, const std::string& path)
    : statement_(&statement), path_(&path) {}

Query::Query(Query&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), path_(other.path_) {}

Query::~Query() {
  if (statement_ != nullptr) statement_->tryReset();
}

Result<bool> Query::next() {
  try {
    return statement_->executeStep();
  } catch (const SQLite::Exception& exception) {
    return fail(translated(exception, *path_));
  }
}

std::int64_t Query::integer(int column) const { return statement_->getColumn(column).getInt64(); }
std::string Query::text(int column) const { return statement_->getColumn(column).getString(); }
bool Query::is_null(int column) const { return statement_->isColumnNull(column); }

struct Database::Inside {
  std::string path;
  std::unique_ptr<SQLite::Database> connection;
  // By their SQL. Declared after the connection, so that they go before it.
  std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> statements;
};

Database::Database(const Options& options, std::unique_ptr<SQLite::Database> connection)
    : inside_(std::make_unique<Inside>()) {
  inside_->path = options.path;
  inside_->connection = std::move(connection);
}

Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const Options& options) {
  std::unique_ptr<SQLite::Database> connection;
  try {
    // Each connection has one user at a time, so SQLite's own lock of it is not needed.
    connection = std::make_unique<SQLite::Database>(
        options.path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
        static_cast<int>(options.busy_timeout.count()), options.vfs);
  } catch (const SQLite::Exception& exception) {
    return fail(translated(exception, options.path));
  }
  Database database(options, std::move(connection));
  TRY(database.set_up(options));
  return database;
}

Result<> Database::set_up(const Options& options) {
  // FULL: what is answered with success has been flushed. Nothing in the file is trusted to call
  // functions, and a damaged page is noticed when it is read.
  TRY(
      run_script("PRAGMA synchronous = FULL;"
                 "PRAGMA foreign_keys = ON;"
                 "PRAGMA trusted_schema = OFF;"
                 "PRAGMA cell_size_check = ON;"
                 "PRAGMA temp_store = MEMORY;"));
  if (options.only_reads) TRY(run_script("PRAGMA query_only = ON;"));
  return {};
}

Result<SQLite::Statement*> Database::prepared(std::string_view sql) {
  auto& statement = inside_->statements[std::string(sql)];
  if (statement == nullptr) {
    try {
      statement = std::make_unique<SQLite::Statement>(*inside_->connection, std::string(sql));
    } catch (const SQLite::Exception& exception) {
      return fail(translated(exception, inside_->path));
    }
  }
  return statement.get();
}

Result<Query> Database::query(std::string_view sql, Arguments arguments) {
  SQLite::Statement* const statement = TRY(prepared(sql));
  try {
    bind(*statement, arguments);
  } catch (const SQLite::Exception& exception) {
    return fail(translated(exception, inside_->path));
  }
  return Query(*statement, inside_->path);
}

Result<> Database::run(std::string_view sql, Arguments arguments) {
  auto query = TRY(this->query(sql, arguments));
  for (bool more = true; more;) more = TRY(query.next());
  return {};
}

Result<> Database::run_script(const std::string& sql) {
  try {
    inside_->connection->exec(sql);
  } catch (const SQLite::Exception& exception) {
    return fail(translated(exception, inside_->path));
  }
  return {};
}

Result<std::int64_t> Database::number(std::string_view sql, Arguments arguments) {
  auto query = TRY(this->query(sql, arguments));
  const bool found = TRY(query.next());
  return found ? query.integer(0) : 0;
}

Result<std::string> Database::word(std::string_view sql, Arguments arguments) {
  auto query = TRY(this->query(sql, arguments));
  const bool found = TRY(query.next());
  return found ? query.text(0) : std::string();
}

Result<> Database::begin() { return run("BEGIN IMMEDIATE"); }
Result<> Database::begin_reading() { return run("BEGIN"); }
Result<> Database::commit() { return run("COMMIT"); }

void Database::roll_back() {
  if (sqlite3_get_autocommit(inside_->connection->getHandle()) != 0) return;
  // Should this fail, the transaction ends with the connection at the latest.
  static_cast<void>(run("ROLLBACK"));
}

bool Database::is_read_only() const {
  return sqlite3_db_readonly(inside_->connection->getHandle(), "main") != 0;
}

const std::string& Database::path() const { return inside_->path; }

Result<> Database::copy_to(const std::string& path) {
  try {
    SQLite::Database copy(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Backup backup(copy, *inside_->connection);
    if (backup.executeStep(-1) != SQLITE_DONE) {
      return fail(Code::unavailable, "store " + inside_->path + ": another process holds it");
    }
  } catch (const SQLite::Exception& exception) {
    return fail(translated(exception, path));
  }
  return {};
}

}  // namespace stepback::sqlite
