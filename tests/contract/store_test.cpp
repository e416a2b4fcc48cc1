// SPDX-License-Identifier: Apache-2.0
// What a Store promises: conditions, all or nothing, what is due.
#include "contract/store_contract.hpp"
#include "support/records.hpp"

namespace stepback::testing {
namespace {

template <class T>
void expect_same(const Result<T>& found, T expected, std::uint64_t revision) {
  ASSERT_TRUE(found) << found.error().message;
  expected.revision = revision;
  EXPECT_EQ(*found, expected);
}

TEST_P(StoreContract, GivesBackWhatWasWrittenAndCountsRevisions) {
  put(a_rollback("1"));
  put(a_head());
  put(a_deployment("1"));
  put(a_trigger("k"));
  expect_same(store().rollback({"rb-1"}), a_rollback("1"), 1);
  expect_same(store().head(production), a_head(), 1);
  expect_same(store().deployment({"dep-1"}), a_deployment("1"), 1);
  EXPECT_EQ(store().trigger("k").value(), a_trigger("k"));

  Rollback changed = store().rollback({"rb-1"}).value();
  changed.reason = "another";
  put(changed);
  expect_same(store().rollback({"rb-1"}), changed, 2);
}

TEST_P(StoreContract, SaysNotFoundOfWhatIsNotThere) {
  EXPECT_EQ(store().rollback({"rb-1"}).error().code, Code::not_found);
  EXPECT_EQ(store().deployment({"dep-1"}).error().code, Code::not_found);
  EXPECT_EQ(store().trigger("k").error().code, Code::not_found);
}

TEST_P(StoreContract, GivesAnEmptyHeadForAnEnvironmentThatWasNeverWritten) {
  EXPECT_EQ(store().head(staging).value(), a_head(staging));
}

TEST_P(StoreContract, RefusesARecordThatWasReadBeforeSomebodyElseWroteIt) {
  put(a_rollback("1"));
  put(a_head());
  put(a_deployment("1"));
  const Rollback rollback = store().rollback({"rb-1"}).value();
  const Head head = store().head(production).value();
  const Deployment deployment = store().deployment({"dep-1"}).value();
  put(rollback);
  put(head);
  put(deployment);
  EXPECT_EQ(refusal({.rollbacks = {rollback}}), Code::conflict);
  EXPECT_EQ(refusal({.heads = {head}}), Code::conflict);
  EXPECT_EQ(refusal({.deployments = {deployment}}), Code::conflict);
  EXPECT_EQ(store().rollback({"rb-1"})->revision, 2u);
}

TEST_P(StoreContract, RefusesANewRecordThatIsThereAlready) {
  put(a_rollback("1"));
  put(a_head());
  put(a_deployment("1"));
  EXPECT_EQ(refusal({.rollbacks = {a_rollback("1")}}), Code::conflict);
  EXPECT_EQ(refusal({.heads = {a_head()}}), Code::conflict);
  EXPECT_EQ(refusal({.deployments = {a_deployment("1")}}), Code::conflict);
}

TEST_P(StoreContract, RefusesToChangeARecordThatIsNotThere) {
  Rollback rollback = a_rollback("1");
  rollback.revision = 1;
  EXPECT_EQ(refusal({.rollbacks = {rollback}}), Code::conflict);
}

TEST_P(StoreContract, TakesATriggerOnce) {
  put(a_trigger("k"));
  TriggerRecord again = a_trigger("k", staging);
  EXPECT_EQ(refusal({.trigger = again}), Code::conflict);
  EXPECT_EQ(store().trigger("k").value(), a_trigger("k"));
}

TEST_P(StoreContract, HoldsToAHeadThatWasOnlyRead) {
  put(a_head());
  const Head read = store().head(production).value();
  put(Commit{.unchanged_heads = {read}, .deployments = {a_deployment("1")}});
  put(read);  // somebody writes it
  EXPECT_EQ(refusal({.unchanged_heads = {read}, .deployments = {a_deployment("2")}}),
            Code::conflict);
  EXPECT_EQ(store().deployment({"dep-2"}).error().code, Code::not_found);
}

TEST_P(StoreContract, HoldsToAHeadThatWasNotThere) {
  put(Commit{.unchanged_heads = {a_head()}, .journal = {an_entry("one")}});
  put(a_head());
  EXPECT_EQ(refusal({.unchanged_heads = {a_head()}}), Code::conflict);
}

TEST_P(StoreContract, WritesNothingOfACommitThatIsRefused) {
  put(a_head());
  EXPECT_EQ(refusal({.trigger = a_trigger("k"),
                     .rollbacks = {a_rollback("1")},
                     .heads = {a_head(staging), a_head(production)},
                     .deployments = {a_deployment("1")},
                     .journal = {an_entry("never")},
                     .notices = {a_notice("n")}}),
            Code::conflict);
  EXPECT_FALSE(store().trigger("k"));
  EXPECT_FALSE(store().rollback({"rb-1"}));
  EXPECT_FALSE(store().deployment({"dep-1"}));
  EXPECT_EQ(store().head(staging)->revision, 0u);
  EXPECT_TRUE(ledger().journal(production, 0, 10)->empty());
  EXPECT_TRUE(outbox().waiting(noon, 10)->empty());
  EXPECT_TRUE(store().due(noon, 10)->empty());
}

TEST_P(StoreContract, RefusesACommitThatChangesARecordTwice) {
  EXPECT_EQ(refusal({.heads = {a_head(), a_head()}}), Code::invalid);
  EXPECT_EQ(refusal({.rollbacks = {a_rollback("1"), a_rollback("1")}}), Code::invalid);
  EXPECT_EQ(refusal({.deployments = {a_deployment("1"), a_deployment("1")}}), Code::invalid);
}

TEST_P(StoreContract, AcceptsACommitOfNothing) { put(Commit{}); }

TEST_P(StoreContract, NeverChangesARollbackThatHasEnded) {
  put(a_rollback("1"));
  put(ended(store().rollback({"rb-1"}).value()));
  Rollback again = store().rollback({"rb-1"}).value();
  again.why = "on second thoughts";
  EXPECT_EQ(refusal({.rollbacks = {again}}), Code::conflict);
  again.outcome.reset();
  EXPECT_EQ(refusal({.rollbacks = {again}}), Code::conflict);
  EXPECT_EQ(store().rollback({"rb-1"})->why, "");
}

TEST_P(StoreContract, KeepsADeploymentsEnvironmentAndStart) {
  put(a_deployment("1"));
  Deployment moved = store().deployment({"dep-1"}).value();
  moved.environment = staging;
  EXPECT_EQ(refusal({.deployments = {moved}}), Code::invalid);
  moved.environment = production;
  moved.started_at = noon + seconds(1);
  EXPECT_EQ(refusal({.deployments = {moved}}), Code::invalid);
}

TEST_P(StoreContract, AnswersEachOfManyCommitsForItself) {
  put(a_head());
  const std::vector<Commit> commits{
      {.trigger = a_trigger("a"), .heads = {store().head(production).value()}},
      {.trigger = a_trigger("a")},                       // the first one has it
      {.trigger = a_trigger("b"), .heads = {a_head()}},  // an old head
      {.trigger = a_trigger("c"), .journal = {an_entry("the third")}},
  };
  const auto answers = store().commit_each(commits);
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_TRUE(answers[0]);
  EXPECT_EQ(answers[1].error().code, Code::conflict);
  EXPECT_EQ(answers[2].error().code, Code::conflict);
  EXPECT_TRUE(answers[3]);
  EXPECT_TRUE(store().trigger("a"));
  EXPECT_FALSE(store().trigger("b"));
  EXPECT_TRUE(store().trigger("c"));
}

TEST_P(StoreContract, AnswersNoCommitsWithNothing) { EXPECT_TRUE(store().commit_each({}).empty()); }

// --- many at once -------------------------------------------------------------------------------

TEST_P(StoreContract, ReadsManyRecordsAsItReadsEach) {
  put(a_rollback("1"));
  put(a_head());
  put(a_trigger("k"));
  const auto found = many().read_many({.triggers = {"k", "unknown"},
                                       .rollbacks = {{"rb-1"}, {"rb-2"}},
                                       .heads = {production, staging, Environment{}}});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->triggers.size(), 2u);
  EXPECT_EQ(found->triggers.at("k"), a_trigger("k"));
  EXPECT_EQ(found->triggers.at("unknown"), std::nullopt);
  ASSERT_EQ(found->rollbacks.size(), 1u);
  EXPECT_EQ(found->rollbacks[0], store().rollback({"rb-1"}).value());
  ASSERT_EQ(found->heads.size(), 3u);
  EXPECT_EQ(found->heads[0], store().head(production).value());
  EXPECT_EQ(found->heads[1], a_head(staging));
  EXPECT_EQ(found->heads[2], store().head(Environment{}).value());
}

TEST_P(StoreContract, CommitsBehindWhatItReadAtOnce) {
  put(Commit{.heads = {a_head()}, .journal = {an_entry("one")}});
  const auto found = many().read_many({.triggers = {}, .rollbacks = {}, .heads = {production}});
  ASSERT_TRUE(found) << found.error().message;
  put(Commit{.heads = {found->heads[0]}, .journal = {an_entry("two")}});
  EXPECT_EQ(refusal({.heads = {found->heads[0]}}), Code::conflict);
  EXPECT_EQ(ledger().journal(production, 0, 10)->size(), 2u);
  EXPECT_TRUE(ledger().audit()->findings.empty());
}

// --- due ----------------------------------------------------------------------------------------

std::vector<std::string> ids_of(const Result<std::vector<Store::Due>>& due) {
  std::vector<std::string> ids;
  for (const auto& each : due.value()) ids.push_back(each.id.text);
  return ids;
}
using Ids = std::vector<std::string>;

TEST_P(StoreContract, FindsTheLongestWaitingFirst) {
  put(a_rollback("late", production, noon + seconds(2)));
  put(a_rollback("early", staging, noon - seconds(2)));
  put(a_rollback("first-of-two", staging, noon));
  put(a_rollback("second-of-two", staging, noon));
  EXPECT_EQ(ids_of(store().due(noon, 10)),
            (Ids{"rb-early", "rb-first-of-two", "rb-second-of-two"}));
  EXPECT_EQ(ids_of(store().due(noon, 1)), Ids{"rb-early"});
  EXPECT_EQ(ids_of(store().due(noon + seconds(2), 10)).back(), "rb-late");
  EXPECT_EQ(ids_of(store().due(noon - seconds(3), 10)), Ids{});
}

TEST_P(StoreContract, FollowsAWakeThatMoves) {
  put(a_rollback("1"));
  Rollback moved = store().rollback({"rb-1"}).value();
  moved.lanes[0].wake_at = noon + minutes(1);
  put(moved);
  EXPECT_EQ(ids_of(store().due(noon, 10)), Ids{});
  EXPECT_EQ(ids_of(store().due(noon + minutes(1), 10)), Ids{"rb-1"});
}

TEST_P(StoreContract, WakesNobodyWhoWaitsForEverOrHasEnded) {
  put(a_rollback("waits", production, never));
  put(a_rollback("ended"));
  put(ended(store().rollback({"rb-ended"}).value()));
  EXPECT_EQ(ids_of(store().due(noon + days(1000), 10)), Ids{});
}

TEST_P(StoreContract, SaysWhoHoldsWhatIsDue) {
  Rollback rollback = a_rollback("1");
  rollback.lease = {.holder = "worker-7", .epoch = 3, .expires_at = noon + seconds(45)};
  put(rollback);
  const auto due = store().due(noon, 10).value();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].lease, rollback.lease);
  EXPECT_EQ(due[0].wake_at, noon);
  EXPECT_EQ(due[0].revision, 1u);
}

