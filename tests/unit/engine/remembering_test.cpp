// SPDX-License-Identifier: Apache-2.0
// What a store that remembers asks of the one below, and what it must ask again.
#include "engine/remembering.hpp"

#include <gtest/gtest.h>

#include "adapters/sim/store.hpp"
#include "support/many_of.hpp"
#include "support/records.hpp"

namespace stepback {
namespace {

using testing::a_deployment;
using testing::a_head;
using testing::a_rollback;
using testing::a_trigger;
using testing::ended;
using testing::noon;
using testing::production;
using testing::staging;

// Counts what is read of it.
class CountedStore final : public Store {
 public:
  int reads = 0;
  std::optional<Error> trouble;  // after the next commit was carried out
  SimStore kept;

  Result<Rollback> rollback(const RollbackId& id) override { return ++reads, kept.rollback(id); }
  Result<Head> head(const Environment& where) override { return ++reads, kept.head(where); }
  Result<Deployment> deployment(const DeploymentId& id) override {
    return ++reads, kept.deployment(id);
  }
  Result<TriggerRecord> trigger(const std::string& key) override {
    return ++reads, kept.trigger(key);
  }
  Result<> commit(const Commit& commit) override {
    auto done = kept.commit(commit);
    if (trouble) return fail(*std::exchange(trouble, std::nullopt));
    return done;
  }
  std::vector<Result<>> commit_each(std::span<const Commit> commits) override {
    return kept.commit_each(commits);
  }
  Result<std::vector<Due>> due(Instant now, std::size_t limit) override {
    return kept.due(now, limit);
  }
};

class Remembering : public ::testing::Test {
 protected:
  Remembering() {
    EXPECT_TRUE(below.kept.commit({.rollbacks = {a_rollback("1")},
                                   .heads = {a_head(), a_head(staging)},
                                   .deployments = {a_deployment("1")}}));
  }
  // By another process.
  void somebody_writes(const Environment& where) {
    EXPECT_TRUE(below.kept.commit({.heads = {below.kept.head(where).value()}}));
  }
  int reads() { return std::exchange(below.reads, 0); }

