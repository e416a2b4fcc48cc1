// SPDX-License-Identifier: Apache-2.0
#include "wire/signals.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "wire/names.hpp"

namespace stepback {
namespace {

constexpr json::Limits event_limits{.bytes = 256 * 1024, .depth = 32};
constexpr json::Limits reason_limits{.bytes = 64 * 1024, .depth = 8};
constexpr std::size_t longest_name = 255;  // of an alarm
constexpr std::size_t longest_text = 128;  // of an id, an account, a region
constexpr std::size_t longest_reason = 1024;

using Refused = std::unexpected<RefusedEvent>;

Refused refused(EventRefusal refusal, std::string why) {
  return Refused(RefusedEvent{refusal, std::move(why)});
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

std::expected<std::string, RefusedEvent> text_of(const json::Reader& reader, std::string_view key,
                                                 std::size_t longest) {
  if (!reader.has(key)) {
    return refused(EventRefusal::missing_field, reader.wrong(key, "is missing").message);
  }
  auto text = reader.text(key);
  if (!text) return refused(EventRefusal::wrong_field, text.error().message);
  if (text->empty() || text->size() > longest || has_control(*text)) {
    return refused(EventRefusal::wrong_field,
                   reader
                       .wrong(key, fmt::format("expected 1 to {} bytes without control "
                                               "characters",
                                               longest))
                       .message);
  }
  return *std::move(text);
}

std::expected<json::Reader, RefusedEvent> object_of(const json::Reader& reader,
                                                    std::string_view key) {
  if (!reader.has(key)) {
    return refused(EventRefusal::missing_field, reader.wrong(key, "is missing").message);
  }
  auto object = reader.object(key);
  if (!object) return refused(EventRefusal::wrong_field, object.error().message);
  return *std::move(object);
}

std::expected<Instant, RefusedEvent> time_of(const json::Reader& reader, std::string_view key) {
  TRY(text_of(reader, key, longest_text));
  const auto instant = reader.instant(key);
  if (!instant) return refused(EventRefusal::not_a_time, instant.error().message);
  return *instant;
}

// Cut between two characters, not within one.
std::string cut(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  text.resize(longest);
  return text;
}

// On which side of the threshold the alarm breaches, as far as CloudWatch's sentence says so.
enum class Side { above, below, unsaid };

Side side_of(std::string_view reason) {
  const bool greater = reason.find("greater than") != std::string_view::npos;
  const bool less = reason.find("less than") != std::string_view::npos;
  if (greater == less) return Side::unsaid;
  return greater ? Side::above : Side::below;
}

struct Point {
  Instant from;
  double value = 0;
};

Result<std::vector<Point>> points_of(const json::Reader& data) {
  std::vector<Point> points;
  for (const auto& point : TRY(data.optional_array("evaluatedDatapoints"))) {
    const auto from = TRY(point.instant("timestamp"));
    const auto value = TRY(point.optional_number("value"));
    if (value) points.push_back({from, *value});  // none: the data was missing
  }
  if (points.empty()) {  // the older form: values only, and when the oldest of them began
    const auto recent = TRY(data.optional_array("recentDatapoints"));
    if (recent.size() == 1) {
      points.push_back({TRY(data.instant("startDate")), TRY(recent.front().as_number())});
    }
  }
  return points;
}

// When the first data point that breached was complete. A point that began before a switch and
// ended after it may be the switch's doing, so it is its end that counts; and where it cannot be
// told which points breached, nothing is said, because an early one speaks against a rollback.
Result<std::optional<Instant>> first_breach(std::string_view reason, const std::string& bytes) {
  const auto document = TRY(json::parse(bytes, reason_limits));
  const json::Reader data(document);
  const auto points = TRY(points_of(data));
  const auto period = TRY(data.number("period"));
  const auto threshold = TRY(data.optional_number("threshold"));
  if (period <= 0 || period > 86'400) return std::nullopt;
  const Side side = side_of(reason);
  std::optional<Instant> first;
  for (const Point& point : points) {
    if (points.size() > 1) {
      if (side == Side::unsaid || !threshold) return std::nullopt;
      const bool breaches =
          side == Side::above ? point.value >= *threshold : point.value <= *threshold;
      if (!breaches) continue;
    }
    if (!first || point.from < *first) first = point.from;
  }
  if (first) *first = *first + Duration(static_cast<std::int64_t>(period * 1000));
  return first;
}

std::expected<void, RefusedEvent> expect(const json::Reader& reader, std::string_view key,
                                         std::string_view expected, EventRefusal refusal) {
  const auto text = TRY(text_of(reader, key, longest_text));
  if (text == expected) return {};
  std::string quoted;
  json::append_quoted(quoted, text);
  return refused(refusal,
                 reader.wrong(key, fmt::format("expected {}, not {}", expected, quoted)).message);
}

std::expected<void, RefusedEvent> check_envelope(const json::Reader& event, EventOrigin origin) {
  TRY(expect(event, "source", event_source, EventRefusal::wrong_source));
  TRY(expect(event, "detail-type", alarm_detail_type, EventRefusal::wrong_detail_type));
  const bool delivered = origin == EventOrigin::delivered;
  if (delivered || event.has("id")) TRY(text_of(event, "id", longest_text));
  if (delivered || event.has("time")) TRY(time_of(event, "time"));
  return {};
}

std::expected<void, RefusedEvent> read_state(const json::Reader& detail, EventOrigin origin,
                                             Signal& signal) {
  const auto state = TRY(object_of(detail, "state"));
  const auto value = TRY(text_of(state, "value", longest_text));
  const auto known = named<AlarmState>(value);
  if (!known) {
    return refused(EventRefusal::unknown_state,
                   state.wrong("value", "expected OK, ALARM or INSUFFICIENT_DATA").message);
  }
  if (origin == EventOrigin::delivered || state.has("timestamp"))
    signal.at = TRY(time_of(state, "timestamp"));
  const auto reason = state.text_or("reason", "");
  if (!reason) return refused(EventRefusal::wrong_field, reason.error().message);
  const auto data = state.optional_text("reasonData");
  if (!data) return refused(EventRefusal::wrong_field, data.error().message);
  signal.state = *known;
  signal.reason = cut(*reason, longest_reason);
  if (*data && *known == AlarmState::alarm) {
    // Additional knowledge: an alarm without it is still an alarm.
    if (const auto breach = first_breach(*reason, **data)) signal.first_breach = *breach;
  }
  return {};
}

EventReading read(const json::Reader& event, EventOrigin origin) {
  if (const auto object = event.as_object(); !object) {
    return refused(EventRefusal::wrong_field, object.error().message);
  }
  TRY(check_envelope(event, origin));
  Signal signal{.kind = SignalKind::alarm, .source = "eventbridge"};
  const bool delivered = origin == EventOrigin::delivered;
  if (delivered || event.has("account"))
    signal.account = TRY(text_of(event, "account", longest_text));
  if (delivered || event.has("region")) signal.region = TRY(text_of(event, "region", longest_text));
  if (!delivered && event.has("time")) signal.at = TRY(time_of(event, "time"));
  const auto detail = TRY(object_of(event, "detail"));
  signal.name = TRY(text_of(detail, "alarmName", longest_name));
  TRY(read_state(detail, origin, signal));
  return signal;
}

}  // namespace

EventReading read_alarm_event(std::string_view bytes, EventOrigin origin) {
  if (bytes.size() > event_limits.bytes) {
    return refused(EventRefusal::too_large, fmt::format("the event has {} bytes: at most {} are "
                                                        "read",
                                                        bytes.size(), event_limits.bytes));
  }
  const auto document = json::parse(bytes, event_limits);
  if (!document) return refused(EventRefusal::not_json, document.error().message);
  return read(json::Reader(*document), origin);
}

Error to_error(const RefusedEvent& refused) {
  return {Code::invalid, fmt::format("{}: {}", name_of(refused.refusal), refused.why)};
}

}  // namespace stepback