// --- outbox -------------------------------------------------------------------------------------

std::vector<std::string> keys_of(const Result<std::vector<OutboxItem>>& items) {
  std::vector<std::string> keys;
  for (const auto& item : items.value()) keys.push_back(item.notice.key);
  return keys;
}

TEST_P(StoreContract, HandsOutNoticesOldestFirst) {
  put(Commit{.notices = {a_notice("a"), a_notice("b")}});
  put(a_notice("c"));
  EXPECT_EQ(keys_of(outbox().waiting(noon, 10)), (Ids{"a", "b", "c"}));
  EXPECT_EQ(keys_of(outbox().waiting(noon, 2)), (Ids{"a", "b"}));
  EXPECT_EQ(outbox().waiting(noon, 1)->front().notice, a_notice("a"));
}

TEST_P(StoreContract, TellsANoticeOnceForItsKey) {
  Notice other = a_notice("a");
  other.reason = "again";
  put(Commit{.notices = {a_notice("a"), other}});
  put(other);
  const auto items = outbox().waiting(noon, 10).value();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].notice, a_notice("a"));
}

TEST_P(StoreContract, RemembersWhichChannelsHaveANotice) {
  put(a_notice("a"));
  ASSERT_TRUE(outbox().mark_told("a", "slack", noon));
  ASSERT_TRUE(outbox().mark_told("a", "pager", noon));
  ASSERT_TRUE(outbox().mark_told("a", "slack", noon));
  EXPECT_EQ(outbox().waiting(noon, 10)->front().told, (Ids{"slack", "pager"}));
}

