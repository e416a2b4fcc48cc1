// SPDX-License-Identifier: Apache-2.0
#include "http/parser.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/random.hpp"

namespace stepback::http {
namespace {

// Feeds `bytes` in pieces of `piece`, keeping what is not used, as a connection does.
template <class Parser>
Progress feed_in_pieces(Parser& parser, std::string_view bytes, std::size_t piece) {
  std::string waiting;
  Progress progress;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    waiting.append(bytes.substr(at, piece));
    progress = parser.feed(waiting);
    if (progress.done || !progress.wrong.empty()) return progress;
    waiting.erase(0, progress.used);
  }
  return progress;
}

Progress request_of(std::string_view bytes) {
  RequestParser parser({.header = 512, .body = 100});
  return parser.feed(bytes);
}

constexpr std::string_view post =
    "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";

TEST(RequestParser, ReadsARequestInPiecesOfAnySize) {
  for (std::size_t piece = 1; piece <= post.size(); ++piece) {
    RequestParser parser({});
    ASSERT_TRUE(feed_in_pieces(parser, post, piece).done) << piece;
    const Request request = parser.take();
    EXPECT_EQ(request.method, Method::post);
    EXPECT_EQ(request.path, "/a/b");
    EXPECT_EQ(request.query, "c=d");
    EXPECT_EQ(request.headers.find("host"), "x");
    EXPECT_EQ(request.body, "hello");
  }
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  RequestParser parser({});
  const std::string two = std::string(post) + "GET / HTTP/1.1\r\nHost: y\r\n\r\n";
  const Progress first = parser.feed(two);
  ASSERT_TRUE(first.done);
  EXPECT_EQ(first.used, post.size());
  parser.take();
  ASSERT_TRUE(parser.feed(std::string_view(two).substr(first.used)).done);
  EXPECT_EQ(parser.take().headers.find("Host"), "y");
}

TEST(RequestParser, ReadsAChunkedBodyAndPassesOverItsTrailers) {
  RequestParser parser({});
  const std::string_view chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n"
      "X-Late: evil\r\n\r\n";
  ASSERT_TRUE(feed_in_pieces(parser, chunked, 1).done);
  const Request request = parser.take();
  EXPECT_EQ(request.body, "abcde");
  EXPECT_EQ(request.headers.find("X-Late"), std::nullopt);
}

TEST(RequestParser, TakesTheFormOfAProxy) {
  RequestParser parser({});
  ASSERT_TRUE(parser.feed("GET http://x:1/a?b HTTP/1.1\r\nHost: x\r\n\r\n").done);
  const Request request = parser.take();
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.query, "b");
}

TEST(RequestParser, RefusesWhatTwoReadersCouldFrameDifferently) {
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const auto* rest :
       {"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "Content-Length: 5, 6\r\n\r\n",
        "Content-Length: -1\r\n\r\n", "Content-Length: 0x5\r\n\r\n", "Content-Length: 5 5\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        "Transfer-Encoding: chunked, gzip\r\n\r\n", "Transfer-Encoding: xchunked\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n", "Host: y\r\n\r\n", "X : y\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_NE(request_of(start + rest).wrong, "") << rest;
  }
}

TEST(RequestParser, RefusesWhatIsNotHttp) {
  for (const auto* bytes : {"\x16\x03\x01\x02\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n",
                            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
                            "GET / HTTP/1.1\nHost: x\n\n", "\r\n\r\n"}) {
    const Progress progress = request_of(bytes);
    EXPECT_FALSE(progress.done) << bytes;
    EXPECT_EQ(progress.status, 400) << bytes;
  }
}

TEST(RequestParser, WantsOneHost) {
  EXPECT_EQ(request_of("GET / HTTP/1.1\r\n\r\n").wrong, "there must be one Host header");
  EXPECT_TRUE(request_of("GET / HTTP/1.0\r\n\r\n").done);
}

