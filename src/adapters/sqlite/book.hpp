// SPDX-License-Identifier: Apache-2.0
#pragma once

// Book: what is kept beside the records so that a changed byte is found. Each stored document has
// its SHA-256 in its row; the tally is the sum of all of them, so that one record more or less is
// noticed too; and each environment's journal is a chain that names the records changed together
// with an entry. One transaction has one Book, used by whoever leads it.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "domain/environment.hpp"
#include "wire/chain.hpp"

namespace stepback::sqlite {

// A sum of marks modulo 2^256 that does not depend on their order.
class Tally {
 public:
  void add(const Mark& mark);
  void take_off(const Mark& mark);
  std::string text() const;  // empty for the sum of nothing
  static Result<Tally> from_text(std::string_view text);
  bool operator==(const Tally&) const = default;

 private:
  using Number = std::array<std::uint32_t, 8>;  // lowest first
  static Number number_of(const Mark& mark);
  Number sum_{};
};

// An entry as its chain holds it, before it has a place in it.
struct Unsealed {
  Environment environment;
  std::string rollback;  // empty: of none
  std::string document;
};

class Book {
 public:
  // `writer` is unique for a process, `number` grows with each of its transactions: together they
  // tell afterwards whether the transaction is there.
  static Result<Book> open(Database& database, const std::string& writer, std::uint64_t number);

  Database& database() { return *database_; }
  void replaced(const Mark& before, const Mark& after);  // an empty record: there was none
  void removed(const Mark& mark);
  Result<> append(const Unsealed& entry, const std::vector<Mark>& changed,
                  const std::vector<std::string>& gone);
  Result<> close();  // writes what is left to write; the commit follows

 private:
  Book(Database& database, std::string writer, std::uint64_t number);

  Database* database_;
  std::string writer_;
  std::uint64_t number_;
  std::int64_t transactions_ = 0;
  Tally tally_;
};

// Whether the transaction is in the file.
Result<bool> is_there(Database& database, const std::string& writer, std::uint64_t number);

}  // namespace stepback::sqlite
