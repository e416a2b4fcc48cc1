// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where Responders and Streams leave what is meant for the connections of one io thread. Any
// thread puts; the io thread is woken once for all that has gathered, so that a batch of answers
// costs it one turn. For the server's own files.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "http/message.hpp"

namespace stepback::http {

// What a Stream and its connection both look at.
struct StreamState {
  explicit StreamState(std::size_t most) : most_bytes(most) {}

  const std::size_t most_bytes;
  std::atomic<std::size_t> bytes = 0;  // sent by the handler, not yet taken by the peer
  std::atomic<bool> is_over = false;
};

struct StreamBegins {
  std::shared_ptr<StreamState> state;
};
struct StreamSays {
  std::string text;
};
struct StreamEnds {};

struct Letter {
  std::uint64_t connection = 0;
  std::uint64_t request = 0;  // which of the connection's requests a Response answers
  std::variant<Response, StreamBegins, StreamSays, StreamEnds> content;
};

class Mailbox {
 public:
  Mailbox(std::function<void()> wake, std::size_t most_stream_bytes)
      : most_stream_bytes_(most_stream_bytes), wake_(std::move(wake)) {}

  void put(Letter letter);                  // dropped once closed
  void take(std::vector<Letter>& letters);  // replaces what is in there
  void close();                             // after it, `wake` is not called again
  std::size_t most_stream_bytes() const { return most_stream_bytes_; }

 private:
  const std::size_t most_stream_bytes_;
  std::mutex mutex_;  // guards the rest
  std::function<void()> wake_;
  std::vector<Letter> letters_;
  bool is_closed_ = false;
};

}  // namespace stepback::http
