// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ingest: events in, at the pace of one flush for many. Requests wait in a bounded queue; one
// thread takes all that wait, has them taken in together, and answers each when what it says is
// durable: 202, 200 where all of it was known already, 503 where any of it could not be stored, so
// that the sender repeats the whole, which does nothing twice. A full queue answers 503 and
// acknowledges nothing.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "engine/intake.hpp"
#include "entry/api/authentication.hpp"
#include "http/message.hpp"
#include "http/responder.hpp"
#include "signals/read.hpp"

namespace stepback {

using Hooks = std::map<std::string, Mapping, std::less<>>;

class Ingest {
 public:
  struct Options {
    std::size_t most_waiting = 4096;  // signals
    std::size_t most_at_once = 512;   // signals, unless one request has more
    Authentication::Options authentication{};
    Hooks hooks{};         // by their names
    std::string prefix{};  // by which names of pipelines tell their environment
  };
  struct Counters {
    std::atomic<std::uint64_t> received = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<std::uint64_t> ignored = 0;
    std::atomic<std::uint64_t> opened = 0;
    std::atomic<std::uint64_t> duplicates = 0;
    std::atomic<std::uint64_t> shed = 0;
  };

  Ingest(Intake& intake, const Clock& clock, const Log& log, Options options);
  ~Ingest();  // as stop()

  // On the server's thread: reads the event of whatever shape, queues it, returns.
  void receive(http::Request request, http::Responder responder);
  // The same for POST /api/v1/hooks/{name}, by the mapping of that name.
  void receive_by_hook(http::Request request, http::Responder responder);

  // For bodies whose sender has been proved another way; from any thread.
  void take(std::string_view body, http::Responder responder);
  void refuse(http::Responder responder, int status, std::string_view why);
  void count_one() { ++counters_.received; }

  // Answers what is queued, and takes no more.
  void stop();
  const Counters& counters() const { return counters_; }

 private:
  struct Waiting {
    SignalsRead read;
    http::Responder responder;
  };
  bool admits(const http::Request& request, http::Responder& responder);
  void take(std::string_view body, const Mapping* mapping, http::Responder responder);
  void queue(SignalsRead read, http::Responder responder);
  void work();
  std::vector<Waiting> next();
  http::Response answer(const SignalsRead& read, std::span<const Result<Intake::Answer>> taken);
  void count(const Intake::Answer& answer);

  Intake& intake_;
  const Log& log_;
  Options options_;
  Authentication authentication_;
  Counters counters_;
  std::mutex mutex_;  // guards the three below
  std::condition_variable something_;
  std::deque<Waiting> waiting_;
  std::size_t signals_waiting_ = 0;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace stepback
