// SPDX-License-Identifier: Apache-2.0
// The same change of an alarm in all its spellings, and each of them wrapped by a topic.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/json.hpp"
#include "signals/read.hpp"

namespace stepback {
namespace {

struct Change {
  std::string name;
  std::string account;
  std::string region;
  AlarmState state = AlarmState::alarm;
  Instant at;
  bool zone_in_digits = false;  // "+0000", not "Z"
  std::vector<int> values;      // of each minute before, the newest first
  std::string reason;           // instead of the sentence about them, unless empty
};

constexpr int threshold = 10;

std::string time_text(const Change& change, Instant at) {
  std::string text = to_rfc3339(at);
  if (change.zone_in_digits) text.replace(text.size() - 1, 1, "+0000");
  return text;
}

Instant minute_of(const Change& change, std::size_t index) {
  const auto newest = change.at.ms / 60'000 * 60'000;
  return Instant{newest} - minutes(static_cast<int>(index) + 1);
}

// "02/03/26 09:40:00"
std::string short_time(Instant at) {
  const auto text = to_rfc3339(at);
  return fmt::format("{}/{}/{} {}", text.substr(8, 2), text.substr(5, 2), text.substr(2, 2),
                     text.substr(11, 8));
}

std::string reason_of(const Change& change) {
  if (!change.reason.empty()) return change.reason;
  std::string listed;
  int breaching = 0;
  for (std::size_t i = 0; i < change.values.size(); ++i) {
    if (change.values[i] <= threshold) continue;
    listed += fmt::format("{}{}.0 ({})", breaching == 0 ? "" : ", ", change.values[i],
                          short_time(minute_of(change, i)));
    ++breaching;
  }
  return fmt::format(
      "Threshold Crossed: {} out of the last {} datapoints [{}] were greater than "
      "the threshold ({}.0) (minimum 1 datapoint for OK -> ALARM transition).",
      breaching, change.values.size(), listed, threshold);
}

json::Object state_of(const Change& change) {
  json::Array points;
  for (std::size_t i = 0; i < change.values.size(); ++i) {
    points.push_back(json::Object{{"timestamp", time_text(change, minute_of(change, i))},
                                  {"value", double{1} * change.values[i]}});
  }
  const json::Object data{
      {"period", 60}, {"threshold", 10.0}, {"evaluatedDatapoints", std::move(points)}};
  json::Object state{{"value", name_of(change.state)},
                     {"reason", reason_of(change)},
                     {"timestamp", time_text(change, change.at)}};
  if (change.reason.empty()) state["reasonData"] = json::write(data);
  return state;
}

std::string arn_of(const Change& change) {
  return fmt::format("arn:aws:cloudwatch:{}:{}:alarm:{}", change.region, change.account,
                     change.name);
}

std::string as_event(const Change& change) {
  return json::write(json::Object{
      {"id", "1"},
      {"detail-type", "CloudWatch Alarm State Change"},
      {"source", "aws.cloudwatch"},
      {"account", change.account},
      {"time", to_rfc3339_seconds(change.at)},
      {"region", change.region},
      {"detail", json::Object{{"alarmName", change.name}, {"state", state_of(change)}}}});
}

std::string as_action(const Change& change) {
  return json::write(json::Object{
      {"source", "aws.cloudwatch"},
      {"alarmArn", arn_of(change)},
      {"accountId", change.account},
      {"time", time_text(change, change.at)},
      {"region", change.region},
      {"alarmData", json::Object{{"alarmName", change.name}, {"state", state_of(change)}}}});
}

std::string as_notice(const Change& change) {
  return json::write(json::Object{{"AlarmName", change.name},
                                  {"AWSAccountId", change.account},
                                  {"NewStateValue", name_of(change.state)},
                                  {"NewStateReason", reason_of(change)},
                                  {"StateChangeTime", time_text(change, change.at)},
                                  {"Region", "Somewhere (For People)"},
                                  {"AlarmArn", arn_of(change)},
                                  {"Trigger", json::Object{{"Period", 60}}}});
}

std::string in_records(const std::string& message) {
  json::Object record{{"EventSource", "aws:sns"},
                      {"Sns", json::Object{{"Type", "Notification"}, {"Message", message}}}};
  return json::write(json::Object{{"Records", json::Array{json::Value(std::move(record))}}});
}

std::string in_message(const std::string& message) {
  return json::write(json::Object{
      {"Type", "Notification"}, {"TopicArn", "arn:aws:sns:x:1:t"}, {"Message", message}});
}

Change any_change() {
  const auto letters =
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019-_.: /\"\\{}\xC3")));
  Change change;
  change.name = "a" + *rc::gen::resize(40, letters);
  for (std::size_t i = 0; i < change.name.size(); ++i) {  // half a character is no UTF-8
    if (change.name[i] == '\xC3') change.name.insert(++i, "\xA9");
  }
  change.account =
      std::to_string(*rc::gen::inRange<std::int64_t>(100'000'000'000, 999'999'999'999));
  change.region = *rc::gen::element<std::string>("us-east-1", "eu-west-1", "cn-north-1");
  change.state =
      *rc::gen::element(AlarmState::ok, AlarmState::alarm, AlarmState::insufficient_data);
  change.at = Instant{*rc::gen::inRange<std::int64_t>(946'684'800'000, 4'102'444'800'000)};
  change.zone_in_digits = *rc::gen::arbitrary<bool>();
  change.values = *rc::gen::nonEmpty(
      rc::gen::resize(5, rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30))));
  change.values.back() = 11 + change.values.back();
  if (*rc::gen::inRange(0, 4) == 0) change.reason = "set by hand " + *rc::gen::resize(20, letters);
  for (std::size_t i = 0; i < change.reason.size(); ++i) {
    if (change.reason[i] == '\xC3') change.reason.insert(++i, "\xA9");
  }
  return change;
}

RC_GTEST_PROP(Spellings, OfOneAlarmsChangeGiveOneSignal, ()) {
  const Change change = any_change();
  auto expected = read_one_signal(as_event(change));
  RC_ASSERT(expected.has_value());
  RC_ASSERT(expected->name == change.name);
  RC_ASSERT(expected->at == change.at);
  RC_ASSERT(expected->state == change.state);
  const bool tells_breach = change.state == AlarmState::alarm && change.reason.empty();
  RC_ASSERT(expected->first_breach.has_value() == tells_breach);
  for (const auto& plain : {as_event(change), as_action(change), as_notice(change)}) {
    for (const auto& spelling : {plain, in_records(plain), in_message(plain)}) {
      auto signal = read_one_signal(spelling);
      if (!signal) RC_FAIL(signal.error().message);
      signal->source = expected->source;  // who told may differ
      RC_ASSERT(*signal == *expected);
      RC_ASSERT(content_key(*signal) == content_key(*expected));
    }
  }
}

}  // namespace
}  // namespace stepback
