// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/probe_alarms.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "adapters/local/files.hpp"
#include "adapters/local/probe.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "http/url.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr std::size_t most_turns = 100;  // of one alarm

constexpr std::string_view schema = "stepback/v1/probe-alarm";
constexpr std::size_t longest_name = 128;

MOfN rule_of(const ProbeAlarm& alarm) {
  return {alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm, alarm.missing};
}

std::size_t samples_kept(const ProbeAlarm& alarm) {
  return 2 * static_cast<std::size_t>(std::max(alarm.evaluation_periods, 1)) + 8;
}

bool compares(double number, const NumberThreshold& threshold) {
  switch (threshold.comparison) {
    case Comparison::greater: return number > threshold.value;
    case Comparison::greater_or_equal: return number >= threshold.value;
    case Comparison::less: return number < threshold.value;
    case Comparison::less_or_equal: return number <= threshold.value;
  }
  std::unreachable();
}

// Not "less than": a reader of alarm events looks for these words of CloudWatch's.
std::string_view sign_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::greater: return ">";
    case Comparison::greater_or_equal: return ">=";
    case Comparison::less: return "<";
    case Comparison::less_or_equal: return "<=";
  }
  std::unreachable();
}

Result<double> number_at(const std::string& body, const std::string& pointer) {
  const json::Value found = TRY(at_pointer(body, pointer));
  const auto number = json::Reader(found).as_number();
  if (number) return number;
  return fail(Code::invalid, fmt::format("no number at {}", one_line(pointer, 100)));
}

void hold_against(const NumberThreshold& threshold, const std::string& body, Sample& sample) {
  const auto number = number_at(body, threshold.pointer);
  if (!number) {
    sample.kind = SampleKind::missing;
    sample.said = one_line(number.error().message);
    return;
  }
  const bool breaching = compares(*number, threshold);
  sample.kind = breaching ? SampleKind::breaching : SampleKind::clean;
  sample.said =
      fmt::format("{} is {}, {}breaching {} {}", one_line(threshold.pointer, 100), *number,
                  breaching ? "" : "not ", sign_of(threshold.comparison), threshold.value);
}

json::Value encode(const Sample& sample) {
  json::Object object;
  object["at"] = to_rfc3339(sample.at);
  object["kind"] = name_of(sample.kind);
  object["said"] = sample.said;
  return object;
}

json::Value encode(const AlarmTurn& turn) {
  json::Object object;
  object["at"] = to_rfc3339(turn.at);
  object["from"] = name_of(turn.from);
  object["to"] = name_of(turn.to);
  object["reason"] = turn.reason;
  return object;
}

Result<AlarmTurn> decode_turn(const json::Reader& from, const std::string& name) {
  AlarmTurn turn{.name = name};
  turn.at = TRY(from.instant("at"));
  const auto before = named<AlarmState>(TRY(from.text("from")));
  const auto after = named<AlarmState>(TRY(from.text("to")));
  if (!before || !after) return fail(from.wrong("to", "is not known"));
  turn.from = *before;
  turn.to = *after;
  turn.reason = TRY(from.text("reason"));
  return turn;
}

Result<Sample> decode_sample(const json::Reader& from) {
  Sample sample;
  sample.at = TRY(from.instant("at"));
  const std::string kind = TRY(from.text("kind"));
  const auto known = named<SampleKind>(kind);
  if (!known) return fail(from.wrong("kind", "expected clean, breaching or missing"));
  sample.kind = *known;
  sample.said = TRY(from.text("said"));
  return sample;
}

}  // namespace

