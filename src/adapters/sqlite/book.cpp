// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/book.hpp"

#include <fmt/core.h>

#include <charconv>

#include "base/digest.hpp"

namespace stepback::sqlite {
namespace {

// A writer that has been silent for this many transactions is gone.
constexpr std::int64_t remembered_transactions = 100'000;

}  // namespace

Tally::Number Tally::number_of(const Mark& mark) {
  const auto bytes = sha256(fmt::format("{}\n{}\n{}", mark.record, mark.revision, mark.digest));
  Number number{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    number[i / 4] |= std::uint32_t{bytes[i]} << (8 * (i % 4));
  }
  return number;
}

void Tally::add(const Mark& mark) {
  const Number number = number_of(mark);
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    carry += std::uint64_t{sum_[i]} + number[i];
    sum_[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
}

void Tally::take_off(const Mark& mark) {
  const Number number = number_of(mark);
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    const std::uint64_t taken = std::uint64_t{number[i]} + borrow;
    borrow = sum_[i] < taken ? 1 : 0;
    sum_[i] = static_cast<std::uint32_t>(sum_[i] - taken);
  }
}

std::string Tally::text() const {
  if (*this == Tally{}) return {};
  std::string text;
  for (const auto part : sum_) text += fmt::format("{:08x}", part);
  return text;
}

Result<Tally> Tally::from_text(std::string_view text) {
  Tally tally;
  if (text.empty()) return tally;
  bool fits = text.size() == 64;
  for (std::size_t i = 0; fits && i < tally.sum_.size(); ++i) {
    const char* const begin = text.data() + 8 * i;
    const auto [end, error] = std::from_chars(begin, begin + 8, tally.sum_[i], 16);
    fits = error == std::errc() && end == begin + 8;
  }
  if (!fits) return fail(Code::corrupt, "the store's tally is not 64 hexadecimal digits");
  return tally;
}

Book::Book(Database& database, std::string writer, std::uint64_t number)
    : database_(&database), writer_(std::move(writer)), number_(number) {}

Result<Book> Book::open(Database& database, const std::string& writer, std::uint64_t number) {
  Book book(database, writer, number);
  auto meta = TRY(database.query("SELECT transactions, tally FROM meta WHERE id = 1"));
  const bool found = TRY(meta.next());
  if (!found) return fail(Code::corrupt, "store " + database.path() + " has lost its meta record");
  book.transactions_ = meta.integer(0);
  book.tally_ = TRY(Tally::from_text(meta.text(1)));
  return book;
}

void Book::replaced(const Mark& before, const Mark& after) {
  if (!before.record.empty()) tally_.take_off(before);
  tally_.add(after);
}

void Book::removed(const Mark& mark) { tally_.take_off(mark); }

Result<> Book::append(const Unsealed& entry, const std::vector<Mark>& changed,
                      const std::vector<std::string>& gone) {
  std::uint64_t sequence = 0;
  std::string hash;
  {
    auto chain = TRY(database_->query("SELECT sequence, hash FROM chains WHERE environment = ?",
                                      {entry.environment.name}));
    if (TRY(chain.next())) {
      sequence = chain.count(0);
      hash = chain.text(1);
    }
  }
  ++sequence;
  const std::string body = body_of(entry.document, sequence, changed, gone);
  hash = hash_of(hash, body);
  const Bound rollback = entry.rollback.empty() ? Bound(std::nullopt) : Bound(entry.rollback);
  TRY(
      database_->run("INSERT INTO journal (environment, sequence, rollback, hash, body)"
                     " VALUES (?, ?, ?, ?, ?)",
                     {entry.environment.name, sequence, rollback, hash, body}));
  return database_->run(
      "INSERT INTO chains (environment, sequence, hash) VALUES (?, ?, ?)"
      " ON CONFLICT (environment) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
      {entry.environment.name, sequence, hash});
}

Result<> Book::close() {
  ++transactions_;
  TRY(database_->run("UPDATE meta SET transactions = ?, tally = ? WHERE id = 1",
                     {transactions_, tally_.text()}));
  if (number_ == 1) {
    TRY(database_->run("DELETE FROM writers WHERE seen_at < ?",
                       {transactions_ - remembered_transactions}));
  }
  return database_->run(
      "INSERT INTO writers (writer, newest, seen_at) VALUES (?, ?, ?)"
      " ON CONFLICT (writer) DO UPDATE SET newest = excluded.newest, seen_at = excluded.seen_at",
      {writer_, number_, transactions_});
}

Result<bool> is_there(Database& database, const std::string& writer, std::uint64_t number) {
  const auto newest = TRY(database.number("SELECT newest FROM writers WHERE writer = ?", {writer}));
  return static_cast<std::uint64_t>(newest) == number;
}

}  // namespace stepback::sqlite
