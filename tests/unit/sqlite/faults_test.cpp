// SPDX-License-Identifier: Apache-2.0
// A disk that fails, and power that goes: whatever is acknowledged is there afterwards, whole;
// whatever is not is there whole or not at all; and the audit finds nothing.
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/sqlite/store.hpp"
#include "support/faulty_vfs.hpp"
#include "support/records.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

constexpr int commits_in_story = 3;

// A commit that touches every kind of record. `round` counts from 0.
Commit everything(int round, const Head& head) {
  const std::string id = std::to_string(round);
  Notice notice = a_notice("notice-" + id);
  notice.reason.assign(2000, 'x');  // some pages
  return {.trigger = a_trigger("key-" + id),
          .rollbacks = {a_rollback(id)},
          .heads = {head},
          .deployments = {a_deployment(id)},
          .journal = {an_entry("entry-" + id), an_entry("entry-" + id, staging)},
          .notices = {notice}};
}

// What a caller was told of each commit.
enum class Answer { acknowledged, refused, unclear };
using Answers = std::vector<Answer>;

Answer answer_to(SqliteStore& store, int round) {
  const auto head = store.head(production);
  if (!head) return Answer::refused;
  const auto result = store.commit(everything(round, *head));
  if (result) return Answer::acknowledged;
  return result.error().code == Code::timeout ? Answer::unclear : Answer::refused;
}

Answers tell_story(SqliteStore& store) {
  Answers answers;
  for (int round = 0; round < commits_in_story; ++round) answers.push_back(answer_to(store, round));
  return answers;
}

// The same up to the first commit that fails; the others are not even tried.
Answers tell_story_until_it_fails(SqliteStore& store) {
  Answers answers(commits_in_story, Answer::refused);
  for (int round = 0; round < commits_in_story; ++round) {
    Answer& answer = answers[static_cast<std::size_t>(round)];
    answer = answer_to(store, round);
    if (answer != Answer::acknowledged) break;
  }
  return answers;
}

void expect_whole(SqliteStore& store, const Answers& answers) {
  std::uint64_t there = 0;
  for (int round = 0; round < commits_in_story; ++round) {
    const std::string id = std::to_string(round);
    const bool is_there = store.trigger("key-" + id).has_value();
    const auto answer = answers[static_cast<std::size_t>(round)];
    EXPECT_TRUE(is_there || answer != Answer::acknowledged) << "lost commit " << round;
    EXPECT_FALSE(is_there && answer == Answer::refused) << "commit " << round << " came back";
    EXPECT_EQ(store.rollback({"rb-" + id}).has_value(), is_there) << round;
    EXPECT_EQ(store.deployment({"dep-" + id}).has_value(), is_there) << round;
    there += is_there ? 1 : 0;
  }
  EXPECT_EQ(store.head(production)->revision, there);
  EXPECT_EQ(store.journal(production, 0, 100)->size(), there);
  EXPECT_EQ(store.journal(staging, 0, 100)->size(), there);
  EXPECT_EQ(store.waiting(noon, 100)->size(), there);
  const auto report = store.audit();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->findings, std::vector<std::string>{});
}

// A place with an empty store, which is made once and copied.
Scratch with_empty_store() {
  static const Scratch first = Scratch::in_memory();
  static const std::string made = [] {
    EXPECT_TRUE(SqliteStore::open({.path = first.file("store.db")}));
    return first.file("store.db");
  }();
  return Scratch::with_copy_of(made);
}

std::unique_ptr<SqliteStore> opened(const Scratch& scratch, const std::string& vfs = "") {
  auto store = SqliteStore::open({.path = scratch.file("store.db"), .vfs = vfs});
  EXPECT_TRUE(store) << store.error().message;
  return *std::move(store);
}

