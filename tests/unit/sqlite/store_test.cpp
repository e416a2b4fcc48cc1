// SPDX-License-Identifier: Apache-2.0
// The file of the store: what is no store, who may read it, who holds it, copies of it.
#include "adapters/sqlite/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/sqlite/database.hpp"
#include "base/random.hpp"
#include "support/records.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

using sqlite::Database;
namespace fs = std::filesystem;

class StoreFile : public ::testing::Test {
 protected:
  std::string path() const { return scratch_.file("store.db"); }
  Result<std::unique_ptr<SqliteStore>> open() const {
    return SqliteStore::open({.path = path(), .busy_timeout = Duration(50)});
  }
  void write_file(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary) << bytes;
  }
  static int rights_of(const fs::path& file) {
    return static_cast<int>(fs::status(file).permissions());
  }

  Scratch scratch_;
};

TEST_F(StoreFile, IsReadableForItsOwnerOnly) {
  const std::string path = scratch_.file("new/folder/store.db");
  const auto store = SqliteStore::open({.path = path}).value();
  ASSERT_TRUE(store->commit({.trigger = a_trigger("k")}));
  EXPECT_EQ(rights_of(path), 0600);
  EXPECT_EQ(rights_of(path + "-wal"), 0600);
  EXPECT_EQ(rights_of(scratch_.file("new")), 0700);
  EXPECT_EQ(rights_of(scratch_.file("new/folder")), 0700);
}

TEST_F(StoreFile, KeepsItsRecordsWhenItIsOpenedAgain) {
  ASSERT_TRUE(open().value()->commit({.heads = {a_head()}}));
  EXPECT_EQ(open().value()->head(production)->revision, 1u);
}

TEST_F(StoreFile, IsMadeFromAnEmptyFile) {
  write_file("");
  EXPECT_TRUE(open());
}

TEST_F(StoreFile, IsRefusedWhenItIsNoDatabase) {
  Random random(7);
  std::string bytes;
  for (int i = 0; i < 8192; ++i) bytes += static_cast<char>(random.below(256));
  write_file(bytes);
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::corrupt);
  EXPECT_TRUE(store.error().message.contains(path())) << store.error().message;
}

TEST_F(StoreFile, IsRefusedWhenItIsCutShort) {
  {
    const auto store = open().value();
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(store->commit({.trigger = a_trigger(std::to_string(i))}));
    }
  }
  fs::resize_file(path(), fs::file_size(path()) / 2);
  const auto store = open();
  if (!store) {
    EXPECT_EQ(store.error().code, Code::corrupt) << store.error().message;
    return;
  }
  EXPECT_FALSE(store.value()->audit()->findings.empty());
}

TEST_F(StoreFile, IsRefusedWhenItIsAFolder) {
  fs::create_directory(path());
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::denied) << store.error().message;
}

// Root may read everything, so the test becomes somebody else for a while.
class AsNobody {
 public:
  AsNobody() : was_root_(::geteuid() == 0 && ::seteuid(65'534) == 0) {}
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_;
};

TEST_F(StoreFile, IsReadWhenItMayOnlyBeRead) {
  {
    const auto store = open().value();
    ASSERT_TRUE(store->commit({.trigger = a_trigger("k"), .notices = {a_notice("n")}}));
  }
  // A log and an index are there, as beside a server that runs.
  const auto server = open().value();
  ASSERT_TRUE(server->trigger("k"));
  fs::permissions(scratch_.path(), fs::perms(0755));
  for (const auto& entry : fs::directory_iterator(scratch_.path())) {
    fs::permissions(entry.path(), fs::perms(0444));
  }
  const AsNobody somebody;
  const auto store = open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_TRUE((*store)->trigger("k"));
  const auto written = (*store)->commit({.trigger = a_trigger("other")});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::denied);
  EXPECT_EQ((*store)->close("n").error().code, Code::denied);
  EXPECT_EQ((*store)->expire(noon, 1).error().code, Code::denied);
  EXPECT_EQ((*store)->check_disk().error().code, Code::denied);
}

TEST_F(StoreFile, IsDeniedToWhomItDoesNotBelong) {
  ASSERT_TRUE(open());
  fs::permissions(path(), fs::perms::none);
  fs::permissions(scratch_.path(), fs::perms(0755));
  const AsNobody somebody;
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::denied) << store.error().message;
}