Result<ProbeAlarms::Evaluation> ProbeAlarms::evaluate() {
  Evaluation evaluation;
  if (config_.alarms.empty()) return evaluation;
  TRY(make_directories(config_.directory));
  const auto lock = FileLock::take(config_.directory + "/lock");
  if (!lock && lock.error().code == Code::unavailable) return evaluation;
  if (!lock) return fail(lock.error());
  evaluation.done = true;

  struct Due {
    const ProbeAlarm* alarm;
    Record record;
    Sample sample;
  };
  std::vector<Due> due;
  for (const ProbeAlarm& alarm : config_.alarms) {
    auto record = read(alarm);
    if (!record) {
      evaluation.problems.push_back(alarm.name + ": " + record.error().message);
      if (record.error().code != Code::corrupt) continue;
      record = Record{};  // it begins anew, rather than never to be evaluated again
    }
    if (is_due(alarm, *record)) due.push_back({&alarm, *std::move(record), {}});
  }
  side_by_side("probe alarms", due.size(),
               [&](std::size_t i) { due[i].sample = sample(*due[i].alarm); });
  for (Due& one : due) {
    auto change = judge(*one.alarm, one.record, std::move(one.sample));
    if (const auto written = write(*one.alarm, one.record); !written) {
      evaluation.problems.push_back(one.alarm->name + ": " + written.error().message);
    } else if (change) {
      evaluation.changes.push_back(*std::move(change));
    }
  }
  return evaluation;
}

Result<std::vector<AlarmSeen>> ProbeAlarms::list(const Environment& environment) {
  std::vector<AlarmSeen> all;
  for (const ProbeAlarm& alarm : config_.alarms) {
    if (alarm.environment == environment) all.push_back(seen(alarm));
  }
  return all;
}

Result<std::vector<AlarmTurn>> ProbeAlarms::turns(const Environment& environment, Instant since,
                                                  Instant until) {
  std::vector<AlarmTurn> all;
  for (const ProbeAlarm& alarm : config_.alarms) {
    if (alarm.environment != environment) continue;
    for (auto& turn : TRY(read(alarm)).turns)
      if (turn.at >= since && turn.at < until) all.push_back(std::move(turn));
  }
  std::ranges::stable_sort(all, {}, &AlarmTurn::at);
  return all;
}

std::string ProbeAlarms::path_of(const ProbeAlarm& alarm) const {
  return fmt::format("{}/{}.json", config_.directory, alarm.name);
}

Result<ProbeAlarms::Record> ProbeAlarms::read(const ProbeAlarm& alarm) const {
  if (!is_plain_token(alarm.name, longest_name)) {
    return fail(Code::invalid, "not a name of an alarm that can name a file");
  }
  const std::string path = path_of(alarm);
  const auto text = read_file(path);
  if (!text && text.error().code == Code::not_found) return Record{};
  if (!text) return fail(text.error());
  const auto decode = [&]() -> Result<Record> {
    const json::Value value = TRY(json::parse(*text, {.bytes = most_state_bytes, .depth = 8}));
    const json::Reader from(value);
    if (TRY(from.text("schema")) != schema) return fail(from.wrong("schema", "is another one"));
    Record record;
    const auto state = named<AlarmState>(TRY(from.text("state")));
    if (!state) return fail(from.wrong("state", "is not known"));
    record.state = *state;
    record.since = TRY(from.instant("since"));
    record.reason = TRY(from.text("reason"));
    for (const json::Reader& one : TRY(from.array("samples"))) {
      record.samples.push_back(TRY(decode_sample(one)));
    }
    for (const json::Reader& one : TRY(from.optional_array("turns"))) {
      record.turns.push_back(TRY(decode_turn(one, alarm.name)));
    }
    return record;
  };
  auto record = decode();
  if (!record) return fail(Code::corrupt, path + ": " + record.error().message);
  return record;
}

Result<> ProbeAlarms::write(const ProbeAlarm& alarm, const Record& record) const {
  json::Object object;
  object["schema"] = schema;
  object["name"] = alarm.name;
  object["state"] = name_of(record.state);
  object["since"] = to_rfc3339(record.since);
  object["reason"] = record.reason;
  json::Array samples;
  for (const Sample& sample : record.samples) samples.push_back(encode(sample));
  object["samples"] = std::move(samples);
  json::Array turns;
  for (const AlarmTurn& turn : record.turns) turns.push_back(encode(turn));
  object["turns"] = std::move(turns);
  return replace_file(path_of(alarm), json::write(object) + "\n");
}

bool ProbeAlarms::is_due(const ProbeAlarm& alarm, const Record& record) const {
  if (record.samples.empty()) return true;
  // A last sample of the future (the clock was set back) must not hold the alarm up.
  const Instant now = clock_.now();
  const Instant last = record.samples.back().at;
  return last > now || period_number(last, alarm.period) < period_number(now, alarm.period);
}

