// SPDX-License-Identifier: Apache-2.0
// The Outbox of SqliteStore.
#include "adapters/sqlite/inside.hpp"
#include "adapters/sqlite/queries.hpp"

namespace stepback {

Result<std::vector<OutboxItem>> SqliteStore::waiting(Instant now, std::size_t limit) {
  auto reader = TRY(inside_->readers.borrow());
  TRY(reader->begin_reading());
  auto query = TRY(reader->query(sqlite::waiting_sql, {now, sqlite::limit_of(limit)}));
  std::vector<OutboxItem> found;
  while (TRY(query.next())) {
    const std::string key = query.text(2);
    OutboxItem item;
    item.notice = TRY(read_back<Notice>("notice " + key, query.text(0), query.text(1)));
    item.attempts = static_cast<int>(query.integer(3));
    item.next_at = {query.integer(4)};
    auto told =
        TRY(reader->query("SELECT channel FROM told WHERE notice = ? ORDER BY sequence", {key}));
    while (TRY(told.next())) item.told.push_back(told.text(0));
    found.push_back(std::move(item));
  }
  return found;
}

// Changes the bookkeeping about a notice; the notice itself stays.
Result<> SqliteStore::change_notice(const std::string& key, std::string_view sql,
                                    std::initializer_list<sqlite::Bound> arguments) {
  if (!inside_->writer) {
    return fail(Code::denied, "store " + inside_->options.path + " may only be read here");
  }
  return inside_->writer->run(
      {.check = [&](sqlite::Book& book) -> Result<> {
         auto query = TRY(book.database().query("SELECT 1 FROM outbox WHERE key = ?", {key}));
         const bool found = TRY(query.next());
         if (!found) return fail(Code::not_found, "no notice " + key);
         return {};
       },
       .write = [&](sqlite::Book& book) { return book.database().run(sql, arguments); }});
}

Result<> SqliteStore::claim(const OutboxItem& seen, Instant until) {
  const auto& key = seen.notice.key;
  if (!inside_->writer) {
    return fail(Code::denied, "store " + inside_->options.path + " may only be read here");
  }
  return inside_->writer->run(
      {.check = [&](sqlite::Book& book) -> Result<> {
         auto query = TRY(book.database().query(
             "SELECT 1 FROM outbox WHERE key = ? AND closed = 0 AND next_at = ?",
             {key, seen.next_at}));
         const bool found = TRY(query.next());
         if (!found) return fail(Code::conflict, "somebody else tells " + key);
         return {};
       },
       .write =
           [&](sqlite::Book& book) {
             return book.database().run("UPDATE outbox SET next_at = ? WHERE key = ?",
                                        {until, key});
           }});
}

Result<> SqliteStore::mark_told(const std::string& notice_key, const std::string& channel,
                                Instant now) {
  return change_notice(notice_key,
                       "INSERT INTO told (notice, channel, at) VALUES (?, ?, ?)"
                       " ON CONFLICT (notice, channel) DO NOTHING",
                       {notice_key, channel, now});
}

Result<> SqliteStore::try_again(const std::string& notice_key, Instant next_at,
                                const std::string& why) {
  return change_notice(
      notice_key, "UPDATE outbox SET attempts = attempts + 1, next_at = ?, why = ? WHERE key = ?",
      {next_at, why, notice_key});
}

Result<> SqliteStore::close(const std::string& notice_key) {
  return change_notice(notice_key, "UPDATE outbox SET closed = 1 WHERE key = ?", {notice_key});
}

}  // namespace stepback
