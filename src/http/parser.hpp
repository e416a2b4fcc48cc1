// SPDX-License-Identifier: Apache-2.0
#pragma once

// HTTP/1.1 read piece by piece, on Boost.Beast's parser: the one place that includes it. Used by
// the server's connections and by the client, each object by one thread. What two readers could
// frame differently is refused here.

#include <cstddef>
#include <memory>
#include <string_view>

#include "http/message.hpp"

namespace stepback::http {

// What feeding a parser came to. Bytes that were not used are fed again, with more behind them.
struct Progress {
  std::size_t used = 0;
  bool done = false;          // the message is whole: take() it
  std::string_view wrong;     // why the message is refused; empty while all is well
  int status = 400;           // what a server answers to what is wrong
  bool is_too_large = false;  // the body is beyond the limit
};

struct MessageLimits {
  std::size_t header = 16 * 1024;
  std::size_t body = 256 * 1024;
};

class RequestParser {
 public:
  explicit RequestParser(MessageLimits limits);
  ~RequestParser();

  Progress feed(std::string_view bytes);
  Request take();  // the finished request; the parser is then ready for the next one

  bool has_begun() const;       // a byte of this message was used
  bool has_header() const;      // the header is whole
  bool keeps_alive() const;     // the peer means to send another request; once has_header()
  bool wants_continue() const;  // the peer waits for "100 Continue" before it sends the body

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

class ResponseParser {
 public:
  // The answer to HEAD has no body, whatever its Content-Length says.
  ResponseParser(MessageLimits limits, bool answers_head);
  ~ResponseParser();

  Progress feed(std::string_view bytes);  // passes over interim answers (100 to 199)
  Progress finish();                      // the peer closed: whole, or cut off
  Response take();
  bool keeps_alive() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace stepback::http
