// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <utility>

#include "signals/breach.hpp"
#include "signals/families.hpp"
#include "wire/names.hpp"

namespace stepback::signals {
namespace {

constexpr std::size_t longest_arn = 512;

Checked<AlarmState> state_of(const json::Reader& reader, std::string_view key) {
  const auto value = TRY(view_of(reader, key));
  const auto known = named<AlarmState>(value);
  if (!known) {
    return refused(EventRefusal::unknown_state,
                   reader.wrong(key, "expected OK, ALARM or INSUFFICIENT_DATA").message);
  }
  return *known;
}

// The state of an event and of an action, which are spelt alike.
Checked<> read_state(const json::Reader& detail, EventOrigin origin, Signal& signal) {
  const auto state = TRY(object_of(detail, "state"));
  signal.state = TRY(state_of(state, "value"));
  if (origin == EventOrigin::delivered || has(state, "timestamp"))
    signal.at = TRY(time_of(state, "timestamp"));
  const auto reason = TRY(any_view_of(state, "reason"));
  const auto data = TRY(any_view_of(state, "reasonData"));
  signal.reason = cut(std::string(reason));
  if (!data.empty() && signal.state == AlarmState::alarm) {
    // Additional knowledge: an alarm without it is still an alarm.
    if (const auto breach = first_breach(reason, data)) signal.first_breach = *breach;
  }
  return {};
}

// One of the series that an alarm watches: that it is well again says nothing of the others.
Checked<Outcome> read_detail(const json::Reader& detail, EventOrigin origin, Signal signal) {
  signal.name = TRY(text_of(detail, "alarmName", longest_name));
  TRY(read_state(detail, origin, signal));
  if (!has(detail, "alarmContributor")) return Outcome{std::move(signal), ""};
  const auto contributor = TRY(object_of(detail, "alarmContributor"));
  signal.occurrence = TRY(text_or_none(contributor, "id"));
  if (signal.state == AlarmState::alarm) return Outcome{std::move(signal), ""};
  return Outcome{{},
                 fmt::format("{}: one contributor is {}; the alarm tells itself when all are",
                             signal.name, name_of(signal.state))};
}

// arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME. The notice spells its region for people, so the
// region is taken from here; what else it says must agree.
Checked<std::string> region_in_arn(const json::Reader& notice, const Signal& signal) {
  const auto arn = TRY(text_of(notice, "AlarmArn", longest_arn));
  const std::string ending = fmt::format(":{}:alarm:{}", signal.account, signal.name);
  const auto service = arn.find(":cloudwatch:");
  const auto begin = service + std::string_view(":cloudwatch:").size();
  if (!arn.starts_with("arn:") || service == std::string::npos || !arn.ends_with(ending) ||
      arn.size() <= begin + ending.size()) {
    return refused(EventRefusal::wrong_field,
                   notice.wrong("AlarmArn", "is not that of this alarm and account").message);
  }
  auto region = arn.substr(begin, arn.size() - ending.size() - begin);
  if (!is_plain_token(region)) {
    return refused(EventRefusal::wrong_field, notice.wrong("AlarmArn", "names no region").message);
  }
  return region;
}

}  // namespace

Checked<Outcome> read_alarm_event(const json::Reader& event, const ReadOptions& options) {
  const auto type = TRY(view_of(event, "detail-type"));
  if (type != alarm_detail_type && type != contributor_detail_type)
    TRY(expect(event, "detail-type", alarm_detail_type, EventRefusal::wrong_detail_type));
  auto envelope = TRY(read_envelope(event, options.origin));
  Signal signal{.kind = SignalKind::alarm, .source = "eventbridge"};
  signal.at = envelope.at;
  signal.account = std::move(envelope.account);
  signal.region = std::move(envelope.region);
  const auto detail = TRY(object_of(event, "detail"));
  return read_detail(detail, options.origin, std::move(signal));
}

Checked<Outcome> read_alarm_action(const json::Reader& action, const ReadOptions& options) {
  TRY(expect(action, "source", event_source, EventRefusal::wrong_source));
  const bool delivered = options.origin == EventOrigin::delivered;
  Signal signal{.kind = SignalKind::alarm, .source = "action"};
  if (delivered || has(action, "time")) signal.at = TRY(time_of(action, "time"));
  if (delivered || has(action, "accountId")) signal.account = TRY(text_of(action, "accountId"));
  if (delivered || has(action, "region")) signal.region = TRY(text_of(action, "region"));
  const auto data = TRY(object_of(action, "alarmData"));
  return read_detail(data, options.origin, std::move(signal));
}

Checked<Outcome> read_alarm_notice(const json::Reader& notice, const ReadOptions& options) {
  const bool delivered = options.origin == EventOrigin::delivered;
  Signal signal{.kind = SignalKind::alarm, .source = "sns"};
  signal.name = TRY(text_of(notice, "AlarmName", longest_name));
  signal.state = TRY(state_of(notice, "NewStateValue"));
  if (delivered || has(notice, "StateChangeTime"))
    signal.at = TRY(time_of(notice, "StateChangeTime"));
  if (delivered || has(notice, "AWSAccountId"))
    signal.account = TRY(text_of(notice, "AWSAccountId"));
  if (delivered || has(notice, "AlarmArn")) signal.region = TRY(region_in_arn(notice, signal));
  const auto reason = TRY(any_view_of(notice, "NewStateReason"));
  signal.reason = cut(std::string(reason));
  const auto trigger = object_if_any(notice, "Trigger");
  if (trigger && signal.state == AlarmState::alarm) {
    const auto period = trigger->number("Period");
    if (period) signal.first_breach = first_breach_in_words(reason, *period);
  }
  return Outcome{std::move(signal), ""};
}

}  // namespace stepback::signals
