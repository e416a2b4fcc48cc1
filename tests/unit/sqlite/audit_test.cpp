// SPDX-License-Identifier: Apache-2.0
// The audit finds one changed byte wherever something was written down.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/sqlite/book.hpp"
#include "adapters/sqlite/store.hpp"
#include "support/records.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

using sqlite::Database;

class Audit : public ::testing::Test {
 protected:
  Audit() : store_(SqliteStore::open({.path = scratch_.file("store.db")}).value()) {
    EXPECT_TRUE(store_->commit({.trigger = a_trigger("k"),
                                .rollbacks = {a_rollback("1")},
                                .heads = {a_head()},
                                .deployments = {a_deployment("1")},
                                .journal = {an_entry("one"), an_entry("two", staging)},
                                .notices = {a_notice("n")}}));
    Rollback claimed = store_->rollback({"rb-1"}).value();
    claimed.lease = {.holder = "worker", .epoch = 1, .expires_at = noon};
    EXPECT_TRUE(store_->commit({.rollbacks = {claimed}}));  // without an entry
    EXPECT_TRUE(store_->commit({.heads = {a_head(staging)}, .journal = {an_entry("three")}}));
    database_ = Database::open({.path = scratch_.file("store.db")}).value();
    drop_rules();
  }

  void change(const std::string& sql) {
    const auto result = database_->run(sql);
    ASSERT_TRUE(result) << result.error().message;
  }
  std::vector<std::string> findings() const { return store_->audit().value().findings; }
  bool finds(const std::string& part) const {
    for (const auto& finding : findings()) {
      if (finding.contains(part)) return true;
    }
    return false;
  }

  std::string text_of(const std::string& table, const std::string& column, std::int64_t row) {
    return database_->word("SELECT " + column + " FROM " + table + " WHERE rowid = ?", {row})
        .value();
  }
  void put_text(const std::string& table, const std::string& column, std::int64_t row,
                const std::string& text) {
    ASSERT_TRUE(
        database_->run("UPDATE " + table + " SET " + column + " = ? WHERE rowid = ?", {text, row}));
  }
  std::vector<std::int64_t> rows_of(const std::string& table) {
    std::vector<std::int64_t> rows;
    auto query = database_->query("SELECT rowid FROM " + table).value();
    while (query.next().value()) rows.push_back(query.integer(0));
    return rows;
  }

  static std::string table_of(const std::string& update) {
    const std::string_view verb = "UPDATE ";
    return update.substr(verb.size(), update.find(' ', verb.size()) - verb.size());
  }

  // Every k-th byte of the column, in every row.
  void expect_every_byte_is_found(const std::string& table, const std::string& column,
                                  std::size_t step) {
    int flipped = 0;
    for (const auto row : rows_of(table)) {
      const std::string text = text_of(table, column, row);
      for (std::size_t at = 0; at < text.size(); at += step) {
        std::string damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        put_text(table, column, row, damaged);
        EXPECT_FALSE(findings().empty()) << table << "." << column << ", byte " << at;
        ++flipped;
      }
      put_text(table, column, row, text);
    }
    EXPECT_GT(flipped, 3);
    EXPECT_EQ(findings(), std::vector<std::string>{}) << "everything is as it was again";
  }

 private:
  void drop_rules() {
    std::vector<std::string> names;
    {
      auto query =
          database_->query("SELECT name FROM sqlite_schema WHERE type = 'trigger'").value();
      while (query.next().value()) names.push_back(query.text(0));
    }
    for (const auto& name : names) change("DROP TRIGGER " + name);
  }

 protected:
  Scratch scratch_;
  std::unique_ptr<SqliteStore> store_;
  std::optional<Database> database_;
};

TEST_F(Audit, FindsNothingInWhatWasWritten) { EXPECT_EQ(findings(), std::vector<std::string>{}); }

TEST_F(Audit, FindsEveryChangedByteOfADocument) {
  for (const char* table : {"heads", "rollbacks", "deployments", "triggers", "outbox"}) {
    expect_every_byte_is_found(table, "document", 7);
  }
}

TEST_F(Audit, FindsEveryChangedByteOfADigest) {
  for (const char* table : {"heads", "rollbacks", "deployments", "triggers", "outbox"}) {
    expect_every_byte_is_found(table, "digest", 16);
  }
}

TEST_F(Audit, FindsEveryChangedByteOfTheJournal) {
  expect_every_byte_is_found("journal", "body", 7);
  expect_every_byte_is_found("journal", "hash", 16);
}

TEST_F(Audit, FindsEveryChangedByteOfTheTally) { expect_every_byte_is_found("meta", "tally", 8); }

TEST_F(Audit, FindsAColumnThatSaysSomethingElseThanItsDocument) {
  for (const char* sql : {
           "UPDATE rollbacks SET active = 0",
           "UPDATE rollbacks SET wake_at = wake_at + 1",
           "UPDATE rollbacks SET lease_holder = 'me'",
           "UPDATE rollbacks SET lease_epoch = 9",
           "UPDATE rollbacks SET environment = 'test'",
           "UPDATE rollbacks SET revision = 9",
           "UPDATE heads SET slot = 'rb-1' WHERE environment = 'production'",
           "UPDATE heads SET revision = revision + 1",
           "UPDATE deployments SET status = 'failed'",
           "UPDATE deployments SET unfinished = 0",
           "UPDATE deployments SET started_at = 0",
           "UPDATE deployments SET rollback = 'rb-1'",
           "UPDATE triggers SET received_at = 1",
           "UPDATE triggers SET rollback = 'rb-1'",
           "UPDATE outbox SET at = 1",
           "UPDATE journal SET rollback = 'rb-9' WHERE position = 1",
       }) {
    change("CREATE TEMP TABLE kept AS SELECT * FROM " + table_of(sql));
    change(sql);
    EXPECT_TRUE(finds("says something else than")) << sql;
    change("DELETE FROM " + table_of(sql));
    change("INSERT INTO " + table_of(sql) + " SELECT * FROM temp.kept");
    change("DROP TABLE temp.kept");
    EXPECT_EQ(findings(), std::vector<std::string>{});
  }
}