TEST(RequestParser, BoundsTheHeader) {
  RequestParser parser({.header = 512, .body = 100});
  const std::string endless = "GET / HTTP/1.1\r\nX: " + std::string(2000, 'a');
  EXPECT_EQ(feed_in_pieces(parser, endless, 10).status, 431);
}

TEST(RequestParser, BoundsTheBodyHoweverItIsSent) {
  const Progress by_length =
      request_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
  EXPECT_EQ(by_length.status, 413);
  const Progress by_chunks =
      request_of("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" +
                 std::string(101, 'a'));
  EXPECT_EQ(by_chunks.status, 413);
}

TEST(RequestParser, BoundsTheLineBeforeAChunk) {
  RequestParser parser({.header = 512, .body = 100});
  const std::string endless = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;" +
                              std::string(100'000, 'a');
  EXPECT_NE(feed_in_pieces(parser, endless, 100).wrong, "");
}

TEST(RequestParser, KnowsWhetherAnotherRequestFollows) {
  const auto keeps = [](std::string_view bytes) {
    RequestParser parser({});
    EXPECT_TRUE(parser.feed(bytes).done);
    return parser.keeps_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
}

// `text` with up to four bytes changed, doubled or left out.
std::string damaged(std::string_view text, Random& random) {
  std::string copy(text);
  for (std::uint64_t i = 1 + random.below(4); i > 0; --i) {
    const std::size_t at = random.below(copy.size());
    switch (random.below(3)) {
      case 0: copy[at] = static_cast<char>(random.below(256)); break;
      case 1: copy.insert(at, 1, copy[at]); break;
      default: copy.erase(at, 1); break;
    }
  }
  return copy;
}

TEST(RequestParser, UsesNoMoreThanItIsGivenHoweverDamaged) {
  Random random(1);
  const std::string chunked =
      "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = damaged(i % 2 == 0 ? post : chunked, random);
    RequestParser parser({.header = 512, .body = 100});
    const Progress progress = parser.feed(bytes);
    ASSERT_LE(progress.used, bytes.size());
    ASSERT_FALSE(progress.done && !progress.wrong.empty());
    ASSERT_TRUE(!progress.done || parser.take().body.size() <= 100);
  }
}

Response response_of(std::string_view bytes, bool answers_head = false) {
  ResponseParser parser({.header = 512, .body = 100}, answers_head);
  const Progress progress = feed_in_pieces(parser, bytes, 7);
  EXPECT_EQ(progress.wrong, "");
  EXPECT_TRUE(progress.done || parser.finish().done);
  return parser.take();
}

TEST(ResponseParser, PassesOverInterimAnswers) {
  const Response response = response_of(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.type, "a/b");
  EXPECT_EQ(response.body, "ok");
  EXPECT_EQ(response.headers.find("Link"), std::nullopt);
}

TEST(ResponseParser, ReadsToTheEndWhereNoLengthIsGiven) {
  EXPECT_EQ(response_of("HTTP/1.0 200 OK\r\n\r\nsome words").body, "some words");
}

TEST(ResponseParser, ExpectsNoBodyWhereThereIsNone) {
  EXPECT_EQ(response_of("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", true).body, "");
  EXPECT_EQ(response_of("HTTP/1.1 204 No Content\r\n\r\n").status, 204);
  EXPECT_EQ(response_of("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").status, 304);
}

TEST(ResponseParser, TellsAnAnswerThatWasCutOff) {
  for (const auto* bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "HTTP/1.1 200", "",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    ResponseParser parser({}, false);
    EXPECT_FALSE(parser.feed(bytes).done);
    EXPECT_EQ(parser.finish().wrong, "the message was cut off") << bytes;
  }
}

TEST(ResponseParser, BoundsTheBody) {
  ResponseParser parser({.header = 512, .body = 100}, false);
  EXPECT_TRUE(parser.feed("HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'a')).is_too_large);
}

}  // namespace
}  // namespace stepback::http
