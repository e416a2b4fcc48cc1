// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <set>

#include "base/json.hpp"
#include "base/random.hpp"
#include "wire/signals.hpp"

namespace stepback {
namespace {

constexpr std::array samples{"alarm-metric.json",    "alarm-low.json",
                             "alarm-ok.json",        "alarm-insufficient-data.json",
                             "alarm-composite.json", "hand-made.json"};

std::string sample(std::size_t which) {
  std::ifstream file(std::string(STEPBACK_VECTORS) + "/events/" + samples.at(which));
  return {std::istreambuf_iterator<char>(file), {}};
}

// What events are broken with: values of every kind, and what parsers stumble over.
constexpr std::array<std::string_view, 14> odd{"null",      "-0",
                                               "1e400",     "9007199254740993",
                                               "\"\"",      "[]",
                                               "{}",        "true",
                                               "\xFF",      "\"\\ud800\"",
                                               "\"ALARM\"", "[[[[[[[[[[",
                                               "{\"a\":",   "\"1970-01-01T00:00:00Z\""};

std::size_t below(Random& random, std::size_t bound) {
  return static_cast<std::size_t>(random.below(bound));
}

void mutate_bytes(std::string& event, Random& random) {
  const auto at = below(random, event.size());
  const auto length = 1 + below(random, 40);
  switch (random.below(5)) {
    case 0: event[at] = static_cast<char>(random.below(256)); break;
    case 1: event.erase(at, length); break;
    case 2: event.insert(at, event.substr(below(random, event.size()), length)); break;
    case 3: event.resize(at); break;
    default: event.insert(at, odd.at(below(random, odd.size()))); break;
  }
}

json::Value odd_value(Random& random) {
  const auto value = json::parse(odd.at(below(random, odd.size())));
  return value ? *value : json::Value(std::string(200, 'x'));
}

// Changes one field somewhere in a tree that stays valid JSON.
void mutate_tree(json::Value& value, Random& random) {
  if (value.is_object() && !value.get_object().empty()) {
    auto& object = value.get_object();
    auto field = object.begin() + static_cast<std::ptrdiff_t>(below(random, object.size()));
    switch (random.below(4)) {
      case 0: object.erase(field); break;
      case 1: field->value() = odd_value(random); break;
      default: mutate_tree(field->value(), random); break;
    }
  } else if (value.is_array() && !value.get_array().empty()) {
    auto& array = value.get_array();
    mutate_tree(array[below(random, array.size())], random);
  } else {
    value = odd_value(random);
  }
}

std::string mutated(Random& random) {
  std::string event = sample(below(random, samples.size()));
  if (random.chance(500)) {
    json::Value tree = json::parse(event).value();
    for (auto times = 1 + random.below(3); times > 0; --times) mutate_tree(tree, random);
    return json::write(tree);
  }
  for (auto times = 1 + random.below(4); times > 0 && !event.empty(); --times) {
    mutate_bytes(event, random);
  }
  return event;
}

TEST(MutatedEvents, AreReadOrRefusedWithAReasonAndNeverHalfRead) {
  Random random(20260302);
  std::set<EventRefusal> seen;
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string event = mutated(random);
    const auto origin = random.chance(500) ? EventOrigin::delivered : EventOrigin::hand_made;
    const auto reading = read_alarm_event(event, origin);
    ASSERT_EQ(reading, read_alarm_event(event, origin)) << event;
    if (reading) {
      ++accepted;
      ASSERT_FALSE(reading->name.empty());
      const bool says_where = !reading->account.empty() && !reading->region.empty();
      ASSERT_TRUE(says_where || origin == EventOrigin::hand_made);
      ASSERT_GE(reading->at.ms, 0);
      ASSERT_LE(reading->reason.size(), 1024U);
      ASSERT_FALSE(content_key(*reading).empty());
    } else {
      seen.insert(reading.error().refusal);
      ASSERT_FALSE(reading.error().why.empty()) << event;
      ASSERT_NE(reading.error().why.find(reading.error().refusal == EventRefusal::not_json ? "JSON"
                                                                                           : ": "),
                std::string::npos)
          << reading.error().why;
    }
  }
  // The samples reach every refusal but the one for size, and not everything is refused.
  EXPECT_EQ(seen.size(), names_of<EventRefusal>.size() - 1);
  EXPECT_GT(accepted, 1'000);
  EXPECT_LT(accepted, 9'000);
}

}  // namespace
}  // namespace stepback
