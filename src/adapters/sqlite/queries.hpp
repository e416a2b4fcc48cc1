// SPDX-License-Identifier: Apache-2.0
#pragma once

// The SQL of whatever is asked often or of a long history. Each walks an index to its limit; a
// test asks SQLite for the plans of all of them.

#include <string>
#include <string_view>

#include "ports/ledger.hpp"

namespace stepback::sqlite {

// Parameters are numbered, so that each means the same whichever conditions are in the text.
std::string sql_of(const DeploymentQuery& query);  // environment, status, since, until, limit
std::string sql_of(const RollbackQuery& query);    // environment, since, until, origin, limit

inline constexpr std::string_view due_sql =  // now, limit
    "SELECT id, wake_at, lease_holder, lease_epoch, lease_expires_at, revision FROM rollbacks"
    " WHERE active = 1 AND wake_at <= ? ORDER BY wake_at, sequence LIMIT ?";

inline constexpr std::string_view waiting_sql =  // now, limit
    "SELECT document, digest, key, attempts, next_at FROM outbox"
    " WHERE closed = 0 AND next_at <= ? ORDER BY sequence LIMIT ?";

inline constexpr std::string_view unfinished_sql =
    "SELECT document, digest FROM deployments WHERE unfinished = 1 ORDER BY sequence";

inline constexpr std::string_view triggers_of_environment_sql =  // environment, limit
    "SELECT document, digest FROM triggers WHERE environment = ?1 ORDER BY sequence DESC LIMIT ?2";
inline constexpr std::string_view triggers_sql =  // nothing, limit
    "SELECT document, digest FROM triggers WHERE ?1 = '' ORDER BY sequence DESC LIMIT ?2";

}  // namespace stepback::sqlite
