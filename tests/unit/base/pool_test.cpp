// SPDX-License-Identifier: Apache-2.0
#include "base/pool.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <latch>

namespace stepback {
namespace {

TEST(Pool, PerformsWhatItAcceptedBeforeItStops) {
  std::atomic<int> performed = 0;
  int accepted = 0;
  {
    Pool pool("work", {.threads = 2, .waiting = 1000});
    for (int i = 0; i < 500; ++i) accepted += pool.submit([&] { ++performed; }) ? 1 : 0;
  }
  EXPECT_EQ(accepted, 500);
  EXPECT_EQ(performed, 500);
}

TEST(Pool, RefusesWhatNoLongerFitsItsQueue) {
  std::latch running(1);
  std::latch release(1);
  Pool pool("work", {.threads = 1, .waiting = 2});
  EXPECT_TRUE(pool.submit([&] {
    running.count_down();
    release.wait();
  }));
  running.wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  release.count_down();
}

TEST(Pool, RefusesWorkOnceItStops) {
  Pool pool("work", {.threads = 1, .waiting = 1});
  pool.stop();
  EXPECT_FALSE(pool.submit([] {}));
}

TEST(Pool, NamesItsThreads) {
  std::array<char, 16> name{};
  {
    Pool pool("handler", {.threads = 1, .waiting = 1});
    EXPECT_TRUE(pool.submit([&] { pthread_getname_np(pthread_self(), name.data(), name.size()); }));
  }
  EXPECT_STREQ(name.data(), "handler-1");
}

TEST(StartThread, StopsWhenItsOwnerGoes) {
  std::atomic<bool> stopped = false;
  {
    const auto thread =
        start_thread("a name much longer than fifteen bytes", [&](const std::stop_token& stop) {
          while (!stop.stop_requested()) std::this_thread::yield();
          stopped = true;
        });
  }
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace stepback