TEST_F(StoreFile, RefusesAChangeWhileAnotherProcessHoldsIt) {
  const auto store = open().value();
  int ready[2];
  int release[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(release), 0);
  char byte = 0;
  const pid_t child = ::fork();
  if (child == 0) {
    auto database = Database::open({.path = path()});
    const bool holds = database && database->begin();
    byte = holds ? 'y' : 'n';
    static_cast<void>(::write(ready[1], &byte, 1));
    static_cast<void>(::read(release[0], &byte, 1));
    ::_exit(0);
  }
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto refused = store->commit({.trigger = a_trigger("k")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable) << refused.error().message;
  EXPECT_EQ(store->trigger("k").error().code, Code::not_found) << "reading goes on";
  ASSERT_EQ(::write(release[1], &byte, 1), 1);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(store->commit({.trigger = a_trigger("k")}));
  for (const int end : {ready[0], ready[1], release[0], release[1]}) ::close(end);
}

TEST_F(StoreFile, DecidesNothingFromARecordThatWasChangedOutside) {
  const auto store = open().value();
  ASSERT_TRUE(store->commit({.heads = {a_head()}, .deployments = {a_deployment("1")}}));
  Database other = Database::open({.path = path()}).value();
  ASSERT_TRUE(other.run_script(
      "DROP TRIGGER heads_count_revisions; DROP TRIGGER deployments_count_revisions;"
      "UPDATE heads SET document = replace(document, '\"operations\":0', '\"operations\":7');"
      "UPDATE deployments SET document = replace(document, 'in_progress', 'succeeded');"));
  EXPECT_EQ(store->head(production).error().code, Code::corrupt);
  EXPECT_EQ(store->deployment({"dep-1"}).error().code, Code::corrupt);
  EXPECT_EQ(store->deployments({}).error().code, Code::corrupt);
}

// --- what no statement may do -------------------------------------------------------------------

TEST_F(StoreFile, HasRulesThatHoldForEveryStatement) {
  const auto store = open().value();
  ASSERT_TRUE(store->commit({.trigger = a_trigger("k"),
                             .rollbacks = {ended(a_rollback("1")), a_rollback("2")},
                             .heads = {a_head()},
                             .deployments = {a_deployment("1")},
                             .journal = {an_entry("one")}}));
  Database other = Database::open({.path = path()}).value();
  for (const char* sql : {
           "UPDATE journal SET body = ''",
           "DELETE FROM journal",
           "UPDATE chains SET sequence = 0",
           "UPDATE rollbacks SET revision = revision + 1 WHERE active = 0",
           "UPDATE rollbacks SET revision = revision + 2 WHERE active = 1",
           "UPDATE heads SET revision = revision",
           "DELETE FROM heads",
           "UPDATE deployments SET revision = revision + 1, started_at = 0",
           "UPDATE triggers SET rollback = 'rb-1'",
           "INSERT INTO told (notice, channel, at) VALUES ('nothing', 'slack', 0)",
           "INSERT INTO triggers (key, received_at, digest, document) VALUES ('k', 0, '', '')",
       }) {
    const auto result = other.run(sql);
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().code, Code::conflict) << result.error().message;
  }
}

// --- copies, and the disk -----------------------------------------------------------------------

TEST_F(StoreFile, CopiesItselfWhileItIsInUse) {
  const auto store = open().value();
  ASSERT_TRUE(store->commit({.trigger = a_trigger("before"), .journal = {an_entry("one")}}));
  const std::string copy = scratch_.file("copy.db");
  ASSERT_TRUE(store->backup(copy));
  ASSERT_TRUE(store->commit({.trigger = a_trigger("after")}));
  EXPECT_EQ(rights_of(copy), 0600);
  EXPECT_FALSE(fs::exists(copy + ".partial"));

  const auto kept = SqliteStore::open({.path = copy}).value();
  EXPECT_TRUE(kept->trigger("before"));
  EXPECT_FALSE(kept->trigger("after"));
  EXPECT_EQ(kept->audit()->findings, std::vector<std::string>{});
}

TEST_F(StoreFile, NeverCopiesItselfOverAFile) {
  const auto store = open().value();
  const auto result = store->backup(path());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::conflict);
}

TEST_F(StoreFile, SaysWhenTheDiskHasNoRoom) {
  ASSERT_TRUE(open());
  const auto store = SqliteStore::open({.path = path(), .least_free = UINT64_MAX}).value();
  const auto result = store->check_disk();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unavailable);
  EXPECT_TRUE(result.error().message.contains("nearly full")) << result.error().message;
}

TEST_F(StoreFile, SaysWhenTheFileWasReplacedOrRemoved) {
  const auto store = SqliteStore::open({.path = path(), .least_free = 0}).value();
  EXPECT_TRUE(store->check_disk());
  fs::rename(path(), scratch_.file("elsewhere.db"));
  EXPECT_EQ(store->check_disk().error().code, Code::corrupt);
  write_file("another");
  EXPECT_EQ(store->check_disk().error().code, Code::corrupt);
}

}  // namespace
}  // namespace stepback::testing
