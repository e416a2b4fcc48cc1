// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/liveness.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

class LivenessTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  WorkerLiveness liveness_{directory_.path(), "box"};
};

TEST_F(LivenessTest, WhoeverHoldsItsLockIsAlive) {
  const auto presence = Presence::begin(directory_.path(), "box");
  ASSERT_TRUE(presence);
  EXPECT_TRUE(presence->holder().starts_with("box-" + std::to_string(::getpid()) + "-"));
  EXPECT_FALSE(liveness_.is_dead(presence->holder()));
  EXPECT_FALSE(liveness_.is_dead(presence->holder())) << "asking must not take the lock away";
}

TEST_F(LivenessTest, WhoeverHasLeftIsDead) {
  std::string holder;
  {
    const auto presence = Presence::begin(directory_.path(), "box");
    holder = presence->holder();
  }
  EXPECT_TRUE(liveness_.is_dead(holder));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path("workers")));
}

TEST_F(LivenessTest, WhoeverWasKilledIsDeadAndItsFileGoes) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t worker = ::fork();
  if (worker == 0) {
    const auto presence = Presence::begin(directory_.path(), "box");
    const std::string name = presence->holder() + "\n";
    [[maybe_unused]] const auto told = ::write(ends[1], name.data(), name.size());
    ::pause();
  }
  std::string holder;
  for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) holder += c;
  EXPECT_FALSE(liveness_.is_dead(holder));
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  EXPECT_TRUE(liveness_.is_dead(holder));
  EXPECT_FALSE(directory_.has("workers/" + holder + ".lock"));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(LivenessTest, NothingIsKnownOfStrangers) {
  for (const auto* holder : {"", "other-1-0123456789abcdef", "boxer-1-00", "box", "../box-1-00",
                             "box-/../../etc/passwd", "box-\n"}) {
    EXPECT_FALSE(liveness_.is_dead(holder)) << holder;
  }
}

TEST_F(LivenessTest, TwoPresencesOfOneProcessAreTwo) {
  const auto one = Presence::begin(directory_.path(), "box");
  std::optional<Presence> two(*Presence::begin(directory_.path(), "box"));
  const std::string second = two->holder();
  EXPECT_NE(one->holder(), second);
  two.reset();
  EXPECT_TRUE(liveness_.is_dead(second));
  EXPECT_FALSE(liveness_.is_dead(one->holder()));
}

TEST_F(LivenessTest, KeepsItsFilesPrivate) {
  const auto presence = Presence::begin(directory_.path("state"), own_host());
  ASSERT_TRUE(presence) << presence.error().message;
  struct stat facts{};
  ASSERT_EQ(::stat(directory_.path("state/workers").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700U);
}

}  // namespace
}  // namespace stepback::local