Sample ProbeAlarms::sample(const ProbeAlarm& alarm) const {
  Sample sample{.at = clock_.now(), .kind = SampleKind::breaching, .said = {}};
  if (const auto url = http::parse_url(alarm.url); !url) {
    sample.kind = SampleKind::missing;
    sample.said = one_line(url.error().message);
    return sample;
  }
  const auto answer = ask(alarm.url, alarm.timeout, clock_);
  if (!answer) {
    sample.said = one_line(answer.error().message);
    return sample;
  }
  sample.said = fmt::format("status {} in {}", answer->status, to_short(answer->took));
  if (std::ranges::find(alarm.statuses, answer->status) == alarm.statuses.end()) return sample;
  if (alarm.max_latency && answer->took > *alarm.max_latency) {
    sample.said += ", above the limit of " + to_short(*alarm.max_latency);
    return sample;
  }
  sample.kind = SampleKind::clean;
  if (alarm.threshold) hold_against(*alarm.threshold, answer->body, sample);
  return sample;
}

std::optional<AlarmChange> ProbeAlarms::judge(const ProbeAlarm& alarm, Record& record,
                                              Sample sample) const {
  const Instant now = clock_.now();
  std::erase_if(record.samples, [&](const Sample& old) { return old.at > sample.at; });
  record.samples.push_back(std::move(sample));
  const std::size_t most = samples_kept(alarm);
  if (record.samples.size() > most) {
    record.samples.erase(record.samples.begin(), record.samples.end() - static_cast<long>(most));
  }
  // Told as of the sample's own period: a probe that outlasts it belongs where it began.
  Told told = tell(rule_of(alarm), record.samples, record.state, record.samples.back().at);
  if (told.state == record.state) {
    if (record.since == Instant{}) record.since = now;
    record.reason = std::move(told.reason);
    return std::nullopt;
  }
  AlarmChange change{.name = alarm.name,
                     .environment = alarm.environment,
                     .from = record.state,
                     .to = told.state,
                     .at = now,
                     .before = record.since,
                     .reason = told.reason,
                     .reason_before = record.reason,
                     .period = alarm.period,
                     .evaluated = alarm.evaluation_periods,
                     .to_alarm = alarm.datapoints_to_alarm,
                     .points = std::move(told.points)};
  record.turns.push_back({.name = alarm.name,
                          .at = now,
                          .from = record.state,
                          .to = told.state,
                          .reason = told.reason});
  if (record.turns.size() > most_turns) record.turns.erase(record.turns.begin());
  record.state = told.state;
  record.since = now;
  record.reason = std::move(told.reason);
  return change;
}

AlarmSeen ProbeAlarms::seen(const ProbeAlarm& alarm) const {
  AlarmSeen seen{.name = alarm.name,
                 .roles = alarm.roles,
                 .state = AlarmState::insufficient_data,
                 .since = {},
                 .reason = {},
                 .period = alarm.period,
                 .evaluated = alarm.evaluation_periods,
                 .to_alarm = alarm.datapoints_to_alarm,
                 .missing = alarm.missing,
                 .points = {}};
  const auto record = read(alarm);
  if (!record) {
    seen.reason = "its state can't be read: " + record.error().message;
    return seen;
  }
  seen.state = record->state;
  seen.since = record->since;
  seen.reason = record->reason;
  for (const Sample& sample : record->samples) {
    if (sample.kind == SampleKind::missing) continue;
    seen.points.push_back({sample.at, sample.kind == SampleKind::breaching});
  }
  if (record->samples.empty()) return seen;
  const Instant last = record->samples.back().at;
  const Instant valid_until = last + evaluation_range(rule_of(alarm)) + alarm.timeout;
  if (clock_.now() > valid_until) {
    seen.state = AlarmState::insufficient_data;
    seen.since = valid_until;
    seen.reason = "nobody has evaluated it since " + to_rfc3339_seconds(last);
  }
  return seen;
}

}  // namespace stepback::local
