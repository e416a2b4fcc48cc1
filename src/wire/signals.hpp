// SPDX-License-Identifier: Apache-2.0
#pragma once

// Signals from outside: one EventBridge event "CloudWatch Alarm State Change" as bytes becomes a
// Signal, or a refusal that names what was wrong. Called by the entries for whatever arrives, so
// nothing in it is believed: size and depth are limited, every field has a type and a length, and
// an event that lacks what gives a fact its identity is refused. Whether the alarm is one of ours,
// and whether the account is, intake decides. Pure; usable from any thread.

#include <expected>
#include <string>
#include <string_view>

#include "base/names.hpp"
#include "base/result.hpp"
#include "domain/signal.hpp"

namespace stepback {

enum class EventRefusal {
  too_large,          // more than 256 KiB
  not_json,           // or nested beyond 32, a key twice, not UTF-8
  wrong_source,       // not from CloudWatch: anybody may put events on a bus
  wrong_detail_type,  // from there, but not about an alarm's state
  missing_field,
  wrong_field,  // of another type than it must be, empty, or too long
  unknown_state,
  not_a_time,
};
template <>
inline constexpr Names<EventRefusal, EventRefusal::not_a_time> names_of<EventRefusal>{
    "too_large",     "not_json",    "wrong_source",  "wrong_detail_type",
    "missing_field", "wrong_field", "unknown_state", "not_a_time"};

struct RefusedEvent {
  EventRefusal refusal = EventRefusal::not_json;
  std::string why;  // names the field: "detail.state.value: is missing"

  bool operator==(const RefusedEvent&) const = default;
};

// One that a person wrote to try things out may lack `id`, `time`, `account`, `region` and the time
// of the state; a delivered one may not. Without any time the signal's is zero, and whoever took it
// in fills in when that was.
enum class EventOrigin { delivered, hand_made };

using EventReading = std::expected<Signal, RefusedEvent>;
[[nodiscard]] EventReading read_alarm_event(std::string_view bytes,
                                            EventOrigin origin = EventOrigin::delivered);

// "missing_field: detail.state.value: is missing", for those who pass errors on.
Error to_error(const RefusedEvent& refused);

}  // namespace stepback
