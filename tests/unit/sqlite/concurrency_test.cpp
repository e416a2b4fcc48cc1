// SPDX-License-Identifier: Apache-2.0
// Many at once: threads of one process, two stores over one file, processes that are killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/store.hpp"
#include "support/records.hpp"
#include "support/scratch.hpp"

namespace stepback::testing {
namespace {

constexpr int threads_at_once = 16;
constexpr int tries_each = 25;

class Concurrency : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open() const {
    return SqliteStore::open({.path = scratch_.file("store.db")}).value();
  }
  std::int64_t transactions() const {
    auto database = sqlite::Database::open({.path = scratch_.file("store.db")}).value();
    return database.number("SELECT transactions FROM meta").value();
  }

  Scratch scratch_;
};

// Adds one to the head's operations, as often as it is refused; the sum tells whether any is lost.
void count_up(SqliteStore& store, int times) {
  for (int i = 0; i < times; ++i) {
    Result<> result;
    do {
      Head head = store.head(production).value();
      ++head.operations;
      result = store.commit({.heads = {head}});
      EXPECT_TRUE(result || result.error().code == Code::conflict) << result.error().message;
    } while (!result);
  }
}

TEST_F(Concurrency, OfThreadsLosesNoUpdate) {
  const auto store = open();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < threads_at_once; ++i) {
      threads.emplace_back([&] { count_up(*store, tries_each); });
    }
  }
  const Head head = store->head(production).value();
  EXPECT_EQ(head.operations, std::uint64_t{threads_at_once * tries_each});
  EXPECT_EQ(head.revision, head.operations);
}

TEST_F(Concurrency, OfThreadsSharesFlushes) {
  const auto store = open();
  std::atomic<int> acknowledged = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < threads_at_once; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < tries_each; ++j) {
          const std::string key = std::to_string(i) + "-" + std::to_string(j);
          if (store->commit({.trigger = a_trigger(key), .journal = {an_entry(key)}})) {
            ++acknowledged;
          }
        }
      });
    }
  }
  EXPECT_EQ(acknowledged, threads_at_once * tries_each);
  EXPECT_LT(transactions(), threads_at_once * tries_each) << "every commit had its own flush";
  const auto entries = store->journal(production, 0, 10'000).value();
  ASSERT_EQ(entries.size(), static_cast<std::size_t>(threads_at_once * tries_each));
  EXPECT_EQ(store->audit()->findings, std::vector<std::string>{});
}

TEST_F(Concurrency, OfTheSameTriggerOpensOnce) {
  const auto store = open();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> winners = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto result = store->commit(
            {.trigger = a_trigger("round-" + std::to_string(round)),
             .rollbacks = {a_rollback(std::to_string(round) + "-" + std::to_string(i))}});
        winners += result ? 1 : 0;
      });
    }
    threads.clear();
    EXPECT_EQ(winners, 1);
  }
  EXPECT_EQ(store->rollbacks({.limit = 100})->size(), 20u);
}

TEST_F(Concurrency, OfManyTogetherPutsThemIntoOneTransaction) {
  const auto store = open();
  std::vector<Commit> commits;
  for (int i = 0; i < 100; ++i) commits.push_back({.trigger = a_trigger(std::to_string(i))});
  const auto before = transactions();
  for (const auto& answer : store->commit_each(commits)) EXPECT_TRUE(answer);
  EXPECT_EQ(transactions(), before + 1);
}

TEST_F(Concurrency, OfTwoStoresOnOneFileLosesNoUpdate) {
  const auto one = open();
  const auto other = open();
  {
    const std::jthread first([&] { count_up(*one, 50); });
    const std::jthread second([&] { count_up(*other, 50); });
  }
  EXPECT_EQ(one->head(production)->operations, 100u);
  EXPECT_EQ(other->head(production)->operations, 100u);
  EXPECT_EQ(one->audit()->findings, std::vector<std::string>{});
}

TEST_F(Concurrency, OfReadersSeesWholeCommits) {
  const auto store = open();
  ASSERT_TRUE(store->commit({.heads = {a_head(production), a_head(staging)}}));
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Head first = store->head(production).value();
      Head second = store->head(staging).value();
      EXPECT_TRUE(store->commit({.heads = {first, second}}));
    }
  });
  for (int i = 0; i < 200; ++i) {
    // Both are written together, so the one read first is never ahead of the other.
    const auto first = store->head(production)->revision;
    const auto second = store->head(staging)->revision;
    EXPECT_LE(first, second);
  }
}

// A child commits and says so; it is killed in the middle. What it said is there.
void commit_and_tell(const std::string& path, int to) {
  const auto store = SqliteStore::open({.path = path});
  if (!store) ::_exit(1);
  for (int i = 0;; ++i) {
    const std::string key = std::to_string(::getpid()) + "-" + std::to_string(i);
    if ((*store)->commit({.trigger = a_trigger(key), .journal = {an_entry(key)}})) {
      const std::string line = key + "\n";
      static_cast<void>(::write(to, line.data(), line.size()));
    }
  }
}

TEST_F(Concurrency, OfProcessesThatAreKilledLosesNothingAcknowledged) {
  std::string heard;
  for (int round = 0; round < 10; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    pid_t children[2];
    for (pid_t& child : children) {
      child = ::fork();
      if (child == 0) commit_and_tell(scratch_.file("store.db"), ends[1]);
    }
    ::close(ends[1]);
    // Some acknowledgements, then the end of both, wherever they are.
    char buffer[64];
    std::size_t count = 0;
    for (ssize_t got = 1; got > 0;) {
      got = ::read(ends[0], buffer, sizeof buffer);
      heard.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (++count == 5) {
        for (const pid_t child : children) ::kill(child, SIGKILL);
      }
    }
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
  }
  const auto store = open();
  std::size_t told = 0;
  for (std::size_t at = 0, end = 0; (end = heard.find('\n', at)) != std::string::npos;
       at = end + 1) {
    EXPECT_TRUE(store->trigger(heard.substr(at, end - at)));
    ++told;
  }
  EXPECT_GT(told, 20u);
  EXPECT_EQ(store->audit()->findings, std::vector<std::string>{});
}

}  // namespace
}  // namespace stepback::testing
