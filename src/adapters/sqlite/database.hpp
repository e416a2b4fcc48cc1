// SPDX-License-Identifier: Apache-2.0
#pragma once

// Database: one connection to the store's file, with its settings made and its errors translated.
// Used inside adapters/sqlite only. A connection and its queries belong to one thread at a time.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "base/time.hpp"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace stepback::sqlite {

// A value for a parameter. Texts are copied when they are bound.
struct Bound {
  enum class Kind { nothing, integer, text };

  Bound(std::nullopt_t) {}
  Bound(std::int64_t value) : kind(Kind::integer), integer(value) {}
  Bound(std::uint64_t value) : Bound(static_cast<std::int64_t>(value)) {}
  Bound(int value) : Bound(std::int64_t{value}) {}
  Bound(bool value) : Bound(std::int64_t{value}) {}
  Bound(Instant value) : Bound(value.ms) {}
  Bound(std::string_view value) : kind(Kind::text), text(value) {}
  Bound(const std::string& value) : Bound(std::string_view(value)) {}
  Bound(const char* value) : Bound(std::string_view(value)) {}

  Kind kind = Kind::nothing;
  std::int64_t integer = 0;
  std::string_view text;
};
using Arguments = std::initializer_list<Bound>;

// Rows, one after the other. It borrows a statement of its connection and gives it back at the end
// of its life; the same SQL can't be in two queries of one connection at a time.
class Query {
 public:
  Query(SQLite::Statement& statement, const std::string& path);
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  Result<bool> next();  // true: there is a row
  std::int64_t integer(int column) const;
  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  SQLite::Statement* statement_;
  const std::string* path_;
};

class Database {
 public:
  struct Options {
    std::string path;
    std::string vfs;  // of SQLite's; empty: the default. Tests put a faulty one here
    Duration busy_timeout = seconds(5);
    bool only_reads = false;  // refuses every change on this connection
  };

  // The file must exist. Makes every setting that belongs to a connection.
  static Result<Database> open(const Options& options);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  Result<Query> query(std::string_view sql, Arguments arguments = {});
  Result<> run(std::string_view sql, Arguments arguments = {});  // one statement, to its end
  Result<> run_script(const std::string& sql);                   // several, without parameters
  Result<std::int64_t> number(std::string_view sql, Arguments arguments = {});  // first of first
  Result<std::string> word(std::string_view sql, Arguments arguments = {});

  // Takes the right to write at once, so that what is read in between still holds at the end.
  Result<> begin();
  Result<> begin_reading();  // one state of everything until the end
  Result<> commit();
  void roll_back();  // also after errors that already did; never fails

  bool is_read_only() const;  // the file lets nobody here write
  const std::string& path() const;

  // Copies everything, as it is now, into a new file; writers go on meanwhile.
  Result<> copy_to(const std::string& path);

 private:
  Database(const Options& options, std::unique_ptr<SQLite::Database> connection);
  Result<> set_up(const Options& options);
  Result<SQLite::Statement*> prepared(std::string_view sql);

  // Behind a pointer, so that queries keep their way to the path when a Database moves.
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace stepback::sqlite
