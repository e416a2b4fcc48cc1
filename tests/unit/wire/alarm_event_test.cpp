// SPDX-License-Identifier: Apache-2.0
#include "wire/alarm_event.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "signals/read.hpp"

namespace stepback {
namespace {

const Instant at = parse_rfc3339("2026-03-02T09:41:17.204Z").value();

AlarmChange change_to(AlarmState state) {
  return {.name = "kiro-worker-production-errors",
          .environment = {"production"},
          .from = AlarmState::ok,
          .to = state,
          .at = at,
          .before = at - minutes(30),
          .reason = "2 of the last 3 points breach: \"connection refused\"",
          .reason_before = "fine",
          .period = seconds(60),
          .evaluated = 3,
          .to_alarm = 2,
          .points = {{at - minutes(2), false}, {at - minutes(1), true}, {at, true}}};
}

// The paths of all fields of a document: "detail.state.value".
void add_paths(const json::Value& value, const std::string& path, std::vector<std::string>& all) {
  if (value.is_array() && !value.get_array().empty()) {
    return add_paths(value.get_array()[0], path + "[]", all);
  }
  if (!value.is_object()) return all.push_back(path);
  for (const auto& [key, member] : value.get_object()) {
    add_paths(member, path + "." + std::string(key), all);
  }
}

std::vector<std::string> paths_of(const std::string& document) {
  std::vector<std::string> all;
  add_paths(json::parse(document).value(), "", all);
  std::ranges::sort(all);
  return all;
}

TEST(AlarmChangeAsAnEvent, IsReadBackAsTheSameSignalInEveryState) {
  for (const auto state : {AlarmState::ok, AlarmState::alarm, AlarmState::insufficient_data}) {
    const AlarmChange change = change_to(state);
    const EventPlace place{.account = "111122223333", .region = "eu-west-1"};
    const auto signal = read_one_signal(to_alarm_event(change, place));
    ASSERT_TRUE(signal) << signal.error().message;
    EXPECT_EQ(*signal, to_signal(change, place));
    EXPECT_EQ(signal->state, state);
    EXPECT_EQ(signal->at, at);
    EXPECT_EQ(signal->account, "111122223333");
    EXPECT_EQ(signal->region, "eu-west-1");
  }
}

TEST(AlarmChangeAsAnEvent, SaysWhenTheFirstPointBreached) {
  const auto signal = read_one_signal(to_alarm_event(change_to(AlarmState::alarm)));
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->first_breach, at - minutes(1));
}

TEST(AlarmChangeAsAnEvent, HasTheFieldsOfCloudWatchs) {
  std::ifstream file(std::string(STEPBACK_VECTORS) + "/events/alarm-metric.json");
  const std::string real{std::istreambuf_iterator<char>(file), {}};
  const std::string event = to_alarm_event(change_to(AlarmState::alarm));
  std::vector<std::string> ours = paths_of(event);
  for (const std::string& path : paths_of(real)) {
    if (path.contains("dimensions") || path == ".detail.previousState.reasonData") continue;
    EXPECT_TRUE(std::ranges::find(ours, path) != ours.end()) << path;
  }
}

TEST(AlarmChangeAsAnEvent, HasOneIdForOneFact) {
  const AlarmChange change = change_to(AlarmState::alarm);
  EXPECT_EQ(to_alarm_event(change), to_alarm_event(change));
  AlarmChange later = change;
  later.at = at + Duration(1);
  const auto id = [](const AlarmChange& one) {
    const auto document = json::parse(to_alarm_event(one)).value();
    return json::Reader(document).text("id").value();
  };
  EXPECT_NE(id(change), id(later));
  EXPECT_EQ(id(change).size(), 36u);
}

}  // namespace
}  // namespace stepback