// The N-th operation on the disk fails, for every N there is.
void sweep(FaultyVfs::Failure failure) {
  bool has_failed = true;
  bool was_refused = false;
  for (failure.at = 1; has_failed; ++failure.at) {
    SCOPED_TRACE("operation " + std::to_string(failure.at));
    const Scratch scratch = with_empty_store();
    FaultyVfs vfs;
    Answers answers;
    {
      const auto store = opened(scratch, FaultyVfs::name);
      vfs.fail(failure);
      answers = tell_story(*store);
      has_failed = vfs.has_failed();
      vfs.heal();
      // With room again, it goes on by itself.
      const auto again = store->commit({.trigger = a_trigger("afterwards")});
      EXPECT_TRUE(again) << again.error().message;
    }
    expect_whole(*opened(scratch), answers);
    was_refused =
        was_refused || std::ranges::count(answers, Answer::acknowledged) < commits_in_story;
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(failure.at, 30) << "the story hardly touched the disk";
  EXPECT_TRUE(was_refused) << "no failure reached a caller";
}

TEST(Faults, LoseNothingWhenOneOperationFindsTheDiskFull) { sweep({.code = SQLITE_FULL}); }

TEST(Faults, LoseNothingWhenTheDiskStaysFull) {
  sweep({.code = SQLITE_FULL, .is_persistent = true});
}

TEST(Faults, LoseNothingWhenOneOperationFails) { sweep({.code = SQLITE_IOERR}); }

TEST(Faults, LoseNothingWhenTheDiskStaysBroken) {
  sweep({.code = SQLITE_IOERR, .is_persistent = true});
}

// A flush that fails may leave a whole transaction in the log. Whoever reads the log after a crash
// must not find what was refused.
TEST(Faults, BringNothingBackThatWasRefusedBeforeTheProcessDied) {
  bool has_failed = true;
  int at = 0;
  while (has_failed) {
    SCOPED_TRACE("operation " + std::to_string(++at));
    const Scratch scratch = with_empty_store();
    FaultyVfs vfs;
    Answers answers;
    {
      const auto store = opened(scratch, FaultyVfs::name);
      vfs.fail({.at = at});
      answers = tell_story_until_it_fails(*store);
      has_failed = vfs.has_failed();
      vfs.cut_power(1);
    }
    Random random(1);
    vfs.lose_unflushed(random, 1000);
    expect_whole(*opened(scratch), answers);
    if (HasFailure()) return;
  }
}

TEST(Faults, SayThatTheDiskIsFull) {
  const Scratch scratch;
  FaultyVfs vfs;
  const auto store = opened(scratch, FaultyVfs::name);
  vfs.fail({.code = SQLITE_FULL, .is_persistent = true});
  const auto result = store->commit({.journal = {an_entry("one")}});
  ASSERT_FALSE(result);
  EXPECT_TRUE(is_retriable(result.error().code));
  EXPECT_TRUE(result.error().message.contains("the disk is full")) << result.error().message;
}

// The power goes at every operation, and a part of what was not flushed is there afterwards. Who
// has no answer by then knows nothing; who has one was told the truth.
TEST(Faults, LoseNothingAcknowledgedWhenThePowerGoes) {
  bool was_cut = true;
  int at = 0;
  while (was_cut) {
    ++at;
    for (const std::uint32_t kept : {0u, 300u, 700u, 1000u}) {
      SCOPED_TRACE("operation " + std::to_string(at) + ", kept " + std::to_string(kept));
      const Scratch scratch = with_empty_store();
      FaultyVfs vfs;
      Answers answers;
      {
        const auto store = opened(scratch, FaultyVfs::name);
        vfs.cut_power(at);
        answers = tell_story(*store);
        was_cut = vfs.has_failed();
      }
      if (was_cut) std::ranges::replace(answers, Answer::refused, Answer::unclear);
      Random random(static_cast<std::uint64_t>(at) * 1000 + kept);
      vfs.lose_unflushed(random, kept);
      expect_whole(*opened(scratch), answers);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(at, 30) << "the story hardly touched the disk";
}

}  // namespace
}  // namespace stepback::testing
