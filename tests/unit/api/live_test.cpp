// SPDX-License-Identifier: Apache-2.0
// What viewers are told, what they are told when they come back, and who is not waited for.
#include "entry/api/live.hpp"

#include <gtest/gtest.h>

#include "api_fixture.hpp"
#include "unit/http/raw_peer.hpp"

namespace stepback {
namespace {

using http::RawConnection;

// One who follows, and reads event by event.
class Viewer {
 public:
  Viewer(std::uint16_t port, const std::string& seen = "") : peer_(RawConnection::to(port)) {
    peer_.send("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
               (seen.empty() ? "" : "Last-Event-ID: " + seen + "\r\n") + "\r\n");
    header = read_until("\r\n\r\n");
  }

  struct Told {
    std::string id, event, data;
  };
  Told next() {
    Told told;
    const auto text = read_until("\n\n");
    told.id = field(text, "id: ");
    told.event = field(text, "event: ");
    told.data = field(text, "data: ");
    if (!told.id.empty()) last_id = told.id;
    return told;
  }
  // Up to the one of that name; what came before it.
  std::vector<Told> until(const std::string& event) {
    std::vector<Told> all;
    do {
      all.push_back(next());
    } while (!all.back().event.empty() && all.back().event != event);
    return all;
  }

  std::string header;
  std::string last_id;

 private:
  // What comes along behind it is kept for the next time.
  std::string read_until(std::string_view mark) {
    auto at = rest_.find(mark);
    for (std::string more = " "; at == rest_.npos && !more.empty(); at = rest_.find(mark)) {
      more = peer_.receive();
      rest_ += more;
    }
    const auto end = at == rest_.npos ? rest_.size() : at + mark.size();
    auto text = rest_.substr(0, end);
    rest_.erase(0, end);
    return text;
  }

  static std::string field(const std::string& text, const std::string& name) {
    const auto at = text.find(name);
    if (at == text.npos) return {};
    const auto start = at + name.size();
    return text.substr(start, text.find('\n', start) - start);
  }

  RawConnection peer_;
  std::string rest_;
};

class LiveTest : public ApiTest {
 protected:
  void alarm_rolls_back() { ASSERT_EQ(post_event(event()).status, 202); }
  void look() {
    const auto looked = live->look();
    ASSERT_TRUE(looked) << looked.error().message;
  }
  static std::size_t count(const std::vector<Viewer::Told>& all, const std::string& event) {
    return static_cast<std::size_t>(std::ranges::count(all, event, &Viewer::Told::event));
  }
};

TEST_F(LiveTest, GreetsWhoeverFollowsAndSaysHowFarAllWasTold) {
  start();
  Viewer viewer(server->port());
  EXPECT_EQ(viewer.header.substr(9, 3), "200");
  const auto hello = viewer.next();
  EXPECT_EQ(hello.event, "hello");
  EXPECT_FALSE(hello.id.empty());
  EXPECT_NE(hello.data.find("asOf"), std::string::npos);
}

TEST_F(LiveTest, TellsOfARollbackWhateverOpenedIt) {
  start();
  Viewer viewer(server->port());
  viewer.next();
  alarm_rolls_back();
  look();
  const auto told = viewer.until("rollback");
  const auto progress = json::parse(told.back().data);
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->at("state"), "active");
  EXPECT_EQ(progress->at("environment"), "production");
  EXPECT_GE(count(told, "notice"), 1u);
  EXPECT_GE(count(told, "environment"), 1u);
  ASSERT_TRUE(service.rest());
  look();
  auto last = viewer.until("rollback").back();
  EXPECT_EQ(json::parse(last.data).value().at("state"), "succeeded");
}

TEST_F(LiveTest, TellsWhatWasMissedToWhoeverComesBackAndNothingTwice) {
  start();
  std::string last_id;
  {
    Viewer viewer(server->port());
    viewer.next();
    alarm_rolls_back();
    look();
    while (viewer.next().id.empty()) {
    }
    last_id = viewer.last_id;
  }
  ASSERT_TRUE(service.rest());
  const auto id = service.rollbacks().front().id;
  const auto journal = service.engine().ledger.journal(id).value().size();
  Viewer other(server->port());
  other.next();
  Viewer again(server->port(), last_id);
  const auto missed = again.until("hello");
  EXPECT_GE(count(missed, "rollback"), 1u);
  EXPECT_LT(count(missed, "notice"), journal);  // the first ones had been told
  EXPECT_GE(count(missed, "notice"), 1u);
  Viewer third(server->port(), again.last_id);
  EXPECT_EQ(count(third.until("hello"), "notice"), 0u);
}

TEST_F(LiveTest, HasEverythingAskedForAnewWhereTooMuchWasMissed) {
  start({}, {.most_missed = 2});
  Viewer first(server->port());
  first.next();
  alarm_rolls_back();
  ASSERT_TRUE(service.rest());
  look();
  Viewer again(server->port(), first.last_id);
  EXPECT_EQ(again.next().event, "reset");
  EXPECT_EQ(again.next().event, "hello");
}

TEST_F(LiveTest, HasEverythingAskedForAnewByWhoeverBringsAnIdOfNothingKnown) {
  start();
  for (const auto* id : {"9", "99-99-99-99", "x-y", "-", "1-2-3-4-5-6-7"}) {
    Viewer viewer(server->port(), id);
    EXPECT_EQ(viewer.next().event, "reset") << id;
  }
}

TEST_F(LiveTest, DropsWhoReadsTooSlowlyAndGoesOnWithTheOthers) {
  start();
  Viewer slow(server->port());
  Viewer quick(server->port());
  quick.next();
  ASSERT_EQ(live->viewers(), 2u);
  const json::Object much{{"text", json::Value(std::string(64 * 1024, 'x'))}};
  for (int i = 0; i < 256 && live->viewers() == 2; ++i) {
    live->tell("much", much);
    ASSERT_EQ(quick.next().event, "much");
  }
  EXPECT_EQ(live->viewers(), 1u);
  live->tell("after", json::Object{});
  EXPECT_EQ(quick.next().event, "after");
}

TEST_F(LiveTest, RefusesMoreViewersThanItIsMeantFor) {
  start({}, {.most_viewers = 1});
  const Viewer first(server->port());
  const Viewer second(server->port());
  EXPECT_EQ(second.header.substr(9, 3), "503");
}

}  // namespace
}  // namespace stepback
