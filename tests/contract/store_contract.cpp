// SPDX-License-Identifier: Apache-2.0
#include "contract/store_contract.hpp"

#include <fmt/core.h>

#include <atomic>
#include <cstdlib>

#include "adapters/aws/store.hpp"
#include "adapters/sim/store.hpp"
#include "adapters/sqlite/store.hpp"
#include "engine/remembering.hpp"
#include "support/aws_endpoint.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

class SimSubject final : public Subject {
 public:
  Store& store() override { return store_; }
  Outbox& outbox() override { return store_; }
  Ledger& ledger() override { return store_; }

 private:
  SimStore store_;
};

class SqliteSubject final : public Subject {
 public:
  SqliteSubject() : store_(SqliteStore::open({.path = scratch_.file("store.db")}).value()) {}
  Store& store() override { return *store_; }
  Outbox& outbox() override { return *store_; }
  Ledger& ledger() override { return *store_; }

 private:
  Scratch scratch_;
  std::unique_ptr<SqliteStore> store_;
};

class RememberingSubject final : public Subject {
 public:
  RememberingSubject() { memory_.begin(); }
  Store& store() override { return memory_; }
  Outbox& outbox() override { return below_.outbox(); }
  Ledger& ledger() override { return below_.ledger(); }

 private:
  SqliteSubject below_;
  RememberingStore memory_{below_.store()};
};

// A table of its own on the emulated account that the test was started with.
class DynamoSubject final : public Subject {
 public:
  DynamoSubject() {
    const auto made = table_.create();
    EXPECT_TRUE(made) << made.error().message;
  }
  Store& store() override { return store_; }
  Outbox& outbox() override { return store_; }
  Ledger& ledger() override { return store_; }
  ManyRecords& many() override { return store_; }

 private:
  static std::string next_name() {
    static std::atomic<int> number = 0;
    return fmt::format("records-{}", ++number);
  }

  AwsEndpoint endpoint_;
  std::unique_ptr<aws::Service> service_ = endpoint_.service(aws::DynamoDb::dialect);
  aws::DynamoDb table_{*service_, next_name()};
  aws::DynamoStore store_{table_, {}, endpoint_.clock, endpoint_.waiter, Random(entropy())};
};

}  // namespace

Kind sim_store() {
  return {"Sim", [] { return std::make_unique<SimSubject>(); }};
}
Kind sqlite_store() {
  return {"Sqlite", [] { return std::make_unique<SqliteSubject>(); }};
}

Kind remembering_store() {
  return {"Remembering", [] { return std::make_unique<RememberingSubject>(); }};
}

std::vector<Kind> emulated_stores() {
  if (std::getenv("AWS_ENDPOINT_URL") == nullptr) return {};
  return {{"Dynamo", [] { return std::make_unique<DynamoSubject>(); }}};
}

void StoreContract::put(const Commit& commit) {
  const auto result = store().commit(commit);
  ASSERT_TRUE(result) << result.error().message;
}
void StoreContract::put(const Rollback& rollback) { put(Commit{.rollbacks = {rollback}}); }
void StoreContract::put(const Head& head) { put(Commit{.heads = {head}}); }
void StoreContract::put(const Deployment& deployment) { put(Commit{.deployments = {deployment}}); }
void StoreContract::put(const TriggerRecord& trigger) { put(Commit{.trigger = trigger}); }
void StoreContract::put(const Notice& notice) { put(Commit{.notices = {notice}}); }
void StoreContract::put(const JournalEntry& entry) { put(Commit{.journal = {entry}}); }

Code StoreContract::refusal(const Commit& commit) {
  const auto result = store().commit(commit);
  EXPECT_FALSE(result) << "it was accepted";
  return result ? Code::internal : result.error().code;
}

}  // namespace stepback::testing
