// SPDX-License-Identifier: Apache-2.0
#include "wire/alarm_event.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/json.hpp"
#include "wire/names.hpp"

namespace stepback {
namespace {

constexpr double breaching_value = 1.0;  // a point is 1 or 0, held against 1

// CloudWatch writes the zone as +0000.
std::string time_text(Instant at) {
  std::string text = to_rfc3339(at);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

// As an event's id looks: 8-4-4-4-12 hexadecimal digits.
std::string id_from(std::string_view what) {
  const std::string hex = sha256_hex(what);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

// A point stands for the period that ended when it was taken, and CloudWatch dates it by its
// beginning.
Instant opened(const AlarmPoint& point, Duration period) { return point.from - period; }

std::string reason_data(const AlarmChange& change) {
  json::Array values;
  json::Array evaluated;
  for (const AlarmPoint& point : change.points) {
    const double value = point.breaching ? breaching_value : 0.0;
    values.push_back(json::Value(value));
    json::Object one;
    one["timestamp"] = time_text(opened(point, change.period));
    one["sampleCount"] = 1.0;
    one["value"] = value;
    evaluated.insert(evaluated.begin(), std::move(one));  // the newest first
  }
  json::Object data;
  data["version"] = "1.0";
  data["queryDate"] = time_text(change.at);
  if (!change.points.empty()) {
    data["startDate"] = time_text(opened(change.points.front(), change.period));
  }
  data["statistic"] = "Maximum";
  data["period"] = static_cast<double>(change.period.count()) / 1000;
  data["recentDatapoints"] = std::move(values);
  data["threshold"] = breaching_value;
  data["evaluatedDatapoints"] = std::move(evaluated);
  return json::write(data);
}

// In CloudWatch's words, from which a reader of events tells on which side the threshold breaches.
std::string reason_of(const AlarmChange& change) {
  if (change.to == AlarmState::insufficient_data) return "Insufficient Data: " + change.reason;
  return fmt::format("Threshold Crossed (greater than or equal to {:.1f}): {}", breaching_value,
                     change.reason);
}

json::Object configuration(const AlarmChange& change) {
  json::Object dimensions;
  dimensions["Environment"] = change.environment.name;
  json::Object metric;
  metric["dimensions"] = std::move(dimensions);
  metric["name"] = change.name;
  metric["namespace"] = metric_namespace;
  json::Object statistic;
  statistic["metric"] = std::move(metric);
  statistic["period"] = static_cast<double>(change.period.count()) / 1000;
  statistic["stat"] = "Maximum";
  json::Object query;
  query["id"] = id_from(change.name);
  query["metricStat"] = std::move(statistic);
  query["returnData"] = true;
  json::Object all;
  all["description"] = "A probe from this machine";
  all["metrics"] = json::Array{json::Value(std::move(query))};
  return all;
}

}  // namespace

std::optional<Instant> first_breach(const AlarmChange& change) {
  if (change.to != AlarmState::alarm) return std::nullopt;
  const auto first = std::ranges::find(change.points, true, &AlarmPoint::breaching);
  if (first == change.points.end()) return std::nullopt;
  return first->from;
}

std::string to_alarm_event(const AlarmChange& change, const EventPlace& place) {
  json::Object before;
  before["value"] = name_of(change.from);
  before["reason"] = change.reason_before;
  before["timestamp"] = time_text(change.before);
  json::Object state;
  state["value"] = name_of(change.to);
  state["reason"] = reason_of(change);
  state["reasonData"] = reason_data(change);
  state["timestamp"] = time_text(change.at);
  json::Object detail;
  detail["alarmName"] = change.name;
  detail["configuration"] = configuration(change);
  detail["previousState"] = std::move(before);
  detail["state"] = std::move(state);

  json::Object event;
  event["version"] = "0";
  event["id"] = id_from(fmt::format("{} {} {}", change.name, name_of(change.to), change.at.ms));
  event["detail-type"] = alarm_detail_type;
  event["source"] = event_source;
  event["account"] = place.account;
  event["time"] = to_rfc3339_seconds(change.at);
  event["region"] = place.region;
  event["resources"] = json::Array{json::Value(
      fmt::format("arn:aws:cloudwatch:{}:{}:alarm:{}", place.region, place.account, change.name))};
  event["detail"] = std::move(detail);
  return json::write(event);
}

Signal to_signal(const AlarmChange& change, const EventPlace& place) {
  return {.kind = SignalKind::alarm,
          .name = change.name,
          .state = change.to,
          .at = change.at,
          .reason = reason_of(change),
          .source = "eventbridge",
          .account = place.account,
          .region = place.region,
          .environment = {},
          .deployment = {},
          .first_breach = first_breach(change)};
}

}  // namespace stepback
