// SPDX-License-Identifier: Apache-2.0
#include "entry/lambda/handler.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "domain/trigger.hpp"
#include "signals/read.hpp"

namespace stepback {
namespace {

constexpr std::size_t largest_event = std::size_t{8} * 1024 * 1024;
constexpr std::size_t due_at_once = 100;
constexpr Duration longest_delay = minutes(15);  // that the queue knows
constexpr Duration between_sweeps = minutes(1);
constexpr Duration after_a_conflict{50};
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
    const bool is_topics = !records.empty() && records.front().has("Sns");
    return is_topics ? take_notifications(records, deadline) : take_batch(records, deadline);
  }
  if (source_of(event) == sweep_source) return sweep(deadline);
  if (source_of(event) == expire_source) return expire();
  return take_event(invocation);
}

// A person's own event may lack what a delivered one has; its alarm is looked at all the same.
// What is taken before something fails is found again when the event comes again.
Result<> Handler::take(std::string_view event, Instant deadline, Answers& answers) {
  auto read = read_signals(event, {.origin = EventOrigin::hand_made, .prefix = options_.prefix});
  if (!read) return fail(to_error(read.error()));
  for (const auto& refused : read->refused) {
    answers.refused.push_back(to_error(refused).message);
    engine_.log.warning("a part of an event was not read", {{"why", answers.refused.back()}});
  }
  std::ranges::move(read->passed_over, std::back_inserter(answers.passed_over));
  if (read->signals.empty() && !read->refused.empty()) return fail(to_error(read->refused.front()));
  for (auto& signal : read->signals) {
    if (signal.at == Instant{}) signal.at = engine_.clock.now();
    expect(signal);
    auto answer = TRY(engine_.intake.take(signal));
    TRY(follow(answer, deadline));
    answers.records.push_back(std::move(answer.record));
  }
  return {};
}

// Whatever a signal of ours is judged by: one request in the place of five.
void Handler::expect(const Signal& signal) {
  const auto& settings = engine_.settings;
  if (options_.memory == nullptr || !match_signal(signal, settings.environments, settings.alarms))
    return;
  ManyRecords::Wanted wanted{
      .triggers = {content_key(signal)}, .rollbacks = {}, .heads = settings.environments};
  wanted.heads.push_back(Environment{});
  options_.memory->expect(wanted);
}

void Handler::expect(const RollbackId& id) {
  if (options_.memory == nullptr) return;
  ManyRecords::Wanted wanted{
      .triggers = {}, .rollbacks = {id}, .heads = engine_.settings.environments};
  wanted.heads.push_back(Environment{});
  options_.memory->expect(wanted);
}

void Handler::forget() {
  if (options_.memory != nullptr) options_.memory->forget();
}

Result<std::string> Handler::take_event(const Invocation& invocation) {
  const RememberingStore::Span remembered(options_.memory);
  const auto deadline = invocation.deadline - options_.reserve;
  Answers answers;
  TRY(take(invocation.body, deadline, answers));
  carry_notices(deadline);
  const bool is_alone =
      answers.records.size() == 1 && answers.refused.empty() && answers.passed_over.empty();
  return is_alone ? answer_of(answers.records.front()) : answers_of(answers);
}

// A topic has no way to be told which of its messages failed: all are taken that can be, and then
// the whole comes again, or ends with the dead letters.
Result<std::string> Handler::take_notifications(const std::vector<json::Reader>& records,
                                                Instant deadline) {
  const RememberingStore::Span remembered(options_.memory);
  Answers answers;
  std::optional<Error> failed;
  for (const auto& record : records) {
    const auto notification = TRY(record.object("Sns"));
    const auto taken = take(TRY(notification.text("Message")), deadline, answers);
    if (taken) continue;
    engine_.log.warning("notification not taken in", {{"why", taken.error().message}});
    if (!failed || is_retriable(taken.error().code)) failed = taken.error();
  }
  carry_notices(deadline);
  if (failed) return fail(*std::move(failed));
  return answers_of(answers);
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
  carry_notices(deadline);
  return json::write(json::Object{{"batchItemFailures", std::move(failures)}});
}

