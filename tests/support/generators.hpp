// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random records for property tests: rc::gen::arbitrary<T>() works for every record of the domain
// and its parts. Each field is drawn by its type, through reflection, so that a field added to a
// record is drawn without a word here. Values are plausible (three environments, few ids, times of
// 2026) with the awkward ones among them: empty texts, quotes, control characters, other
// alphabets, the time `never`.

#include <rapidcheck.h>

#include <boost/pfr.hpp>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "domain/advance.hpp"
#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"

namespace stepback::testing {

template <class T>
concept Aggregate = std::is_aggregate_v<T> && std::is_class_v<T> && requires(const T& a) {
  { a == a } -> std::same_as<bool>;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_pair = false;
template <class A, class B>
inline constexpr bool is_pair<std::pair<A, B>> = true;

inline std::string draw_text() {
  return *rc::gen::weightedElement<std::string>(
      {{4, ""},
       {8, "automation"},
       {4, "alarm kiro-worker-production-errors entered ALARM"},
       {2, "say \"no\" \\ and go"},
       {1, "two\nlines\tand a tab"},
       {1, std::string("\x01\x1f\x7f", 3)},
       {1, "Gr\xC3\xBC\xC3\x9F \xE2\x80\x94 \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x9A\x80"}});
}

inline std::string draw_number_text(const char* prefix, int below) {
  return prefix + std::to_string(*rc::gen::inRange(0, below));
}

inline Instant draw_instant() {
  switch (*rc::gen::inRange(0, 10)) {
    case 0: return never;
    case 1: return Instant{};
    default: return {1'767'225'600'000 + *rc::gen::inRange<std::int64_t>(0, 31'536'000'000)};
  }
}

template <class T>
T draw() {
  if constexpr (std::same_as<T, bool>) {
    return *rc::gen::arbitrary<bool>();
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<T>(*rc::gen::inRange<int>(0, static_cast<int>(names_of<T>.size())));
  } else if constexpr (std::integral<T>) {
    return *rc::gen::inRange<T>(0, 1000);
  } else if constexpr (std::same_as<T, std::string>) {
    return draw_text();
  } else if constexpr (std::same_as<T, Environment>) {
    return {*rc::gen::element<std::string>("test", "staging", "production")};
  } else if constexpr (std::same_as<T, Version>) {
    return {draw_number_text("", 10)};
  } else if constexpr (std::same_as<T, Digest>) {
    return {std::string(64, *rc::gen::element('a', 'b', 'c'))};
  } else if constexpr (std::same_as<T, DeploymentId>) {
    return {draw_number_text("dep-", 30)};
  } else if constexpr (std::same_as<T, RollbackId>) {
    return {draw_number_text("rb-", 10)};
  } else if constexpr (std::same_as<T, Instant>) {
    return draw_instant();
  } else if constexpr (std::same_as<T, Duration>) {
    return Duration(*rc::gen::inRange<std::int64_t>(0, 3'600'000));
  } else if constexpr (is_optional<T>) {
    if (*rc::gen::arbitrary<bool>()) return std::nullopt;
    return draw<typename T::value_type>();
  } else if constexpr (is_pair<T>) {
    auto first = draw<typename T::first_type>();
    return {std::move(first), draw<typename T::second_type>()};
  } else if constexpr (is_list<T>) {
    T list;
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) list.push_back(draw<typename T::value_type>());
    return list;
  } else {
    static_assert(Aggregate<T>);
    T record;
    boost::pfr::for_each_field(
        record, [](auto& field) { field = draw<std::remove_cvref_t<decltype(field)>>(); });
    return record;
  }
}

}  // namespace stepback::testing

namespace rc {

template <class T>
  requires(stepback::testing::Aggregate<T> &&
           requires(const T& a) { std::declval<void (*)(const T&)>()(a); } &&
           !std::is_same_v<T, std::string>)
struct Arbitrary<T> {
  static Gen<T> arbitrary() {
    return gen::exec([] { return stepback::testing::draw<T>(); });
  }
};

}  // namespace rc
