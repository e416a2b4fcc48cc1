// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "entry/cli/commands.hpp"
#include "entry/cli/files.hpp"
#include "entry/cli/follow.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t largest_event = std::size_t{256} * 1024;

Answered<std::string> event_bytes(Session& session, const std::string& file) {
  if (file != "-") {
    return told(read_file(file, largest_event),
                {.what = "the event cannot be read", .attempt = "stepback trigger --help"});
  }
  std::string bytes(largest_event + 1, '\0');
  auto& in = session.terminal().in;
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

Answered<Signal> signal_for(Session& session, Engine& engine, const TriggerOptions& options) {
  if (!options.file.empty()) {
    const auto bytes = TRY(event_bytes(session, options.file));
    return told(session.application().read_event(bytes),
                {.what = "the event is refused", .attempt = "stepback help formats"});
  }
  if (options.alarm.empty()) {
    return complain({Exit::usage, "stepback trigger needs more", "missing: --alarm or --event",
                     "stepback trigger --help", ""});
  }
  Signal signal{.name = options.alarm, .state = AlarmState::alarm, .at = engine.clock.now()};
  signal.reason = "asked for by " + session.terminal().user;
  signal.source = "operator";
  signal.account = engine.settings.account;
  signal.region = engine.settings.region;
  return signal;
}

// What the engine would be told of the signal, as far as it can be read without taking it in: the
// same alarm in other environments is looked at only when it is live.
Result<SignalContext> context_of(Engine& engine, const Signal& signal, const AlarmMatch& match) {
  SignalContext context{.head = TRY(engine.store.head(match.environment)), .roles = match.roles};
  context.service = TRY(engine.store.head(Environment{}));
  if (context.head.current) context.current = TRY(engine.store.deployment(*context.head.current));
  for (const auto& alarm : TRY(engine.query.alarms(match.environment))) {
    if (alarm.name == signal.name) context.state_now = alarm.state;
  }
  const auto same = [](const std::string& ours, const std::string& theirs) {
    return ours.empty() || theirs.empty() || ours == theirs;
  };
  context.known_source =
      same(engine.settings.account, signal.account) && same(engine.settings.region, signal.region);
  return context;
}

Result<TriggerRecord> consider(Engine& engine, const Signal& signal,
                               const std::optional<AlarmMatch>& match) {
  TriggerRecord record{
      .key = content_key(signal), .signal = signal, .received_at = engine.clock.now()};
  if (!match) {
    record.why = "no environment and no rule of ours has this name";
    return record;
  }
  record.environment = match->environment;
  const auto context = TRY(context_of(engine, signal, *match));
  const auto judged = judge(signal, context, record.received_at, engine.settings.policy);
  record.disposition = judged.disposition;
  record.why = judged.why;
  record.rollback = judged.rollback;
  if (!judged.attribution.evidence.empty())
    record.attribution = name_of(judged.attribution.likelihood);
  return record;
}

void print_record(Session& session, const TriggerRecord& record, bool live) {
  const auto opened = record.disposition == Disposition::opened;
  Line line(opened ? running_sign : skipped_sign, opened ? Role::running : Role::muted);
  line.add(
      fmt::format(" {}{}: {}", live ? "" : "would be ", name_of(record.disposition), record.why));
  Answer answer{.screen = {std::move(line)}, .document = to_json(record)};
  if (!record.attribution.empty())
    answer.screen.push_back("  whose doing it is: " + record.attribution);
  if (!live) answer.screen.emplace_back("Nothing was taken in. Do it: add --live");
  if (record.rollback) answer.ids.push_back(record.rollback->text);
  answer.rows.add({name_of(record.disposition), record.why, record.attribution,
                   record.rollback ? record.rollback->text : ""});
  session.print(answer);
}

}  // namespace

Answered<> perform(const TriggerOptions& options, Session& session) {
  if (options.live) TRY(session.may_change("triggering"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto signal = TRY(signal_for(session, engine, options));
  const auto match = match_signal(signal, engine.settings.environments, engine.settings.alarms);
  if (match && match->environment != environment) {
    return complain({Exit::usage, fmt::format("{} is not about {}", signal.name, environment.name),
                     fmt::format("it is an alarm of {}", match->environment.name),
                     fmt::format("stepback alarms {}", environment.name), ""});
  }
  const Deed deed{.what = "the signal was not taken in"};
  if (!options.live) {
    print_record(session, TRY(told(consider(engine, signal, match), deed)), false);
    return Exit::done;
  }
  const auto answer = TRY(told(engine.intake.take(signal), deed));
  print_record(session, answer.record, true);
  if (answer.record.disposition != Disposition::opened || !answer.record.rollback)
    return Exit::done;
  return follow(session, engine, {.id = *answer.record.rollback});
}

}  // namespace stepback::cli
