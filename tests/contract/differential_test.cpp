// SPDX-License-Identifier: Apache-2.0
// The two stores are one: whatever is done to both, they give the same answers and hold the same
// records. The one in memory is so simple that it serves as the model of the durable one.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/sim/store.hpp"
#include "adapters/sqlite/store.hpp"
#include "support/generators.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

class Both {
 public:
  Both() : sqlite_(SqliteStore::open({.path = scratch_.file("store.db")}).value()) {}

  void step() {
    switch (*rc::gen::inRange(0, 12)) {
      case 0: return change_outbox();
      case 1: return expire();
      case 2: return commit_several();
      default: return commit_one();
    }
  }

  void compare_everything() {
    compare_records();
    compare_lists();
    const auto report = sqlite_->audit().value();
    if (!report.findings.empty()) RC_FAIL(report.findings.front());
    RC_ASSERT(report.records == sim_.audit()->records);
    RC_ASSERT(report.entries == sim_.audit()->entries);
  }

 private:
  static std::string outcome_of(const Result<>& result) {
    return result ? "done" : std::string(name_of(result.error().code));
  }

  // Mostly the revision that is stored, so that most commits pass; sometimes another.
  static std::uint64_t perturbed(std::uint64_t revision) {
    return *rc::gen::weightedElement<std::uint64_t>(
        {{20, revision}, {1, 0}, {1, revision + 1}, {1, revision > 0 ? revision - 1 : 1}});
  }

  Rollback draw_rollback() {
    Rollback rollback = draw<Rollback>();
    const auto stored = sim_.rollback(rollback.id);
    rollback.revision = perturbed(stored ? stored->revision : 0);
    if (*rc::gen::inRange(0, 3) != 0) rollback.outcome.reset();
    return rollback;
  }

  Head draw_head() {
    Head head = draw<Head>();
    head.revision = perturbed(sim_.head(head.environment)->revision);
    return head;
  }

  Deployment draw_deployment() {
    Deployment deployment = draw<Deployment>();
    const auto stored = sim_.deployment(deployment.id);
    deployment.revision = perturbed(stored ? stored->revision : 0);
    if (stored && *rc::gen::inRange(0, 10) != 0) {
      deployment.environment = stored->environment;
      deployment.started_at = stored->started_at;
    }
    return deployment;
  }

  Commit draw_commit() {
    Commit commit;
    const auto sometimes = [] { return *rc::gen::inRange(0, 3) == 0; };
    if (sometimes()) {
      commit.trigger = draw<TriggerRecord>();
      commit.trigger->key = draw_number_text("key-", 20);
    }
    if (sometimes()) commit.rollbacks.push_back(draw_rollback());
    if (sometimes()) commit.heads.push_back(draw_head());
    if (*rc::gen::inRange(0, 8) == 0) commit.unchanged_heads.push_back(draw_head());
    if (sometimes()) commit.deployments.push_back(draw_deployment());
    if (sometimes()) commit.deployments.push_back(draw_deployment());
    if (sometimes()) commit.journal = draw<std::vector<JournalEntry>>();
    if (sometimes()) {
      commit.notices.push_back(draw<Notice>());
      commit.notices.back().key = draw_number_text("notice-", 10);
    }
    return commit;
  }

  void commit_one() {
    const Commit commit = draw_commit();
    RC_ASSERT(outcome_of(sqlite_->commit(commit)) == outcome_of(sim_.commit(commit)));
  }

