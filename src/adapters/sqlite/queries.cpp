// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/queries.hpp"

namespace stepback::sqlite {

std::string sql_of(const DeploymentQuery& query) {
  std::string sql = "SELECT document, digest FROM deployments WHERE 1";
  if (query.environment) sql += " AND environment = ?1";
  if (query.status) sql += " AND status = ?2";
  if (query.since) {
    // latest_start grows with the sequence: whatever lies before this point began earlier.
    sql +=
        " AND started_at >= ?3 AND sequence >= (SELECT sequence FROM deployments"
        " WHERE latest_start >= ?3 ORDER BY latest_start, sequence LIMIT 1)";
  }
  if (query.until) sql += " AND started_at < ?4";
  return sql + " ORDER BY sequence DESC LIMIT ?5";
}

std::string sql_of(const RollbackQuery& query) {
  std::string sql = "SELECT document, digest FROM rollbacks";
  if (query.active_only) sql += " INDEXED BY rollbacks_active";  // a handful among very many
  sql += " WHERE 1";
  if (query.environment) sql += " AND environment = ?1";
  if (query.active_only) sql += " AND active = 1";
  if (query.since) sql += " AND accepted_at >= ?2";
  if (query.until) sql += " AND accepted_at < ?3";
  if (query.origin) sql += " AND json_extract(document, '$.origin') = ?4";
  return sql + " ORDER BY sequence DESC LIMIT ?5";
}

}  // namespace stepback::sqlite
