// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a SqliteStore is made of, shared by the files that carry out its ports: store.cpp,
// outbox.cpp, ledger.cpp, audit.cpp, retention.cpp.

#include <optional>
#include <string>
#include <string_view>

#include "adapters/sqlite/group_commit.hpp"
#include "adapters/sqlite/place.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/store.hpp"
#include "base/digest.hpp"
#include "wire/chain.hpp"

namespace stepback {

struct SqliteStore::Inside {
  SqliteStore::Options options;
  sqlite::Identity identity;  // of the file, when it was opened
  sqlite::Readers readers;
  std::optional<sqlite::GroupCommit> writer;  // none: the file may only be read
};

namespace sqlite {

// Every row's record, from a query whose first columns are document and digest.
template <Record T>
Result<std::vector<T>> read_all(std::string_view what, Query& query) {
  std::vector<T> records;
  while (TRY(query.next())) {
    records.push_back(TRY(read_back<T>(what, query.text(0), query.text(1))));
  }
  return records;
}

inline std::int64_t limit_of(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, INT32_MAX));
}

}  // namespace sqlite
}  // namespace stepback
