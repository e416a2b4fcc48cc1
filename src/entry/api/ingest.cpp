// SPDX-License-Identifier: Apache-2.0
#include "entry/api/ingest.hpp"

#include <utility>

#include "base/digest.hpp"
#include "base/pool.hpp"
#include "entry/api/status.hpp"
#include "signals/read.hpp"
#include "wire/answer.hpp"

namespace stepback {
namespace {

constexpr std::string_view bearer = "Bearer ";

}  // namespace

Ingest::Ingest(Intake& intake, const Settings& settings, const Log& log, Options options)
    : intake_(intake), settings_(settings), log_(log), options_(std::move(options)) {
  thread_ = start_thread("ingest", [this](std::stop_token) { work(); });
}

Ingest::~Ingest() { stop(); }

void Ingest::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  something_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Ingest::allowed(const http::Request& request) const {
  if (!options_.token) return true;
  const auto header = request.headers.find("Authorization");
  if (!header || !header->starts_with(bearer)) return false;
  return equal_in_constant_time(header->substr(bearer.size()), options_.token->reveal());
}

void Ingest::receive(http::Request request, http::Responder responder) {
  ++counters_.received;
  if (!allowed(request)) {
    ++counters_.refused;
    return responder.send(http::problem(401, "a bearer token is needed to send events"));
  }
  auto read = read_signals(request.body);
  if (!read) {
    ++counters_.refused;
    const int status = read.error().refusal == EventRefusal::too_large ? 413 : 400;
    return responder.send(http::problem(status, read.error().why));
  }
  if (read->signals.size() != 1) {
    ++counters_.refused;
    return responder.send(http::problem(400, "it is not about one alarm"));
  }
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < options_.most_waiting) {
      waiting_.push_back({std::move(read->signals.front()), std::move(responder)});
      something_.notify_one();
      return;
    }
  }
  ++counters_.shed;
  responder.send(http::problem(503, "too many events wait to be stored: send it again"));
}

void Ingest::work() {
  for (;;) {
    std::vector<Signal> signals;
    std::vector<http::Responder> responders;
    {
      std::unique_lock lock(mutex_);
      something_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      while (!waiting_.empty() && signals.size() < options_.most_at_once) {
        signals.push_back(std::move(waiting_.front().signal));
        responders.push_back(std::move(waiting_.front().responder));
        waiting_.pop_front();
      }
    }
    const auto taken = intake_.take_each(signals);
    for (std::size_t i = 0; i < taken.size(); ++i) responders[i].send(answer(taken[i]));
  }
}

// 202: what became of it is on record. 200: the same fact again, with the same answer.
http::Response Ingest::answer(const Result<Intake::Answer>& taken) {
  if (!taken) {
    log_.warning("event not taken in", {{"why", taken.error().message}});
    return http::problem(http_status(taken.error().code), taken.error().message);
  }
  const TriggerRecord& record = taken->record;
  ++(taken->seen_before                          ? counters_.duplicates
     : record.disposition == Disposition::opened ? counters_.opened
                                                 : counters_.ignored);
  return http::json_response(taken->seen_before ? 200 : 202, answer_of(record));
}

}  // namespace stepback
