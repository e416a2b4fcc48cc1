// SPDX-License-Identifier: Apache-2.0
#include "signals/read.hpp"

#include <fmt/core.h>

#include <iterator>
#include <utility>

#include "signals/families.hpp"
#include "wire/names.hpp"

namespace stepback {
namespace {

using namespace signals;

constexpr std::size_t most_signals = 1000;
constexpr std::string_view pipeline_source = "aws.codepipeline";
constexpr std::string_view build_source = "aws.codebuild";

// Who wrote it is told by what only they write. The source of an event is looked at here and
// nowhere else.
Checked<Shape> shape_of_event(const json::Reader& event) {
  const auto source = TRY(view_of(event, "source"));
  const bool is_notification = type_key(event) == "detailType";
  if (source == event_source && !is_notification) return Shape::cloudwatch_event;
  if (source == pipeline_source) return is_notification ? Shape::notification : Shape::codepipeline;
  if (source == build_source) return is_notification ? Shape::notification : Shape::codebuild;
  std::string quoted;
  json::append_quoted(quoted, source);
  return refused(EventRefusal::wrong_source,
                 event
                     .wrong("source", fmt::format("expected {}, {} or {}, not {}", event_source,
                                                  pipeline_source, build_source, quoted))
                     .message);
}

Checked<Shape> shape_of(const json::Reader& body) {
  if (const auto object = body.as_object(); !object)
    return refused(EventRefusal::wrong_field, object.error().message);
  if (has(body, "detail-type") || has(body, "detailType")) return shape_of_event(body);
  if (has(body, "alarmData")) return Shape::cloudwatch_action;
  if (has(body, "Records")) return Shape::sns_records;
  if (has(body, "TopicArn") && has(body, "Type")) return Shape::sns_message;
  if (has(body, "AlarmName") && has(body, "NewStateValue")) return Shape::cloudwatch_notice;
  if (has(body, "alerts")) {
    const auto version = text_if_any(body, "version");
    if (has(body, "orgId") || version == "1") return Shape::grafana;
    if (version == "4") return Shape::alertmanager;
  }
  if (is_cdevent(body)) return Shape::cdevents;
  if (has(body, "detail") || has(body, "source"))
    return shape_of_event(body);  // says what it lacks
  return refused(EventRefusal::unknown_shape, "the document: no tool that is known here writes it");
}

Checked<SignalsRead> alone(Shape shape, Checked<Outcome> outcome) {
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  SignalsRead read{.shape = shape};
  if (outcome->signal) {
    read.signals.push_back(*std::move(outcome->signal));
  } else {
    read.passed_over.push_back(std::move(outcome->passed_over));
  }
  return read;
}

// What a topic carries may be anything but a topic's own wrapping.
Checked<SignalsRead> read_inside(const json::Reader& body, Shape shape,
                                 const ReadOptions& options) {
  switch (shape) {
    case Shape::cloudwatch_event: return alone(shape, read_alarm_event(body, options));
    case Shape::cloudwatch_action: return alone(shape, read_alarm_action(body, options));
    case Shape::cloudwatch_notice: return alone(shape, read_alarm_notice(body, options));
    case Shape::codepipeline: return alone(shape, read_pipeline_event(body, options));
    case Shape::codebuild: return alone(shape, read_build_event(body, options));
    case Shape::notification: {
      const bool is_build = text_if_any(body, "source") == build_source;
      return alone(shape,
                   is_build ? read_build_event(body, options) : read_pipeline_event(body, options));
    }
    case Shape::alertmanager:
    case Shape::grafana: return read_alerts(body, shape);
    case Shape::cdevents: return alone(shape, read_cdevent(body));
    case Shape::sns_records:
    case Shape::sns_message:
    case Shape::list:
    case Shape::mapped: break;
  }
  return refused(EventRefusal::unknown_shape, "the document: it is wrapped twice");
}

Checked<json::Value> parsed(std::string_view bytes) {
  auto document = json::parse(bytes, event_limits);
  if (!document) return refused(EventRefusal::not_json, document.error().message);
  return *std::move(document);
}

Checked<SignalsRead> read_text(std::string_view text, const ReadOptions& options) {
  const auto document = TRY(parsed(text));
  const json::Reader body(document);
  return read_inside(body, TRY(shape_of(body)), options);
}

// The message of a notification.
Checked<SignalsRead> read_carried(const json::Reader& wrapping, const ReadOptions& options) {
  const auto text = wrapping.text("Message");
  if (!text) {
    const auto refusal =
        has(wrapping, "Message") ? EventRefusal::wrong_field : EventRefusal::missing_field;
    return refused(refusal, text.error().message);
  }
  auto read = read_text(*text, options);
  const auto say_where = [&](RefusedEvent& event) {
    event.why = wrapping.wrong("Message", event.why).message;
  };
  if (!read) {
    say_where(read.error());
  } else {
    for (auto& event : read->refused) say_where(event);
  }
  return read;
}

Checked<SignalsRead> read_message_of_topic(const json::Reader& body, const ReadOptions& options) {
  const auto type = TRY(text_of(body, "Type"));
  TRY(text_of(body, "TopicArn", 512));
  SignalsRead read{.shape = Shape::sns_message};
  if (type == "SubscriptionConfirmation" || type == "UnsubscribeConfirmation") {
    read.passed_over.push_back(type + " is answered at /api/v1/sns only");
    return read;
  }
  if (type != "Notification") {
    return refused(EventRefusal::wrong_field,
                   body.wrong("Type", "expected Notification or a confirmation").message);
  }
  auto carried = TRY(read_carried(body, options));
  carried.shape = Shape::sns_message;
  return carried;
}

Checked<SignalsRead> read_record(const json::Reader& record, const ReadOptions& options) {
  if (const auto object = record.as_object(); !object)
    return refused(EventRefusal::wrong_field, object.error().message);
  TRY(expect(record, "EventSource", "aws:sns", EventRefusal::wrong_source));
  return read_carried(TRY(object_of(record, "Sns")), options);
}

std::unexpected<RefusedEvent> too_many() {
  return refused(EventRefusal::too_many,
                 fmt::format("the document: it says more than {} things", most_signals));
}

template <class T>
void append(std::vector<T>& all, std::vector<T>&& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Each stands for itself: one that cannot be read takes none of the others with it.
Checked<SignalsRead> read_each(Shape shape, const std::vector<json::Reader>& parts,
                               const ReadOptions& options,
                               Checked<SignalsRead> (*read_part)(const json::Reader&,
                                                                 const ReadOptions&)) {
  SignalsRead all{.shape = shape};
  if (parts.size() > most_signals) return too_many();
  for (const auto& part : parts) {
    auto read = read_part(part, options);
    if (!read) {
      all.refused.push_back(std::move(read.error()));
      continue;
    }
    append(all.signals, std::move(read->signals));
    append(all.refused, std::move(read->refused));
    append(all.passed_over, std::move(read->passed_over));
  }
  if (parts.empty()) all.passed_over.emplace_back("it has no records");
  return all;
}

Checked<SignalsRead> read_document(const json::Reader& body, const ReadOptions& options) {
  const auto shape = TRY(shape_of(body));
  if (shape == Shape::sns_records) {
    const auto records = TRY(list_of(body, "Records"));
    return read_each(shape, records, options, read_record);
  }
  if (shape == Shape::sns_message) return read_message_of_topic(body, options);
  return read_inside(body, shape, options);
}

Checked<SignalsRead> read_body(const json::Reader& body, const ReadOptions& options) {
  if (options.mapping != nullptr) return alone(Shape::mapped, read_mapped(body, *options.mapping));
  const auto several = body.as_array();
  if (several && !several->empty()) return read_each(Shape::list, *several, options, read_document);
  return read_document(body, options);
}

}  // namespace

std::expected<SignalsRead, RefusedEvent> read_signals(std::string_view bytes,
                                                      const ReadOptions& options) {
  if (bytes.size() > event_limits.bytes) {
    return refused(EventRefusal::too_large, fmt::format("the event has {} bytes: at most {} are "
                                                        "read",
                                                        bytes.size(), event_limits.bytes));
  }
  const auto document = TRY(parsed(bytes));
  auto read = read_body(json::Reader(document), options);
  if (read && read->signals.size() + read->refused.size() > most_signals) return too_many();
  return read;
}

Result<Signal> read_one_signal(std::string_view bytes, const ReadOptions& options) {
  auto read = read_signals(bytes, options);
  if (!read) return fail(to_error(read.error()));
  if (!read->refused.empty()) return fail(to_error(read->refused.front()));
  if (read->signals.size() == 1) return std::move(read->signals.front());
  if (!read->signals.empty()) {
    return fail(Code::invalid,
                fmt::format("it has {} signals: one is taken at a time", read->signals.size()));
  }
  const auto why = read->passed_over.empty() ? "it says nothing" : read->passed_over.front();
  return fail(Code::invalid, "nothing to judge: " + why);
}

Error to_error(const RefusedEvent& refused) {
  return {Code::invalid, fmt::format("{}: {}", name_of(refused.refusal), refused.why)};
}

}  // namespace stepback