TEST_P(StoreContract, PutsANoticeOffUntilItsTime) {
  put(a_notice("a"));
  ASSERT_TRUE(outbox().try_again("a", noon + seconds(5), "no route"));
  EXPECT_EQ(keys_of(outbox().waiting(noon, 10)), Ids{});
  ASSERT_TRUE(outbox().try_again("a", noon + seconds(9), "no route"));
  const auto items = outbox().waiting(noon + seconds(9), 10).value();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].attempts, 2);
  EXPECT_EQ(items[0].next_at, noon + seconds(9));
}

TEST_P(StoreContract, ForgetsANoticeThatEveryChannelHas) {
  put(Commit{.notices = {a_notice("a"), a_notice("b")}});
  ASSERT_TRUE(outbox().close("a"));
  ASSERT_TRUE(outbox().close("a"));
  EXPECT_EQ(keys_of(outbox().waiting(noon, 10)), Ids{"b"});
  put(a_notice("a"));
  EXPECT_EQ(keys_of(outbox().waiting(noon, 10)), Ids{"b"});
}

TEST_P(StoreContract, KnowsNoNoticeThatWasNeverWritten) {
  EXPECT_EQ(outbox().mark_told("a", "slack", noon).error().code, Code::not_found);
  EXPECT_EQ(outbox().try_again("a", noon, "").error().code, Code::not_found);
  EXPECT_EQ(outbox().close("a").error().code, Code::not_found);
}

