// SPDX-License-Identifier: Apache-2.0
#pragma once

// What other tools send, as Signals: one reader for each shape, and one Signal for one fact in
// whatever spelling it comes. Called by the entries for bytes from outside, so nothing in them is
// believed: size and depth are limited, every field has a type and a length, and what lacks the
// identity of its fact is refused. Whether the fact is about one of our environments, and calls for
// anything, intake decides. Pure; usable from any thread.
//
// A failed action makes its stage fail, and the stage its pipeline: three events, three names
// ("p/s/a", "p/s", "p"), and one failure. What they share is the account, the region, the name up
// to the first slash, and the occurrence.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "base/result.hpp"
#include "domain/signal.hpp"

namespace stepback {

enum class Shape {
  cloudwatch_event,   // EventBridge: "CloudWatch Alarm State Change"
  cloudwatch_action,  // the alarm's own action on the function
  cloudwatch_notice,  // the alarm's message to a topic
  codepipeline,       // EventBridge: a pipeline, stage or action changed its state
  codebuild,          // EventBridge: a build changed its state
  notification,       // the notification service's copy of one of those
  sns_records,        // a topic's batch for a function, with any of these in each message
  sns_message,        // a topic's HTTP delivery
  alertmanager,       // Alertmanager's webhook, version 4
  grafana,            // Grafana's webhook
  cdevents,           // a CDEvent
  list,               // several of these in one body
  mapped,             // any JSON, by a mapping from the configuration
};
template <>
inline constexpr Names<Shape, Shape::mapped> names_of<Shape>{"cloudwatch_event",
                                                             "cloudwatch_action",
                                                             "cloudwatch_notice",
                                                             "codepipeline",
                                                             "codebuild",
                                                             "notification",
                                                             "sns_records",
                                                             "sns_message",
                                                             "alertmanager",
                                                             "grafana",
                                                             "cdevents",
                                                             "list",
                                                             "mapped"};

enum class EventRefusal {
  too_large,          // more than 256 KiB
  too_many,           // more than 1,000 signals in one body
  not_json,           // or nested beyond 32, a key twice, not UTF-8
  unknown_shape,      // no tool that is known here writes this
  wrong_source,       // not from where it must come: anybody may put events on a bus
  wrong_detail_type,  // from there, but about something else
  missing_field,
  wrong_field,  // of another type than it must be, empty, or too long
  unknown_state,
  not_a_time,
};
template <>
inline constexpr Names<EventRefusal, EventRefusal::not_a_time> names_of<EventRefusal>{
    "too_large",         "too_many",      "not_json",    "unknown_shape", "wrong_source",
    "wrong_detail_type", "missing_field", "wrong_field", "unknown_state", "not_a_time"};

struct RefusedEvent {
  EventRefusal refusal = EventRefusal::not_json;
  std::string why;  // names the field: "detail.state.value: is missing"

  bool operator==(const RefusedEvent&) const = default;
};

// One that a person wrote to try things out may lack `id`, `time`, `account`, `region` and the time
// of the state; a delivered one may not. Without any time the signal's is zero, and whoever took it
// in fills in when that was.
enum class EventOrigin { delivered, hand_made };

// Where a tool without a format of its own keeps what a signal needs: paths of names joined by
// dots, with a number for an element of a list ("alerts.0.labels.env"); empty: it has none. A
// state is ALARM when its text is one of `firing`, OK when it is one of `resolved`; a tool that
// sends alarms only has no path for it.
struct Mapping {
  std::string name;
  std::string environment;  // required unless the alarm's name tells
  std::string state;
  std::string at;  // RFC 3339, or seconds since 1970, or from 10^11 on milliseconds; required
  std::string reason;
  std::string version;
  std::vector<std::string> firing;
  std::vector<std::string> resolved;

  bool operator==(const Mapping&) const = default;
};

struct ReadOptions {
  EventOrigin origin = EventOrigin::delivered;
  const Mapping* mapping = nullptr;  // only then is any JSON read; looked at during the call
  // By which a pipeline's or a build project's name tells its environment, as OutsideNames spells
  // it; empty: it tells none. Looked at during the call.
  std::string_view prefix = {};
};

// A batch may say several things, some of them unreadable: each is there, in order. A message that
// says nothing worth a signal (a build that succeeded, an approval that was refused, a run that a
// newer one superseded) has its reason in `passed_over`.
struct SignalsRead {
  Shape shape = Shape::cloudwatch_event;
  std::vector<Signal> signals;
  std::vector<RefusedEvent> refused;
  std::vector<std::string> passed_over;

  bool operator==(const SignalsRead&) const = default;
};

[[nodiscard]] std::expected<SignalsRead, RefusedEvent> read_signals(
    std::string_view bytes, const ReadOptions& options = {});

// For those who take one signal: invalid when there is none, with the reason, or several.
Result<Signal> read_one_signal(std::string_view bytes, const ReadOptions& options = {});

// "missing_field: detail.state.value: is missing", for those who pass errors on.
Error to_error(const RefusedEvent& refused);

}  // namespace stepback
