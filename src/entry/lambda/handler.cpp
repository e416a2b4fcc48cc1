// SPDX-License-Identifier: Apache-2.0
#include "entry/lambda/handler.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/json.hpp"
#include "wire/answer.hpp"
#include "wire/signals.hpp"

namespace stepback {
namespace {

constexpr std::size_t largest_event = std::size_t{8} * 1024 * 1024;
constexpr std::size_t due_at_once = 100;
constexpr Duration longest_delay = minutes(15);  // that the queue knows
constexpr std::string_view sweep_source = "stepback.sweep";
constexpr std::string_view expire_source = "stepback.expire";

std::string source_of(const json::Reader& event) {
  return event.text_or("source", "").value_or("");
}

}  // namespace

Handler::Handler(Engine& engine, Options options)
    : engine_(engine), options_(std::move(options)), worker_(engine_.make_worker()) {}

Result<std::string> Handler::handle(const Invocation& invocation) {
  const auto value = json::parse(invocation.body, {.bytes = largest_event});
  if (!value) return fail(Code::invalid, "the event is no JSON: " + value.error().message);
  if (!value->is_object()) return fail(Code::invalid, "the event is no object");
  const json::Reader event(*value);
  const auto deadline = invocation.deadline - options_.reserve;
  if (event.has("Records")) {
    const auto records = TRY(event.array("Records"));
    return take_batch(records, deadline);
  }
  if (source_of(event) == sweep_source) return sweep(deadline);
  if (source_of(event) == expire_source) return expire();
  return take_signal(invocation);
}

// A person's own event may lack what a delivered one has; its alarm is looked at all the same.
Result<std::string> Handler::take_signal(const Invocation& invocation) {
  auto signal = read_alarm_event(invocation.body, EventOrigin::hand_made);
  if (!signal) return fail(to_error(signal.error()));
  if (signal->at == Instant{}) signal->at = engine_.clock.now();
  const auto answer = TRY(engine_.intake.take(*signal));
  TRY(follow(answer, invocation.deadline - options_.reserve));
  return answer_of(answer.record);
}

Result<std::string> Handler::take_batch(const std::vector<json::Reader>& records,
                                        Instant deadline) {
  json::Array failures;
  for (const auto& record : records) {
    const auto id = TRY(record.text("messageId"));
    const auto taken = take_record(record, deadline);
    if (taken) continue;
    engine_.log.warning("message left to be tried again",
                        {{"message", id}, {"why", taken.error().message}});
    failures.push_back(json::Object{{"itemIdentifier", id}});
  }
  return json::write(json::Object{{"batchItemFailures", std::move(failures)}});
}

// A wake-up names a rollback; anything else is a signal that came by way of the queue.
Result<> Handler::take_record(const json::Reader& record, Instant deadline) {
  const auto body = TRY(record.text("body"));
  const auto value = TRY(json::parse(body));
  const json::Reader message(value);
  if (value.is_object() && message.has("rollback")) {
    const auto named = TRY(message.text("rollback"));
    return carry_on(TRY(parse_id<RollbackTag>(named)), deadline);
  }
  auto signal = read_alarm_event(body, EventOrigin::hand_made);
  if (!signal) return fail(to_error(signal.error()));
  const auto answer = TRY(engine_.intake.take(*signal));
  return follow(answer, deadline);
}

// Only a rollback that the signal opened: one that it joined is at work already.
Result<> Handler::follow(const Intake::Answer& answer, Instant deadline) {
  const TriggerRecord& record = answer.record;
  if (record.disposition == Disposition::ignored)
    engine_.log.warning("signal ignored", {{"signal", record.key}, {"why", record.why}});
  // A fact that comes again was counted when it came first.
  if (!record.rollback && !answer.seen_before && options_.ignored) options_.ignored(record);
  if (!record.rollback || record.disposition != Disposition::opened) return {};
  if (options_.role == FunctionRole::detect) return leave(*record.rollback, Duration(0));
  // It is on record; what now fails is taken up again by the sweep, not by this signal.
  const auto carried = carry_on(*record.rollback, deadline);
  if (!carried)
    engine_.log.warning("rollback left to the sweep",
                        {{"rollback", record.rollback->text}, {"why", carried.error().message}});
  return {};
}

Result<> Handler::carry_on(RollbackId id, Instant deadline) {
  for (;;) {
    // Later rather than at once: a function whose timeout is too short must not chase itself.
    if (engine_.clock.now() + options_.needed > deadline) return leave(id, options_.needed);
    auto turn = worker_->take_turn(id);
    carry_notices();
    TRY(turn);
    if (turn->ended) {
      const auto ended = TRY(engine_.store.rollback(id));
      if (!ended.handed_to) return {};
      id = *ended.handed_to;
      continue;
    }
    // Whoever is at it leaves its own wake-up; should it have died, the sweep finds it.
    if (turn->not_mine) return {};
    const auto wait = std::max(turn->look_at - engine_.clock.now(), Duration(0));
    if (wait > options_.waits_itself) return leave(id, wait);
    if (!engine_.waiter.wait(std::max(wait, Duration(1)))) return {};
  }
}

Result<> Handler::leave(const RollbackId& id, Duration delay) {
  const auto rollback = TRY(engine_.store.rollback(id));
  const auto woken = options_.wake(rollback.environment, id, std::min(delay, longest_delay));
  // The sweep will find it, a little later.
  if (!woken)
    engine_.log.warning("no wake-up could be left",
                        {{"rollback", id.text}, {"why", woken.error().message}});
  return {};
}

Result<std::string> Handler::sweep(Instant deadline) {
  const auto looked = engine_.reconciler.turn();
  if (!looked) engine_.log.warning("reconciler", {{"why", looked.error().message}});
  int carried = 0;
  const auto all_due = TRY(engine_.store.due(engine_.clock.now(), due_at_once));
  for (const auto& due : all_due) {
    // Its wake-up may only be a little late, and one chain of wake-ups is enough.
    if (engine_.clock.now() - due.wake_at < options_.wake_up_is_late) continue;
    const auto rollback = TRY(engine_.store.rollback(due.id));
    if (options_.environment && rollback.environment != *options_.environment) continue;
    ++carried;
    const auto went = carry_on(due.id, deadline);
    if (!went)
      engine_.log.warning("turn", {{"rollback", due.id.text}, {"why", went.error().message}});
  }
  carry_notices();
  return fmt::format(R"({{"schema":"stepback/v1/sweep","rollbacks":{}}})", carried);
}

Result<std::string> Handler::expire() {
  const auto gone = TRY(engine_.reconciler.expire());
  return fmt::format(R"({{"schema":"stepback/v1/expiry","records":{}}})", gone);
}

void Handler::carry_notices() {
  const auto carried = engine_.courier.turn();
  if (!carried) engine_.log.warning("courier", {{"why", carried.error().message}});
}

}  // namespace stepback