TEST_F(Audit, FindsARecordThatIsMissing) {
  change("DELETE FROM deployments");
  EXPECT_TRUE(finds("deployment/dep-1: it is missing"));
  EXPECT_TRUE(finds("sum over all records"));
}

TEST_F(Audit, FindsARecordThatWasAdded) {
  change(
      "INSERT INTO deployments (id, environment, status, unfinished, started_at, latest_start,"
      " ended_at, revision, digest, document) SELECT 'dep-2', environment, status, unfinished,"
      " started_at, latest_start, ended_at, revision, digest, document FROM deployments");
  EXPECT_FALSE(findings().empty());
}

// Whoever changes a document and its digest with it is found by the journal and by the tally.
TEST_F(Audit, FindsADocumentThatWasChangedTogetherWithItsDigest) {
  const auto forged = [](Deployment deployment) {
    deployment.version = {"v666"};
    deployment.revision = 1;
    return deployment;
  }(a_deployment("1"));
  Scratch elsewhere;
  const auto other = SqliteStore::open({.path = elsewhere.file("store.db")}).value();
  Deployment fresh = forged;
  fresh.revision = 0;
  ASSERT_TRUE(other->commit({.deployments = {fresh}}));
  ASSERT_TRUE(database_->run("ATTACH ? AS other", {elsewhere.file("store.db")}));
  change(
      "UPDATE deployments SET (digest, document) ="
      " (SELECT digest, document FROM other.deployments)");
  EXPECT_TRUE(finds("deployment/dep-1: it is not what the journal says of it"));
  EXPECT_TRUE(finds("sum over all records"));
}

TEST_F(Audit, FindsAnOlderCopyOfARecord) {
  const auto before = text_of("heads", "document", 1);
  const auto digest = text_of("heads", "digest", 1);
  Head head = store_->head(production).value();
  ASSERT_EQ(head.revision, 1u);
  // The rules are gone, so the store can write; the older copy is then put back by hand.
  ASSERT_TRUE(store_->commit({.heads = {head}, .journal = {an_entry("four")}}));
  put_text("heads", "document", 1, before);
  put_text("heads", "digest", 1, digest);
  change("UPDATE heads SET revision = 1 WHERE rowid = 1");
  EXPECT_TRUE(finds("head/production: it is at revision 1, and the journal knows 2"));
}

TEST_F(Audit, FindsAnEntryThatIsMissing) {
  change("DELETE FROM journal WHERE environment = 'production' AND sequence = 1");
  EXPECT_TRUE(finds("journal of production, entry 2: it follows entry 0"));
}

TEST_F(Audit, FindsATailThatWasCutOff) {
  change("DELETE FROM journal WHERE environment = 'production' AND sequence = 2");
  EXPECT_TRUE(finds("journal of production: it ends with entry 1, and should with 2"));
}

TEST_F(Audit, FindsAHistoryThatWasCutOffWhole) {
  change("DELETE FROM journal WHERE environment = 'staging'");
  EXPECT_TRUE(finds("journal of staging: it ends with entry 0, and should with 1"));
}

TEST_F(Audit, FindsEntriesThatChangedPlaces) {
  change("UPDATE journal SET sequence = 99 WHERE environment = 'production' AND sequence = 1");
  change("UPDATE journal SET sequence = 1 WHERE environment = 'production' AND sequence = 2");
  change("UPDATE journal SET sequence = 2 WHERE environment = 'production' AND sequence = 99");
  EXPECT_FALSE(findings().empty());
}

TEST_F(Audit, FindsAnEntryThatWasPutIn) {
  change(
      "INSERT INTO journal (environment, sequence, hash, body)"
      " SELECT environment, sequence + 1, hash, body FROM journal"
      " WHERE environment = 'production' AND sequence = 2");
  EXPECT_TRUE(finds("journal of production"));
}

TEST_F(Audit, FindsAChainWhoseEndIsForgotten) {
  change("DELETE FROM chains WHERE environment = 'staging'");
  EXPECT_TRUE(finds("journal of staging: nothing tells where it should end"));
}

TEST(Tally, DoesNotDependOnTheOrder) {
  const Mark a{"head/a", 1, "11"};
  const Mark b{"head/b", 2, "22"};
  sqlite::Tally one;
  one.add(a);
  one.add(b);
  sqlite::Tally two;
  two.add(b);
  two.add(a);
  EXPECT_EQ(one, two);
  EXPECT_EQ(sqlite::Tally::from_text(one.text()).value(), one);
  one.take_off(a);
  one.take_off(b);
  EXPECT_EQ(one.text(), "");
}

TEST(Tally, IsRefusedWhenItIsNoNumber) {
  const std::string no_digits(64, 'g');
  for (const std::string& text : {std::string("1"), std::string("zz"), no_digits}) {
    EXPECT_EQ(sqlite::Tally::from_text(text).error().code, Code::corrupt) << text;
  }
}

}  // namespace
}  // namespace stepback::testing
