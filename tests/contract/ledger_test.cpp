// SPDX-License-Identifier: Apache-2.0
// What a Ledger promises: lists, the journal, the audit, what may expire.
#include "contract/store_contract.hpp"
#include "support/records.hpp"

namespace stepback::testing {
namespace {

class LedgerContract : public StoreContract {};
using Ids = std::vector<std::string>;

template <class Records>
Ids ids_of(const Result<Records>& records) {
  Ids ids;
  for (const auto& record : records.value()) ids.push_back(record.id.text);
  return ids;
}

Ids keys_of(const Result<std::vector<TriggerRecord>>& records) {
  Ids keys;
  for (const auto& record : records.value()) keys.push_back(record.key);
  return keys;
}

Ids texts_of(const Result<std::vector<StoredEntry>>& entries) {
  Ids texts;
  for (const auto& stored : entries.value()) texts.push_back(stored.entry.text);
  return texts;
}

TEST_P(LedgerContract, ListsDeploymentsNewestFirst) {
  // The newest is the one that came last, whatever a clock said.
  put(a_deployment("1", production, DeploymentStatus::failed, noon));
  put(a_deployment("2", staging, DeploymentStatus::failed, noon - hours(1)));
  put(a_deployment("3", production, DeploymentStatus::in_progress, noon - hours(2)));
  EXPECT_EQ(ids_of(ledger().deployments({})), (Ids{"dep-3", "dep-2", "dep-1"}));
  EXPECT_EQ(ids_of(ledger().deployments({.limit = 2})), (Ids{"dep-3", "dep-2"}));
  EXPECT_EQ(ids_of(ledger().deployments({.limit = 0})), Ids{});
  EXPECT_EQ(ids_of(ledger().deployments({.environment = production})), (Ids{"dep-3", "dep-1"}));
  EXPECT_EQ(ids_of(ledger().deployments({.status = DeploymentStatus::failed})),
            (Ids{"dep-2", "dep-1"}));
  EXPECT_EQ(
      ids_of(ledger().deployments({.environment = production, .status = DeploymentStatus::failed})),
      Ids{"dep-1"});
  EXPECT_EQ(ids_of(ledger().deployments({.environment = Environment{"test"}})), Ids{});
}

// A run of the pipeline belongs to no environment: it lies in the service's head, and what became
// of it in the service's journal.
TEST_P(LedgerContract, KeepsTheServicesOwnRunAndJournal) {
  Commit commit;
  Head service;
  service.run = stepback::Run{.id = {"run-1"}, .version = {"v2"}, .started_at = noon};
  service.run->stages = {{.name = "build", .state = StageState::running}};
  commit.heads.push_back(service);
  commit.journal.push_back({.at = noon, .kind = "run.started", .actor = "alice", .text = "v2"});
  commit.notices.push_back({.key = "run-1/ended", .kind = NoticeKind::run_ended, .at = noon});
  ASSERT_TRUE(store().commit(commit));
  const auto kept = store().head({});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->run, service.run);
  EXPECT_EQ(texts_of(ledger().journal(Environment{}, 0, 10)), Ids{"v2"});
  EXPECT_EQ(outbox().waiting(noon + hours(1), 10).value().size(), 1U);
  EXPECT_TRUE(ledger().audit().value().findings.empty());
}

TEST_P(LedgerContract, ListsDeploymentsOfATime) {
  for (int i = 0; i < 6; ++i) {
    const Instant at = noon + minutes(i % 2 == 0 ? i : i - 4);  // the clock goes back now and then
    put(a_deployment(std::to_string(i), production, DeploymentStatus::failed, at));
  }
  // started at: 0: 0, 1: -3, 2: 2, 3: -1, 4: 4, 5: 1
  EXPECT_EQ(ids_of(ledger().deployments({.since = noon})),
            (Ids{"dep-5", "dep-4", "dep-2", "dep-0"}));
  EXPECT_EQ(ids_of(ledger().deployments({.since = noon + minutes(2)})), (Ids{"dep-4", "dep-2"}));
  EXPECT_EQ(ids_of(ledger().deployments({.until = noon})), (Ids{"dep-3", "dep-1"}));
  EXPECT_EQ(ids_of(ledger().deployments({.since = noon, .until = noon + minutes(2)})),
            (Ids{"dep-5", "dep-0"}));
  EXPECT_EQ(ids_of(ledger().deployments({.since = noon + hours(1)})), Ids{});
}

TEST_P(LedgerContract, MovesADeploymentWithItsStatus) {
  put(a_deployment("1"));
  Deployment failed = store().deployment({"dep-1"}).value();
  failed.status = DeploymentStatus::failed;
  put(failed);
  EXPECT_EQ(ids_of(ledger().deployments({.status = DeploymentStatus::in_progress})), Ids{});
  EXPECT_EQ(ids_of(ledger().deployments({.status = DeploymentStatus::failed})), Ids{"dep-1"});
}

TEST_P(LedgerContract, ListsWhatIsInProgressOrBaking) {
  put(a_deployment("runs"));
  put(a_good_deployment("good"));
  Deployment baking = a_good_deployment("bakes", staging);
  baking.good_at.reset();
  put(baking);
  put(a_deployment("failed", staging, DeploymentStatus::failed));
  EXPECT_EQ(ids_of(ledger().unfinished()), (Ids{"dep-runs", "dep-bakes"}));
}

TEST_P(LedgerContract, ListsRollbacksNewestFirst) {
  put(a_rollback("1"));
  put(a_rollback("2", staging));
  Rollback later = a_rollback("3");
  later.accepted_at = noon + hours(1);
  put(later);
  put(ended(store().rollback({"rb-1"}).value()));
  EXPECT_EQ(ids_of(ledger().rollbacks({})), (Ids{"rb-3", "rb-2", "rb-1"}));
  EXPECT_EQ(ids_of(ledger().rollbacks({.limit = 1})), Ids{"rb-3"});
  EXPECT_EQ(ids_of(ledger().rollbacks({.active_only = true})), (Ids{"rb-3", "rb-2"}));
  EXPECT_EQ(ids_of(ledger().rollbacks({.environment = production})), (Ids{"rb-3", "rb-1"}));
  EXPECT_EQ(ids_of(ledger().rollbacks({.environment = production, .active_only = true})),
            Ids{"rb-3"});
  EXPECT_EQ(ids_of(ledger().rollbacks({.since = noon + minutes(1)})), Ids{"rb-3"});
  EXPECT_EQ(ids_of(ledger().rollbacks({.until = noon + hours(1)})), (Ids{"rb-2", "rb-1"}));
}

// --- journal ------------------------------------------------------------------------------------

TEST_P(LedgerContract, NumbersEachEnvironmentsHistoryFromOne) {
  put(Commit{.journal = {an_entry("p1"), an_entry("s1", staging), an_entry("p2")}});
  put(an_entry("p3"));
  const auto entries = ledger().journal(production, 0, 10).value();
  ASSERT_EQ(entries.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(entries[i].sequence, i + 1);
  EXPECT_EQ(entries[2].entry, an_entry("p3"));
  EXPECT_EQ(texts_of(ledger().journal(staging, 0, 10)), Ids{"s1"});
  EXPECT_EQ(texts_of(ledger().journal(production, 1, 10)), (Ids{"p2", "p3"}));
  EXPECT_EQ(texts_of(ledger().journal(production, 1, 1)), Ids{"p2"});
  EXPECT_EQ(texts_of(ledger().journal(production, 3, 10)), Ids{});
  EXPECT_EQ(texts_of(ledger().journal(Environment{"test"}, 0, 10)), Ids{});
}

TEST_P(LedgerContract, TellsARollbacksHistoryAcrossEnvironments) {
  JournalEntry first = an_entry("first");
  first.rollback = {"rb-1"};
  JournalEntry second = an_entry("second", staging);
  second.rollback = {"rb-1"};
  JournalEntry other = an_entry("other");
  other.rollback = {"rb-2"};
  put(Commit{.journal = {first, other}});
  put(second);
  put(an_entry("of none"));
  EXPECT_EQ(texts_of(ledger().journal(RollbackId{"rb-1"})), (Ids{"first", "second"}));
  EXPECT_EQ(texts_of(ledger().journal(RollbackId{"rb-9"})), Ids{});
}

TEST_P(LedgerContract, ListsTriggers) {
  TriggerRecord opened = a_trigger("a");
  opened.rollback = {"rb-1"};
  TriggerRecord joined = a_trigger("b");
  joined.rollback = {"rb-1"};
  put(opened);
  put(a_trigger("s", staging));
  put(joined);
  put(a_trigger("nowhere", std::nullopt));
  EXPECT_EQ(keys_of(ledger().triggers({"rb-1"})), (Ids{"a", "b"}));
  EXPECT_EQ(keys_of(ledger().recent_triggers(std::nullopt, 10)), (Ids{"nowhere", "b", "s", "a"}));
  EXPECT_EQ(keys_of(ledger().recent_triggers(std::nullopt, 2)), (Ids{"nowhere", "b"}));
  EXPECT_EQ(keys_of(ledger().recent_triggers(production, 10)), (Ids{"b", "a"}));
}

TEST_P(LedgerContract, FindsNothingWrongWithWhatItWrote) {
  put(Commit{.trigger = a_trigger("k"),
             .rollbacks = {a_rollback("1")},
             .heads = {a_head()},
             .deployments = {a_deployment("1")},
             .journal = {an_entry("one"), an_entry("two", staging)},
             .notices = {a_notice("n")}});
  Rollback rollback = store().rollback({"rb-1"}).value();
  rollback.lease.holder = "worker";
  put(rollback);  // without an entry
  const auto report = ledger().audit().value();
  EXPECT_EQ(report.findings, Ids{});
  EXPECT_EQ(report.entries, 2u);
  EXPECT_EQ(report.records, 5u);
}

// Correcting a record is written like any other change: with an entry, and nothing is lost of it.
TEST_P(LedgerContract, KeepsWhatAnAmendedRecordSaidBefore) {
  put(a_deployment("1", production, DeploymentStatus::in_progress, noon));
  auto amended = store().deployment({"dep-1"}).value();
  const Amendment amendment{.at = noon + minutes(9),
                            .by = "bob",
                            .reason = "it died",
                            .from = DeploymentStatus::in_progress,
                            .to = DeploymentStatus::failed,
                            .ended_before = noon};
  amended.status = amendment.to;
  amended.amendments = {amendment};
  auto entry = an_entry("in_progress failed: it died");
  entry.kind = "record.amended";
  entry.deployment = amended.id;
  put(Commit{.deployments = {amended}, .journal = {entry}});
  EXPECT_EQ(store().deployment({"dep-1"}).value().amendments, std::vector{amendment});
  EXPECT_EQ(texts_of(ledger().journal(production, 0, 10)), Ids{"in_progress failed: it died"});
  EXPECT_EQ(ledger().audit().value().findings, Ids{});
}

// --- retention ----------------------------------------------------------------------------------

const Instant long_ago = noon - days(100);
const Instant limit = noon - days(90);

TEST_P(LedgerContract, RemovesWhatEndedLongAgo) {
  put(a_deployment("old", production, DeploymentStatus::failed, long_ago));
  put(a_deployment("new", production, DeploymentStatus::failed, noon));
  EXPECT_EQ(ledger().expire(limit, 5).value(), 1u);
  EXPECT_EQ(ids_of(ledger().deployments({})), Ids{"dep-new"});
  EXPECT_FALSE(store().deployment({"dep-old"}));
  EXPECT_EQ(ledger().expire(limit, 5).value(), 0u);
}

TEST_P(LedgerContract, KeepsTheNewestGoodDeploymentsOfEachEnvironment) {
  for (const char* id : {"1", "2", "3"}) put(a_good_deployment(id, production, long_ago));
  put(a_good_deployment("s", staging, long_ago));
  EXPECT_EQ(ledger().expire(limit, 2).value(), 1u);
  EXPECT_EQ(ids_of(ledger().deployments({})), (Ids{"dep-s", "dep-3", "dep-2"}));
}

TEST_P(LedgerContract, KeepsWhatIsUnfinishedAndWhatItCameFrom) {
  put(a_deployment("before", production, DeploymentStatus::failed, long_ago));
  Deployment running = a_deployment("runs", production, DeploymentStatus::in_progress, long_ago);
  running.predecessor = {.deployment = {"dep-before"}};
  put(running);
  EXPECT_EQ(ledger().expire(limit, 0).value(), 0u);
}

TEST_P(LedgerContract, KeepsWhatAHeadOrAnActiveRollbackNames) {
  for (const char* id : {"current", "live", "rejected", "target", "forgotten"}) {
    put(a_deployment(id, production, DeploymentStatus::failed, long_ago));
  }
  Head head = a_head();
  head.current = {"dep-current"};
  head.live = {.deployment = {"dep-live"}};
  put(head);
  Rollback rollback = a_rollback("1");
  rollback.rejected.deployment = {"dep-rejected"};
  rollback.lanes[0].target.emplace().release.deployment = {"dep-target"};
  put(rollback);
  EXPECT_EQ(ledger().expire(limit, 0).value(), 1u);
  EXPECT_FALSE(store().deployment({"dep-forgotten"}));
}

TEST_P(LedgerContract, KeepsRollbacksThatAreActiveOrNamed) {
  const auto put_ended = [&](const std::string& id) {
    Rollback rollback = ended(a_rollback(id), long_ago);
    rollback.accepted_at = long_ago;
    put(rollback);
  };
  for (const char* id : {"waited-for", "holds", "of-deployment", "taken-over", "forgotten"}) {
    put_ended(id);
  }
  Head head = a_head();
  head.waiting = {.rollback = {"rb-waited-for"}};
  head.holds = {{.rollback = RollbackId{"rb-holds"}}};
  put(head);
  Deployment deployment = a_deployment("1", production, DeploymentStatus::rolled_back, noon);
  deployment.rollback = {"rb-of-deployment"};
  put(deployment);
  Rollback active = a_rollback("active");
  active.accepted_at = long_ago;
  active.took_over = {{"rb-taken-over"}};
  put(active);
  EXPECT_EQ(ledger().expire(limit, 0).value(), 1u);
  EXPECT_EQ(store().rollback({"rb-forgotten"}).error().code, Code::not_found);
}

TEST_P(LedgerContract, KeepsTriggersAsLongAsTheirRollback) {
  put(a_rollback("1"));
  TriggerRecord opened = a_trigger("opened");
  opened.rollback = {"rb-1"};
  opened.received_at = long_ago;
  put(opened);
  TriggerRecord stale = a_trigger("stale");
  stale.received_at = long_ago;
  put(stale);
  put(a_trigger("new"));
  EXPECT_EQ(ledger().expire(limit, 0).value(), 1u);
  EXPECT_EQ(keys_of(ledger().recent_triggers(std::nullopt, 10)), (Ids{"new", "opened"}));
}

TEST_P(LedgerContract, KeepsNoticesThatAreStillToBeTold) {
  Notice told = a_notice("told");
  told.at = long_ago;
  Notice open = a_notice("open");
  open.at = long_ago;
  put(Commit{.notices = {told, open}});
  ASSERT_TRUE(outbox().mark_told("told", "slack", noon));
  ASSERT_TRUE(outbox().close("told"));
  EXPECT_EQ(ledger().expire(limit, 0).value(), 1u);
  EXPECT_EQ(outbox().waiting(noon, 10)->size(), 1u);
  EXPECT_EQ(outbox().close("told").error().code, Code::not_found);
}

TEST_P(LedgerContract, TellsTheJournalWhatItRemoved) {
  put(a_deployment("p", production, DeploymentStatus::failed, long_ago));
  put(a_deployment("s", staging, DeploymentStatus::failed, long_ago));
  ASSERT_EQ(ledger().expire(limit, 0).value(), 2u);
  const auto entries = ledger().journal(production, 0, 10).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].entry.kind, "records.expired");
  EXPECT_EQ(entries[0].entry.facts.front(),
            (std::pair<std::string, std::string>{"deployments", "1"}));
  EXPECT_EQ(ledger().journal(staging, 0, 10)->size(), 1u);
  EXPECT_EQ(ledger().audit()->findings, Ids{});
}

TEST_P(LedgerContract, WritesADeploymentAgainThatHasExpired) {
  put(Commit{.deployments = {a_deployment("1", production, DeploymentStatus::failed, long_ago)},
             .journal = {an_entry("began")}});
  ASSERT_EQ(ledger().expire(limit, 0).value(), 1u);
  put(Commit{.deployments = {a_deployment("1")}, .journal = {an_entry("again")}});
  EXPECT_EQ(ledger().audit()->findings, Ids{});
}

INSTANTIATE_TEST_SUITE_P(Store, LedgerContract, ::testing::Values(sim_store(), sqlite_store()),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Emulated, LedgerContract, ::testing::ValuesIn(emulated_stores()),
                         [](const auto& test) { return test.param.name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LedgerContract);

}  // namespace
}  // namespace stepback::testing
