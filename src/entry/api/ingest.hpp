// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ingest: events in, at the pace of one flush for many. Requests wait in a bounded queue; one
// thread takes all that wait, has them taken in together, and answers each when it is durable. A
// full queue answers 503 and acknowledges nothing.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

#include "base/secret.hpp"
#include "engine/intake.hpp"
#include "http/message.hpp"
#include "http/responder.hpp"

namespace stepback {

class Ingest {
 public:
  struct Options {
    std::size_t most_waiting = 4096;
    std::size_t most_at_once = 512;
    std::optional<Secret> token;  // then "Authorization: Bearer ..." is asked for
  };
  struct Counters {
    std::atomic<std::uint64_t> received = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<std::uint64_t> ignored = 0;
    std::atomic<std::uint64_t> opened = 0;
    std::atomic<std::uint64_t> duplicates = 0;
    std::atomic<std::uint64_t> shed = 0;
  };

  Ingest(Intake& intake, const Settings& settings, const Log& log, Options options);
  ~Ingest();  // as stop()

  // On the server's thread: reads the event, queues it, returns.
  void receive(http::Request request, http::Responder responder);
  // Answers what is queued, and takes no more.
  void stop();
  const Counters& counters() const { return counters_; }

 private:
  struct Waiting {
    Signal signal;
    http::Responder responder;
  };
  bool allowed(const http::Request& request) const;
  void work();
  http::Response answer(const Result<Intake::Answer>& taken);

  Intake& intake_;
  const Settings& settings_;
  const Log& log_;
  Options options_;
  Counters counters_;
  std::mutex mutex_;  // guards the two below
  std::condition_variable something_;
  std::deque<Waiting> waiting_;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace stepback
