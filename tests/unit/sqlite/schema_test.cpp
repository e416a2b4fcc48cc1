// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/schema.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "adapters/sqlite/store.hpp"
#include "support/records.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

using sqlite::Database;
using sqlite::Migration;

class Schema : public ::testing::Test {
 protected:
  std::string path() const { return scratch_.file("store.db"); }
  std::string copy(int version) const { return path() + ".before-" + std::to_string(version); }

  Database opened() const {
    std::ofstream(path(), std::ios::app).flush();
    return Database::open({.path = path()}).value();
  }
  std::vector<Migration> with(std::string_view more) const {
    std::vector<Migration> steps(sqlite::migrations().begin(), sqlite::migrations().end());
    steps.push_back({"next", more});
    return steps;
  }
  std::int64_t version() const { return opened().number("PRAGMA user_version").value(); }

  const std::int64_t newest_ = static_cast<std::int64_t>(sqlite::migrations().size());
  Scratch scratch_;
};

TEST_F(Schema, IsMadeInAnEmptyFileAndMarksItAsOurs) {
  Database database = opened();
  ASSERT_TRUE(bring_up_to_date(database));
  EXPECT_EQ(version(), newest_);
  EXPECT_EQ(database.number("PRAGMA application_id").value(), sqlite::application_id);
  EXPECT_FALSE(std::filesystem::exists(copy(1))) << "there was nothing to copy";
}

TEST_F(Schema, IsLeftAloneWhenItIsTheNewest) {
  Database database = opened();
  ASSERT_TRUE(bring_up_to_date(database));
  const auto instance = database.word("SELECT instance FROM meta").value();
  ASSERT_TRUE(bring_up_to_date(database));
  EXPECT_EQ(database.word("SELECT instance FROM meta").value(), instance);
  EXPECT_EQ(instance.size(), 32u);
}

TEST_F(Schema, IsBroughtUpToDateWithACopyOfWhatWasThere) {
  {
    const auto store = SqliteStore::open({.path = path()}).value();
    ASSERT_TRUE(store->commit({.trigger = a_trigger("before")}));
  }
  Database database = opened();
  const auto steps = with("CREATE TABLE colours (name TEXT) STRICT;");
  ASSERT_TRUE(bring_up_to_date(database, steps));
  EXPECT_EQ(version(), newest_ + 1);
  EXPECT_TRUE(database.number("SELECT count(*) FROM colours"));

  const auto kept = SqliteStore::open({.path = copy(2)}).value();
  EXPECT_TRUE(kept->trigger("before"));
  const auto rights = std::filesystem::status(copy(2)).permissions();
  EXPECT_EQ(rights, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Schema, StaysAsItWasWhenAMigrationFails) {
  Database database = opened();
  ASSERT_TRUE(bring_up_to_date(database));
  const auto steps =
      with("CREATE TABLE colours (name TEXT) STRICT; CREATE TABLE heads (x) STRICT;");
  const auto result = bring_up_to_date(database, steps);
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message.starts_with("next: ")) << result.error().message;
  EXPECT_EQ(version(), newest_);
  EXPECT_FALSE(database.number("SELECT count(*) FROM colours"));
  EXPECT_TRUE(SqliteStore::open({.path = path()}));
}

TEST_F(Schema, IsRefusedWhenItIsNewerAndSaysWhatToDo) {
  {
    Database database = opened();
    ASSERT_TRUE(bring_up_to_date(database, with("CREATE TABLE colours (name TEXT) STRICT;")));
  }
  const auto store = SqliteStore::open({.path = path()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::invalid);
  EXPECT_TRUE(store.error().message.contains("of a newer stepback")) << store.error().message;
  EXPECT_EQ(version(), newest_ + 1);
}

TEST_F(Schema, IsNotPutIntoTheDatabaseOfAnotherProgram) {
  ASSERT_TRUE(opened().run_script("CREATE TABLE songs (title TEXT);"));
  const auto store = SqliteStore::open({.path = path()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::invalid);
  EXPECT_TRUE(store.error().message.contains("another program")) << store.error().message;
  EXPECT_FALSE(opened().number("SELECT count(*) FROM heads"));
}

TEST_F(Schema, IsMadeOnceWhenManyComeAtTheSameTime) {
  std::vector<Result<std::unique_ptr<SqliteStore>>> stores(8);
  {
    std::vector<std::jthread> threads;
    for (auto& store : stores) {
      threads.emplace_back([&] { store = SqliteStore::open({.path = path()}); });
    }
  }
  for (const auto& store : stores) EXPECT_TRUE(store) << store.error().message;
  EXPECT_EQ(opened().number("SELECT count(*) FROM meta").value(), 1);
}

}  // namespace
}  // namespace stepback::testing
