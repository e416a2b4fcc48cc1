// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "signals/read.hpp"
#include "support/check_mapping.hpp"

namespace stepback {
namespace {

const std::vector<std::string>& samples() {
  static const auto all = [] {
    std::vector<std::string> found;
    const auto folder = std::filesystem::path(STEPBACK_VECTORS) / "events";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path());
      found.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    std::ranges::sort(found);  // a folder has no order
    return found;
  }();
  return all;
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
  std::string event = samples().at(below(random, samples().size()));
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

void check_signal(const Signal& signal, EventOrigin origin) {
  ASSERT_FALSE(signal.name.empty());
  ASSERT_LE(signal.name.size(), 600U);
  ASSERT_LE(signal.reason.size(), 1024U);
  ASSERT_LE(signal.occurrence.size(), 512U);
  ASSERT_GE(signal.at.ms, 0);
  ASSERT_FALSE(content_key(signal).empty());
  ASSERT_TRUE(!signal.environment || parse_environment(signal.environment->name));
  ASSERT_TRUE(signal.version.empty() || parse_version(signal.version.text));
  const bool is_aws = signal.source == "eventbridge" || signal.source == "sns" ||
                      signal.source == "action" || signal.source.starts_with("code");
  const bool says_where = !signal.account.empty() && !signal.region.empty();
  ASSERT_TRUE(says_where || !is_aws || origin == EventOrigin::hand_made);
}

void check_refusal(const RefusedEvent& refused) {
  ASSERT_FALSE(refused.why.empty());
  const bool is_syntax = refused.refusal == EventRefusal::not_json;
  ASSERT_NE(refused.why.find(is_syntax ? "JSON" : ": "), std::string::npos) << refused.why;
}

TEST(MutatedEvents, AreReadOrRefusedWithAReasonAndNeverHalfRead) {
  Random random(20260302);
  std::set<EventRefusal> seen;
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string event = mutated(random);
    SCOPED_TRACE(event);
    const auto origin = random.chance(500) ? EventOrigin::delivered : EventOrigin::hand_made;
    const auto reading = read_signals(event, {.origin = origin});
    ASSERT_EQ(reading, read_signals(event, {.origin = origin}));
    if (!reading) {
      seen.insert(reading.error().refusal);
      ASSERT_NO_FATAL_FAILURE(check_refusal(reading.error()));
      continue;
    }
    ++accepted;
    ASSERT_GT(reading->signals.size() + reading->refused.size() + reading->passed_over.size(), 0U);
    for (const auto& one : reading->signals) ASSERT_NO_FATAL_FAILURE(check_signal(one, origin));
    for (const auto& one : reading->refused) ASSERT_NO_FATAL_FAILURE(check_refusal(one));
    for (const auto& why : reading->passed_over) ASSERT_FALSE(why.empty());
  }
  // The samples reach every refusal but the two for size, and not everything is refused.
  EXPECT_EQ(seen.size(), names_of<EventRefusal>.size() - 2);
  EXPECT_GT(accepted, 1'000);
  EXPECT_LT(accepted, 9'000);
}

TEST(MutatedEvents, AreReadByAMappingOrRefusedWithAReason) {
  const Mapping& mapping = support::check_mapping();
  Random random(20260303);
  const std::string event =
      R"({"check":{"title":"latency","tags":["shop","production"]},"event":{"status":"down",)"
      R"("epoch":1772444477,"detail":"slow"},"build":{"commit":"4f2a91c"}})";
  int accepted = 0;
  for (int i = 0; i < 2'000; ++i) {
    json::Value tree = json::parse(event).value();
    mutate_tree(tree, random);
    const std::string broken = json::write(tree);
    SCOPED_TRACE(broken);
    const auto reading = read_signals(broken, {.mapping = &mapping});
    if (reading) {
      ++accepted;
      ASSERT_NO_FATAL_FAILURE(check_signal(reading->signals.at(0), EventOrigin::delivered));
    } else {
      ASSERT_NO_FATAL_FAILURE(check_refusal(reading.error()));
    }
  }
  EXPECT_GT(accepted, 10);
}

}  // namespace
}  // namespace stepback
