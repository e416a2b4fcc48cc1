// SPDX-License-Identifier: Apache-2.0
#pragma once

// The schema and its numbered migrations (schema/*.sql, built into the program). The file says
// which one it has; older ones are brought up in one transaction, newer ones are refused.

#include <span>
#include <string_view>

#include "adapters/sqlite/database.hpp"

namespace stepback::sqlite {

struct Migration {
  std::string_view name;  // "001_records"
  std::string_view sql;
};

std::span<const Migration> migrations();  // schema version N is the state after the first N

// "Stbk": tells our files from other SQLite databases.
inline constexpr std::int64_t application_id = 0x5374626B;

// Leaves the file with the newest schema. A file that held records is copied beside itself first
// ("stepback.db.before-2"). Several processes may do this at once. Refuses: a newer schema and a
// database of another program (invalid), a damaged file (corrupt).
Result<> bring_up_to_date(Database& database, std::span<const Migration> steps = migrations());

}  // namespace stepback::sqlite
