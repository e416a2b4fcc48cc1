// SPDX-License-Identifier: Apache-2.0
#include "entry/api/ingest.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/pool.hpp"
#include "entry/api/problems.hpp"
#include "wire/answer.hpp"

namespace stepback {
namespace {

int status_of(EventRefusal refusal) {
  return refusal == EventRefusal::too_large || refusal == EventRefusal::too_many ? 413 : 400;
}

Answers answers_without_records(const SignalsRead& read) {
  Answers answers{.passed_over = read.passed_over};
  for (const auto& refused : read.refused) answers.refused.push_back(to_error(refused).message);
  return answers;
}

// One that says nothing else gets the one answer.
bool is_alone(const SignalsRead& read) {
  return read.signals.size() == 1 && read.refused.empty() && read.passed_over.empty();
}

// What the sender should be told first: that it may try again.
const Error* worst_of(std::span<const Result<Intake::Answer>> taken) {
  const Error* worst = nullptr;
  for (const auto& one : taken) {
    if (one) continue;
    if (worst == nullptr || (is_retriable(one.error().code) && !is_retriable(worst->code)))
      worst = &one.error();
  }
  return worst;
}

}  // namespace

Ingest::Ingest(Intake& intake, const Clock& clock, const Log& log, Options options)
    : intake_(intake),
      log_(log),
      options_(std::move(options)),
      authentication_(options_.authentication, clock) {
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

void Ingest::refuse(http::Responder responder, int status, std::string_view why) {
  ++counters_.refused;
  responder.send(http::problem(status, why));
}

bool Ingest::admits(const http::Request& request, http::Responder& responder) {
  ++counters_.received;
  const auto allowed = authentication_.check(request);
  if (allowed) return true;
  refuse(std::move(responder), 401, allowed.error().message);
  return false;
}

void Ingest::receive(http::Request request, http::Responder responder) {
  if (admits(request, responder)) take(request.body, nullptr, std::move(responder));
}

void Ingest::receive_by_hook(http::Request request, http::Responder responder) {
  if (!admits(request, responder)) return;
  const auto hook = options_.hooks.find(request.capture("name"));
  if (hook == options_.hooks.end()) {
    return refuse(std::move(responder), 404, "no hook of this name is in the configuration");
  }
  take(request.body, &hook->second, std::move(responder));
}

void Ingest::take(std::string_view body, http::Responder responder) {
  take(body, nullptr, std::move(responder));
}

void Ingest::take(std::string_view body, const Mapping* mapping, http::Responder responder) {
  auto read = read_signals(body, {.mapping = mapping, .prefix = options_.prefix});
  if (!read) {
    return refuse(std::move(responder), status_of(read.error().refusal), read.error().why);
  }
  if (!read->signals.empty()) return queue(*std::move(read), std::move(responder));
  if (!read->refused.empty()) {
    return refuse(std::move(responder), 400, read->refused.front().why);
  }
  responder.send(http::json_response(202, answers_of(answers_without_records(*read))));
}

void Ingest::queue(SignalsRead read, http::Responder responder) {
  const auto count = read.signals.size();
  {
    const std::lock_guard lock(mutex_);
    // A large one is taken where nothing else waits.
    const bool has_room = waiting_.empty() || signals_waiting_ + count <= options_.most_waiting;
    if (!stopping_ && has_room && options_.most_waiting > 0) {
      waiting_.push_back({std::move(read), std::move(responder)});
      signals_waiting_ += count;
      something_.notify_one();
      return;
    }
  }
  ++counters_.shed;
  responder.send(http::problem(503, "too many events wait to be stored: send it again"));
}

// Empty when there will be no more.
std::vector<Ingest::Waiting> Ingest::next() {
  std::vector<Waiting> together;
  std::size_t signals = 0;
  std::unique_lock lock(mutex_);
  something_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  while (!waiting_.empty()) {
    const auto count = waiting_.front().read.signals.size();
    if (!together.empty() && signals + count > options_.most_at_once) break;
    together.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    signals_waiting_ -= count;
    signals += count;
  }
  return together;
}

void Ingest::work() {
  for (auto together = next(); !together.empty(); together = next()) {
    std::vector<Signal> signals;
    for (auto& one : together) std::ranges::move(one.read.signals, std::back_inserter(signals));
    const auto taken = intake_.take_each(signals);
    std::span<const Result<Intake::Answer>> rest(taken);
    for (auto& one : together) {
      const auto count = one.read.signals.size();  // moved from, and still as many
      one.responder.send(answer(one.read, rest.first(count)));
      rest = rest.subspan(count);
    }
  }
}

void Ingest::count(const Intake::Answer& answer) {
  ++(answer.seen_before                                 ? counters_.duplicates
     : answer.record.disposition == Disposition::opened ? counters_.opened
                                                        : counters_.ignored);
}

// 202: what became of it is on record. 200: the same facts again, with the same answers.
http::Response Ingest::answer(const SignalsRead& read,
                              std::span<const Result<Intake::Answer>> taken) {
  if (const Error* worst = worst_of(taken)) {
    log_.warning("event not taken in", {{"why", worst->message}});
    return http::problem(http_status(worst->code), worst->message);
  }
  bool all_known = true;
  for (const auto& one : taken) {
    count(*one);
    all_known = all_known && one->seen_before;
  }
  const int status = all_known ? 200 : 202;
  if (is_alone(read)) return http::json_response(status, answer_of(taken.front()->record));
  auto answers = answers_without_records(read);
  for (const auto& one : taken) answers.records.push_back(one->record);
  return http::json_response(status, answers_of(answers));
}

}  // namespace stepback
