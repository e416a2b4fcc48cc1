// SPDX-License-Identifier: Apache-2.0
// What was last seen of readiness is kept, and its loss is told once.
#include "engine/proofs.hpp"

#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback {
namespace {

class ProofsTest : public ::testing::Test {
 protected:
  ProofsTest() {
    service.deployed("test", "1111111", days(2));
    service.deployed("test", "2222222", days(1));
  }
  std::size_t told(NoticeKind kind) {
    const auto items = service.store.waiting(service.clock.now() + days(400), 1000).value();
    return static_cast<std::size_t>(std::ranges::count_if(
        items, [&](const OutboxItem& item) { return item.notice.kind == kind; }));
  }
  void look() {
    const auto seen = proofs.look(test);
    ASSERT_TRUE(seen) << seen.error().message;
  }

  const Environment test{"test"};
  cli::PretendService service;
  Engine& engine = service.engine();
  Proofs proofs{engine.query, engine.settings, engine.clock, engine.log};
};

TEST_F(ProofsTest, KeepsWhatWasSeenWithWhenItWas) {
  const auto first = proofs.of(test);
  ASSERT_TRUE(first) << first.error().message;
  service.clock.advance(minutes(10));
  EXPECT_EQ(proofs.of(test)->at, first->at);
  look();
  EXPECT_EQ(proofs.of(test)->at, first->at + minutes(10));
}

TEST_F(ProofsTest, TellsOnceWhenAnEnvironmentStopsBeingReady) {
  look();
  ASSERT_EQ(proofs.of(test)->readiness.verdict, Verdict::passed);
  EXPECT_EQ(told(NoticeKind::readiness_lost), 0u);
  service.run("hold add test --version 1111111 --reason bad");
  service.clock.advance(minutes(5));
  look();
  EXPECT_EQ(told(NoticeKind::readiness_lost), 1u);
  service.clock.advance(minutes(5));
  look();
  EXPECT_EQ(told(NoticeKind::readiness_lost), 1u);
}

TEST_F(ProofsTest, RemindsOnceOfADrillThatNobodyDidForAMonth) {
  ASSERT_EQ(service.run("drill test").exit, 0);
  look();
  EXPECT_EQ(told(NoticeKind::drill_due), 0u);
  service.clock.advance(days(32));
  look();
  service.clock.advance(days(1));
  look();
  EXPECT_EQ(told(NoticeKind::drill_due), 1u);
}

TEST_F(ProofsTest, SaysWhenItCameToSomethingElse) {
  int changes = 0;
  proofs.on_changed = [&](const Environment&, const Proof&) { ++changes; };
  look();
  look();
  EXPECT_EQ(changes, 1);
}

}  // namespace
}  // namespace stepback