// A wake-up names a rollback; anything else is a signal that came by way of the queue.
Result<> Handler::take_record(const json::Reader& record, Instant deadline) {
  const RememberingStore::Span remembered(options_.memory);
  const auto body = TRY(record.text("body"));
  const auto value = TRY(json::parse(body));
  const json::Reader message(value);
  if (value.is_object() && message.has("rollback")) {
    const auto named = TRY(message.text("rollback"));
    const auto id = TRY(parse_id<RollbackTag>(named));
    expect(id);
    return carry_on(id, deadline, Waits::leave_a_wake_up);
  }
  Answers answers;
  return take(body, deadline, answers);
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
  const auto carried = carry_on(*record.rollback, deadline, Waits::leave_a_wake_up);
  if (!carried)
    engine_.log.warning("rollback left to the sweep",
                        {{"rollback", record.rollback->text}, {"why", carried.error().message}});
  return {};
}

Result<> Handler::carry_on(RollbackId id, Instant deadline, Waits waits) {
  const auto go_on_after = [&](Duration wait) -> Result<> {
    return waits == Waits::leave_a_wake_up ? leave(id, wait) : Result<>();
  };
  for (;;) {
    // Later rather than at once: a function whose timeout is too short must not chase itself.
    if (engine_.clock.now() + options_.needed > deadline) return go_on_after(options_.needed);
    const auto turn = TRY(worker_->take_turn(id));
    if (turn.ended) {
      const auto ended = TRY(engine_.store.rollback(id));
      if (!ended.handed_to) return {};
      id = *ended.handed_to;
      forget();
      continue;
    }
    const auto wait = std::max(turn.look_at - engine_.clock.now(), Duration(0));
    // Whoever holds its lease leaves its own wake-up; should it have died, the sweep finds it. One
    // who only wrote to the same records leaves none: then the turn is taken again.
    if (turn.not_mine && wait > Duration(0)) return {};
    if (wait > options_.waits_itself) return go_on_after(wait);
    if (!engine_.waiter.wait(std::max(wait, turn.not_mine ? after_a_conflict : Duration(1))))
      return go_on_after(options_.waits_itself);
    forget();  // the next turn rests on what is so by then
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
  int carried = 0;
  const auto all_due = TRY(engine_.store.due(engine_.clock.now(), due_at_once));
  for (const auto& due : all_due) {
    // Its wake-up may only be a little late, and one chain of wake-ups is enough. While it settles,
    // what is stored stays behind its looks, so only the first sweep begins another chain.
    const auto late = engine_.clock.now() - due.wake_at;
    if (late < options_.wake_up_is_late) continue;
    const bool is_first = late < options_.wake_up_is_late + between_sweeps;
    const auto rollback = TRY(engine_.store.rollback(due.id));
    if (options_.environment && rollback.environment != *options_.environment) continue;
    ++carried;
    const RememberingStore::Span remembered(options_.memory);
    const auto went =
        carry_on(due.id, deadline, is_first ? Waits::leave_a_wake_up : Waits::leave_it_to_others);
    if (!went)
      engine_.log.warning("turn", {{"rollback", due.id.text}, {"why", went.error().message}});
  }
  reconcile();
  carry_notices(deadline);
  return fmt::format(R"({{"schema":"stepback/v1/sweep","rollbacks":{}}})", carried);
}

// Less urgent than what is due: deployments that ended, died or took too long. What it opens is due
// at once.
void Handler::reconcile() {
  std::vector<RollbackId> opened;
  auto otherwise =
      std::exchange(engine_.intake.on_opened,
                    [&](const Environment&, const RollbackId& id) { opened.push_back(id); });
  const auto looked = engine_.reconciler.turn();
  engine_.intake.on_opened = std::move(otherwise);
  if (!looked) engine_.log.warning("reconciler", {{"why", looked.error().message}});
  for (const auto& id : opened) {
    if (const auto left = leave(id, Duration(0)); !left)
      engine_.log.warning("turn", {{"rollback", id.text}, {"why", left.error().message}});
  }
}

Result<std::string> Handler::expire() {
  const auto gone = TRY(engine_.reconciler.expire());
  return fmt::format(R"({{"schema":"stepback/v1/expiry","records":{}}})", gone);
}

// Whoever detects has no right to tell people, and leaves it to who acts.
void Handler::carry_notices(Instant deadline) {
  if (options_.role == FunctionRole::detect) return;
  const auto carried = engine_.courier.turn(deadline);
  if (!carried) engine_.log.warning("courier", {{"why", carried.error().message}});
}

}  // namespace stepback