TEST_P(StoreContract, GivesANoticeToOneOfTwoCouriers) {
  put(a_notice("a"));
  const auto seen = outbox().waiting(noon, 10).value();
  ASSERT_EQ(seen.size(), 1U);
  ASSERT_TRUE(outbox().claim(seen[0], noon + seconds(60)));
  EXPECT_EQ(outbox().claim(seen[0], noon + seconds(60)).error().code, Code::conflict);
  EXPECT_TRUE(outbox().waiting(noon + seconds(59), 10)->empty());
  // Whoever took it up died.
  EXPECT_EQ(outbox().waiting(noon + seconds(60), 10)->size(), 1U);
}

TEST_P(StoreContract, GivesNobodyANoticeThatIsClosedOrUnknown) {
  put(a_notice("a"));
  auto seen = outbox().waiting(noon, 10).value().front();
  ASSERT_TRUE(outbox().close("a"));
  EXPECT_EQ(outbox().claim(seen, noon + seconds(60)).error().code, Code::conflict);
  seen.notice.key = "b";
  EXPECT_EQ(outbox().claim(seen, noon + seconds(60)).error().code, Code::conflict);
}

INSTANTIATE_TEST_SUITE_P(Store, StoreContract,
                         ::testing::Values(sim_store(), sqlite_store(), remembering_store()),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Emulated, StoreContract, ::testing::ValuesIn(emulated_stores()),
                         [](const auto& test) { return test.param.name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);

}  // namespace
}  // namespace stepback::testing
