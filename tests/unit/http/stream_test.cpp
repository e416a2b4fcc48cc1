// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <future>

#include "server_fixture.hpp"

namespace stepback::http {
namespace {

constexpr std::string_view get = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

class StreamTest : public ServerTest {
 protected:
  StreamTest() {
    routes_.stream(Method::get, "/events", [this](Request, Responder responder) {
      streams_.set_value(responder.stream());
    });
  }

  Stream opened() { return streams_.get_future().get(); }

  std::promise<Stream> streams_;
};

TEST(Event, IsWrittenLineByLine) {
  EXPECT_EQ(as_text({.id = "7", .name = "opened", .data = "a\nb"}),
            "id: 7\nevent: opened\ndata: a\ndata: b\n\n");
  EXPECT_EQ(as_text({.id = "", .name = "", .data = ""}), "data: \n\n");
}

TEST(Event, CannotSmuggleAField) {
  EXPECT_EQ(as_text({.id = "7\nevent: x", .name = "a\rb", .data = "c\rd"}),
            "id: 7 event: x\nevent: a b\ndata: c d\n\n");
}

TEST_F(StreamTest, SendsEventsAsTheyHappen) {
  start();
  const RawConnection browser = RawConnection::to(server_->port());
  browser.send(get);
  const std::string header = browser.receive_until("\r\n\r\n");
  EXPECT_EQ(header.substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_NE(header.find("Content-Type: text/event-stream\r\n"), header.npos);
  Stream stream = opened();
  EXPECT_TRUE(stream.send({.id = "1", .name = "", .data = "first"}));
  EXPECT_EQ(browser.receive_until("\n\n"), "id: 1\ndata: first\n\n");
  EXPECT_TRUE(stream.send({.id = "2", .name = "", .data = "second"}));
  stream.close();
  EXPECT_EQ(browser.receive_all(), "id: 2\ndata: second\n\n");
  EXPECT_FALSE(stream.send({.id = "3", .name = "", .data = "third"}));
}

TEST_F(StreamTest, IsOverWhenThePeerIsGone) {
  start();
  {
    const RawConnection browser = RawConnection::to(server_->port());
    browser.send(get);
    browser.receive_until("\r\n\r\n");
  }
  const Stream stream = opened();
  const auto deadline = Deadline::start(seconds(10));
  while (stream.is_open() && deadline->left() > Duration(0)) std::this_thread::yield();
  EXPECT_FALSE(stream.is_open());
}

TEST_F(StreamTest, IsOverWhenThePeerDoesNotKeepUp) {
  start({.most_stream_bytes = 100'000});
  const RawConnection browser = RawConnection::to(server_->port());
  browser.send(get);
  browser.receive_until("\r\n\r\n");
  Stream stream = opened();
  const Event event{.id = "1", .name = "", .data = std::string(1000, 'x')};
  int sent = 0;
  while (stream.send(event)) ASSERT_LT(++sent, 100'000);
  EXPECT_FALSE(stream.is_open());
}

TEST_F(StreamTest, IsKeptAliveWhileNothingHappens) {
  start({.heartbeat = Duration(50)});
  const RawConnection browser = RawConnection::to(server_->port());
  browser.send(get);
  browser.receive_until("\r\n\r\n");
  const Stream stream = opened();
  EXPECT_EQ(browser.receive_until(":\n\n").substr(0, 3), ":\n\n");
}

TEST_F(StreamTest, EndsWhenTheServerStops) {
  start();
  RawConnection browser = RawConnection::to(server_->port());
  browser.send(get);
  browser.receive_until("\r\n\r\n");
  Stream stream = opened();
  std::jthread stopping([&] { server_->stop(seconds(10)); });
  EXPECT_EQ(browser.receive_all(), "");
  browser.close();
  EXPECT_FALSE(stream.send({}));
}

TEST_F(StreamTest, IsRefusedBeyondTheMost) {
  start({.most_streams = 0});
  EXPECT_EQ(ask(Method::get, "/events").status, 503);
  EXPECT_FALSE(opened().is_open());
}

TEST_F(StreamTest, MayBeAnsweredLikeAnyRequestInstead) {
  routes_.stream(Method::get, "/gone", [](Request, Responder responder) {
    responder.send(problem(404, "there is no such rollback"));
  });
  start();
  EXPECT_EQ(ask(Method::get, "/gone").status, 404);
}

}  // namespace
}  // namespace stepback::http
