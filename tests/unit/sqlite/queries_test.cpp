// SPDX-License-Identifier: Apache-2.0
// No query walks a whole table or sorts: the plans say so, whatever the tables hold.
#include "adapters/sqlite/queries.hpp"

#include <gtest/gtest.h>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/store.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

class Plans : public ::testing::Test {
 protected:
  Plans() {
    EXPECT_TRUE(SqliteStore::open({.path = scratch_.file("store.db")}));
    database_ = sqlite::Database::open({.path = scratch_.file("store.db")}).value();
  }

  // Every step of the plan, a line each.
  std::string plan_of(const std::string& sql) {
    auto rows = database_->query("EXPLAIN QUERY PLAN " + sql).value();
    std::string plan;
    while (rows.next().value()) plan += rows.text(3) + "\n";
    return plan;
  }

 private:
  Scratch scratch_;
  std::optional<sqlite::Database> database_;
};

TEST_F(Plans, OfDeploymentsUseAnIndexForEveryQuestion) {
  for (int bits = 0; bits < 16; ++bits) {
    DeploymentQuery query;
    if (bits & 1) query.environment = Environment{"production"};
    if (bits & 2) query.status = DeploymentStatus::succeeded;
    if (bits & 4) query.since = Instant{1};
    if (bits & 8) query.until = Instant{2};
    const std::string plan = plan_of(sqlite::sql_of(query));
    EXPECT_FALSE(plan.contains("TEMP B-TREE")) << plan;
    if (query.environment && query.status) {
      EXPECT_TRUE(plan.contains("deployments_of_environment_by_status (environment=? AND status=?"))
          << plan;
    } else if (query.environment) {
      EXPECT_TRUE(plan.contains("deployments_of_environment (environment=?")) << plan;
    } else if (query.status) {
      EXPECT_TRUE(plan.contains("deployments_by_status (status=?")) << plan;
    }
    if (query.since) {
      EXPECT_TRUE(plan.contains("deployments_by_start (latest_start>?)")) << plan;
      EXPECT_TRUE(plan.contains(query.environment || query.status ? "sequence>?" : "rowid>?"))
          << plan;
    }
  }
}

TEST_F(Plans, OfRollbacksUseAnIndexForEveryQuestion) {
  for (int bits = 0; bits < 32; ++bits) {
    RollbackQuery query;
    if (bits & 1) query.environment = Environment{"production"};
    query.active_only = (bits & 2) != 0;
    if (bits & 4) query.since = Instant{1};
    if (bits & 8) query.until = Instant{2};
    if (bits & 16) query.origin = Origin::drill;
    const std::string plan = plan_of(sqlite::sql_of(query));
    EXPECT_FALSE(plan.contains("TEMP B-TREE")) << plan;
    if (query.active_only) {
      EXPECT_TRUE(plan.contains("rollbacks_active")) << plan;
    } else if (query.environment) {
      EXPECT_TRUE(plan.contains("rollbacks_of_environment (environment=?")) << plan;
    }
  }
}

TEST_F(Plans, OfWhatIsAskedAllTheTimeTouchOnlyWhatIsOpen) {
  EXPECT_TRUE(plan_of(std::string(sqlite::due_sql)).contains("rollbacks_due (wake_at<?)"));
  EXPECT_TRUE(plan_of(std::string(sqlite::waiting_sql)).contains("outbox_waiting"));
  EXPECT_TRUE(plan_of(std::string(sqlite::unfinished_sql)).contains("deployments_unfinished"));
  EXPECT_TRUE(plan_of(std::string(sqlite::triggers_of_environment_sql))
                  .contains("triggers_of_environment (environment=?)"));
  for (const auto sql : {sqlite::due_sql, sqlite::waiting_sql, sqlite::unfinished_sql,
                         sqlite::triggers_of_environment_sql, sqlite::triggers_sql}) {
    EXPECT_FALSE(plan_of(std::string(sql)).contains("TEMP B-TREE")) << sql;
  }
}

}  // namespace
}  // namespace stepback::testing