  CountedStore below;
  ManyOf many{below.kept};
  RememberingStore store{below, &many};
};

TEST_F(Remembering, PassesEverythingOnUntilItIsBegun) {
  ASSERT_TRUE(store.head(production));
  ASSERT_TRUE(store.head(production));
  EXPECT_EQ(reads(), 2);
}

TEST_F(Remembering, AsksOnceForWhatItIsAskedTwice) {
  const RememberingStore::Span remembered(&store);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(store.rollback({"rb-1"})->id.text, "rb-1");
    EXPECT_EQ(store.head(production)->revision, 1u);
    EXPECT_EQ(store.deployment({"dep-1"})->id.text, "dep-1");
  }
  EXPECT_EQ(reads(), 3);
}

TEST_F(Remembering, KnowsNothingInTheNextSpan) {
  {
    const RememberingStore::Span remembered(&store);
    EXPECT_TRUE(store.head(production));
  }
  somebody_writes(production);
  const RememberingStore::Span remembered(&store);
  EXPECT_EQ(store.head(production)->revision, 2u);
}

TEST_F(Remembering, ReadsAgainWhatItWasToldToForget) {
  const RememberingStore::Span remembered(&store);
  ASSERT_TRUE(store.head(production));
  somebody_writes(production);
  store.forget();
  EXPECT_EQ(store.head(production)->revision, 2u);
}

TEST_F(Remembering, KnowsWhatItCommittedAsItIsStored) {
  const RememberingStore::Span remembered(&store);
  auto head = store.head(production).value();
  head.operations = 7;
  ASSERT_TRUE(store.commit({.trigger = a_trigger("k"), .heads = {head}}));
  reads();
  EXPECT_EQ(store.head(production).value(), below.kept.head(production).value());
  EXPECT_EQ(store.trigger("k").value(), a_trigger("k"));
  EXPECT_EQ(reads(), 0);
}

TEST_F(Remembering, ForgetsEverythingWhenSomebodyWasFirst) {
  const RememberingStore::Span remembered(&store);
  const auto old = store.head(production).value();
  ASSERT_TRUE(store.head(staging));
  somebody_writes(production);
  somebody_writes(staging);
  EXPECT_EQ(store.commit({.heads = {old}}).error().code, Code::conflict);
  EXPECT_EQ(store.head(production)->revision, 2u);
  EXPECT_EQ(store.head(staging)->revision, 2u);
}

TEST_F(Remembering, ForgetsEverythingWhenOneOfManyCommitsIsRefused) {
  const RememberingStore::Span remembered(&store);
  const auto old = store.head(production).value();
  somebody_writes(production);
  const std::vector<Commit> commits{{.trigger = a_trigger("k")}, {.heads = {old}}};
  EXPECT_FALSE(store.commit_each(commits)[1]);
  EXPECT_EQ(store.head(production)->revision, 2u);
}

TEST_F(Remembering, BelievesNothingOfACommitThatGotNoClearAnswer) {
  const RememberingStore::Span remembered(&store);
  const auto head = store.head(production).value();
  below.trouble = Error{Code::timeout, "nobody knows"};
  EXPECT_FALSE(store.commit({.heads = {head}}));
  EXPECT_EQ(store.head(production)->revision, 2u);
}

TEST_F(Remembering, NeverRemembersARollbackThatSomebodyHolds) {
  const RememberingStore::Span remembered(&store);
  auto rollback = store.rollback({"rb-1"}).value();
  rollback.lease = {.holder = "worker-7", .epoch = 1, .expires_at = noon + minutes(1)};
  ASSERT_TRUE(store.commit({.rollbacks = {rollback}}));
  reads();
  ASSERT_TRUE(store.rollback({"rb-1"}));
  ASSERT_TRUE(store.rollback({"rb-1"}));
  EXPECT_EQ(reads(), 2);
}

TEST_F(Remembering, RemembersARollbackThatHasEnded) {
  const RememberingStore::Span remembered(&store);
  ASSERT_TRUE(store.commit({.rollbacks = {ended(store.rollback({"rb-1"}).value())}}));
  reads();
  EXPECT_FALSE(is_active(store.rollback({"rb-1"}).value()));
  EXPECT_EQ(reads(), 0);
}

// A claim is written with the rollback and its head at once: one of each time would make no sense.
TEST_F(Remembering, ReadsHeadsAfterARollbackThatItHadToRead) {
  const RememberingStore::Span remembered(&store);
  ASSERT_TRUE(store.head(production));
  somebody_writes(production);
  ASSERT_TRUE(store.rollback({"rb-1"}));
  EXPECT_EQ(store.head(production)->revision, 2u);
}

TEST_F(Remembering, ReadsAheadAllThatIsExpected) {
  const RememberingStore::Span remembered(&store);
  store.expect({.triggers = {"k"}, .rollbacks = {{"rb-1"}}, .heads = {production, staging}});
  EXPECT_EQ(store.trigger("k").error().code, Code::not_found);
  EXPECT_TRUE(store.rollback({"rb-1"}));
  EXPECT_TRUE(store.head(production));
  EXPECT_TRUE(store.head(staging));
  EXPECT_EQ(reads(), 0);
}

TEST_F(Remembering, FindsASignalThatCameMeanwhileWhenItsCommitIsRefused) {
  const RememberingStore::Span remembered(&store);
  store.expect({.triggers = {"k"}, .rollbacks = {}, .heads = {}});
  EXPECT_FALSE(store.trigger("k"));
  ASSERT_TRUE(below.kept.commit({.trigger = a_trigger("k", staging)}));
  EXPECT_EQ(store.commit({.trigger = a_trigger("k")}).error().code, Code::conflict);
  EXPECT_EQ(store.trigger("k").value(), a_trigger("k", staging));
}

TEST_F(Remembering, ReadsOneByOneWhatItCannotReadAhead) {
  const RememberingStore::Span remembered(&store);
  many.refusal = Error{Code::unavailable, "others write to them"};
  store.expect({.triggers = {}, .rollbacks = {}, .heads = {production}});
  EXPECT_TRUE(store.head(production));
  EXPECT_EQ(reads(), 1);
  many.refusal.reset();
  store.expect({.triggers = {}, .rollbacks = {}, .heads = {staging}});
  EXPECT_TRUE(store.head(staging));
  EXPECT_EQ(reads(), 0);
}

TEST_F(Remembering, AsksOnceOnlyForWhatItHasNoRightTo) {
  const RememberingStore::Span remembered(&store);
  many.refusal = Error{Code::denied, "no right to it"};
  store.expect({.triggers = {"k"}, .rollbacks = {}, .heads = {}});
  store.expect({.triggers = {"k"}, .rollbacks = {}, .heads = {}});
  EXPECT_EQ(many.asked, 1);
}

TEST_F(Remembering, ReadsNothingAheadUntilItIsBegun) {
  store.expect({.triggers = {"k"}, .rollbacks = {}, .heads = {}});
  EXPECT_EQ(many.asked, 0);
}

}  // namespace
}  // namespace stepback