  void commit_several() {
    std::vector<Commit> commits;
    const int count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) commits.push_back(draw_commit());
    const auto ours = sqlite_->commit_each(commits);
    const auto theirs = sim_.commit_each(commits);
    RC_ASSERT(ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      RC_ASSERT(outcome_of(ours[i]) == outcome_of(theirs[i]));
    }
  }

  void change_outbox() {
    const std::string key = draw_number_text("notice-", 10);
    const std::string channel = *rc::gen::element<std::string>("slack", "pager");
    const Instant at = draw_instant();
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        RC_ASSERT(outcome_of(sqlite_->mark_told(key, channel, at)) ==
                  outcome_of(sim_.mark_told(key, channel, at)));
        return;
      case 1:
        RC_ASSERT(outcome_of(sqlite_->try_again(key, at, "no route")) ==
                  outcome_of(sim_.try_again(key, at, "no route")));
        return;
      default: RC_ASSERT(outcome_of(sqlite_->close(key)) == outcome_of(sim_.close(key)));
    }
  }

  void expire() {
    const Instant before = draw_instant();
    const int keep_good = *rc::gen::inRange(0, 4);
    RC_ASSERT(sqlite_->expire(before, keep_good).value() == sim_.expire(before, keep_good).value());
  }

  void compare_records() {
    for (const char* name : {"test", "staging", "production"}) {
      RC_ASSERT(sqlite_->head({name}).value() == sim_.head({name}).value());
    }
    for (int i = 0; i < 30; ++i) {
      const std::string number = std::to_string(i);
      compare(sqlite_->rollback({"rb-" + number}), sim_.rollback({"rb-" + number}));
      compare(sqlite_->deployment({"dep-" + number}), sim_.deployment({"dep-" + number}));
      compare(sqlite_->trigger("key-" + number), sim_.trigger("key-" + number));
    }
  }

  template <class T>
  static void compare(const Result<T>& ours, const Result<T>& theirs) {
    RC_ASSERT(ours.has_value() == theirs.has_value());
    if (ours) RC_ASSERT(*ours == *theirs);
    if (!ours) RC_ASSERT(ours.error().code == theirs.error().code);
  }

  void compare_lists() {
    for (const Instant now : {Instant{}, draw_instant(), never}) {
      const auto ours = sqlite_->due(now, 100).value();
      const auto theirs = sim_.due(now, 100).value();
      RC_ASSERT(ours.size() == theirs.size());
      for (std::size_t i = 0; i < ours.size(); ++i) {
        RC_ASSERT(ours[i].id == theirs[i].id);
        RC_ASSERT(ours[i].wake_at == theirs[i].wake_at);
        RC_ASSERT(ours[i].lease == theirs[i].lease);
        RC_ASSERT(ours[i].revision == theirs[i].revision);
      }
      compare_waiting(now);
    }
    RC_ASSERT(sqlite_->unfinished().value() == sim_.unfinished().value());
    for (int i = 0; i < 5; ++i) compare_queries();
    for (const char* name : {"test", "staging", "production"}) compare_history({name});
    for (int i = 0; i < 10; ++i) {
      const RollbackId id{"rb-" + std::to_string(i)};
      compare_entries(sqlite_->journal(id).value(), sim_.journal(id).value());
      RC_ASSERT(sqlite_->triggers(id).value() == sim_.triggers(id).value());
    }
  }

  void compare_waiting(Instant now) {
    const auto ours = sqlite_->waiting(now, 100).value();
    const auto theirs = sim_.waiting(now, 100).value();
    RC_ASSERT(ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      RC_ASSERT(ours[i].notice == theirs[i].notice);
      RC_ASSERT(ours[i].told == theirs[i].told);
      RC_ASSERT(ours[i].attempts == theirs[i].attempts);
      RC_ASSERT(ours[i].next_at == theirs[i].next_at);
    }
  }

  void compare_queries() {
    const DeploymentQuery deployments{
        .environment = draw<std::optional<Environment>>(),
        .status = draw<std::optional<DeploymentStatus>>(),
        .since = draw<std::optional<Instant>>(),
        .until = draw<std::optional<Instant>>(),
        .limit = *rc::gen::inRange<std::size_t>(0, 40),
    };
    RC_ASSERT(sqlite_->deployments(deployments).value() == sim_.deployments(deployments).value());
    const RollbackQuery rollbacks{
        .environment = draw<std::optional<Environment>>(),
        .active_only = draw<bool>(),
        .origin = draw<std::optional<Origin>>(),
        .since = draw<std::optional<Instant>>(),
        .until = draw<std::optional<Instant>>(),
        .limit = *rc::gen::inRange<std::size_t>(0, 40),
    };
    RC_ASSERT(sqlite_->rollbacks(rollbacks).value() == sim_.rollbacks(rollbacks).value());
    const auto environment = draw<std::optional<Environment>>();
    RC_ASSERT(sqlite_->recent_triggers(environment, 10).value() ==
              sim_.recent_triggers(environment, 10).value());
  }

  void compare_history(const Environment& environment) {
    compare_entries(sqlite_->journal(environment, 0, 1000).value(),
                    sim_.journal(environment, 0, 1000).value());
    compare_entries(sqlite_->journal(environment, 3, 2).value(),
                    sim_.journal(environment, 3, 2).value());
  }

  static void compare_entries(const std::vector<StoredEntry>& ours,
                              const std::vector<StoredEntry>& theirs) {
    RC_ASSERT(ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      RC_ASSERT(ours[i].sequence == theirs[i].sequence);
      RC_ASSERT(ours[i].entry == theirs[i].entry);
    }
  }

  Scratch scratch_ = Scratch::in_memory();
  std::unique_ptr<SqliteStore> sqlite_;
  SimStore sim_;
};

RC_GTEST_PROP(Differential, TheDurableStoreDoesWhatTheOneInMemoryDoes, ()) {
  Both both;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) both.step();
  both.compare_everything();
}

}  // namespace
}  // namespace stepback::testing
