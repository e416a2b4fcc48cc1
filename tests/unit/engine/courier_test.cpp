// SPDX-License-Identifier: Apache-2.0
#include "engine/courier.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/pretend_service.hpp"

namespace stepback {
namespace {

// A channel that takes nothing while it is down, and counts what it was told.
class Channel final : public Notifier {
 public:
  explicit Channel(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  bool wants(const Notice&) const override { return wanted; }
  Result<> tell(const Notice& notice) override {
    ++asked;
    if (down) return fail(Code::unavailable, "nobody answers");
    ++told[notice.key];
    return {};
  }

  bool down = false;
  bool wanted = true;
  int asked = 0;
  std::map<std::string, int> told;

 private:
  std::string name_;
};

class CourierTest : public testing::Test {
 protected:
  CourierTest() {
    service.deployed("production", "1111111", days(2));
    service.deployed("production", "2222222", minutes(5), false);
  }
  void escalate() {
    service.world.places[{"production"}].cursed = true;
    ASSERT_TRUE(service.engine().intake.take(service.alarm("production")));
    ASSERT_TRUE(service.rest());
  }
  bool all_closed() {
    for (const auto& [place, told] : service.store.all_notices())
      if (!told.closed) return false;
    return true;
  }

  cli::PretendService service;
  Channel chat{"chat"};
  Channel pager{"pager"};
  Courier courier{service.store, {&chat, &pager}, service.world, service.clock, nullptr};
};

TEST_F(CourierTest, TellsEachChannelOnceAndOpensOneIncident) {
  escalate();
  ASSERT_TRUE(courier.turn());
  ASSERT_TRUE(courier.turn());
  EXPECT_TRUE(all_closed());
  ASSERT_EQ(chat.told.size(), service.store.all_notices().size());
  EXPECT_EQ(chat.told, pager.told);
  for (const auto& [key, times] : chat.told) EXPECT_EQ(times, 1) << key;
  ASSERT_EQ(service.world.incidents.size(), 1u);
  EXPECT_EQ(service.world.incidents.begin()->second, 1);
}

TEST_F(CourierTest, AChannelThatIsDownHoldsUpNeitherTheOthersNorARollback) {
  chat.down = true;
  escalate();
  ASSERT_TRUE(courier.turn());
  EXPECT_TRUE(chat.told.empty());
  EXPECT_EQ(pager.told.size(), service.store.all_notices().size());
  EXPECT_EQ(service.world.incidents.size(), 1u);
  chat.down = false;
  service.clock.advance(minutes(6));
  ASSERT_TRUE(courier.turn());
  EXPECT_EQ(chat.told, pager.told);
  EXPECT_TRUE(all_closed());
}

// What is told last is not marked, for closing says it; what is told before is.
TEST_F(CourierTest, MarksWhoHasANoticeThatOthersStillLack) {
  pager.down = true;
  escalate();
  ASSERT_TRUE(courier.turn());
  for (const auto& [place, told] : service.store.all_notices())
    EXPECT_EQ(told.item.told.front(),
              told.item.notice.kind == NoticeKind::rollback_escalated ? "incident" : "chat");
  pager.down = false;
  service.clock.advance(minutes(6));
  ASSERT_TRUE(courier.turn());
  EXPECT_TRUE(all_closed());
  for (const auto& [key, times] : chat.told) EXPECT_EQ(times, 1) << key;
  EXPECT_EQ(chat.told, pager.told);
}

TEST_F(CourierTest, WaitsLongerAfterEachFailureAndNeverLongerThanFiveMinutes) {
  chat.down = true;
  escalate();
  std::vector<Duration> pauses;
  Duration last = service.clock.steady();
  for (int i = 0; i < 3600; ++i, service.clock.advance(seconds(1))) {
    const int before = chat.asked;
    ASSERT_TRUE(courier.turn());
    if (chat.asked == before) continue;
    pauses.push_back(service.clock.steady() - last);
    last = service.clock.steady();
  }
  ASSERT_FALSE(pauses.empty());
  EXPECT_TRUE(std::ranges::is_sorted(pauses));
  EXPECT_EQ(pauses.back(), minutes(5));
}

TEST_F(CourierTest, WhatAChannelDoesNotWantIsDelivered) {
  chat.wanted = false;
  escalate();
  ASSERT_TRUE(courier.turn());
  EXPECT_EQ(chat.asked, 0);
  EXPECT_TRUE(all_closed());
}

TEST_F(CourierTest, AnIncidentThatCannotBeOpenedIsTriedAgain) {
  escalate();
  service.world.before = [](std::string_view point, bool) {
    return point == "incident" ? SimFault::unavailable : SimFault::none;
  };
  ASSERT_TRUE(courier.turn());
  EXPECT_TRUE(service.world.incidents.empty());
  EXPECT_FALSE(all_closed());
  service.world.before = nullptr;
  service.clock.advance(seconds(2));
  ASSERT_TRUE(courier.turn());
  EXPECT_EQ(service.world.incidents.size(), 1u);
  EXPECT_TRUE(all_closed());
  for (const auto& [key, times] : pager.told) EXPECT_EQ(times, 1) << key;
}

}  // namespace
}  // namespace stepback
