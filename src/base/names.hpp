// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names of closed choices, both ways, from one table beside each enum:
//
//   enum class Level { stage, full };
//   template <> inline constexpr Names<Level, Level::full> names_of<Level>{"stage", "full"};
//
// The table has exactly as many places as the enum has values; names_test sees that none is empty.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace stepback {

template <class E, E last>
using Names = std::array<std::string_view, static_cast<std::size_t>(std::to_underlying(last)) + 1>;

template <class E>
inline constexpr int names_of = 0;  // specialised beside each enum

template <class E>
  requires requires { names_of<E>.size(); }
constexpr std::string_view name_of(E value) {
  return names_of<E>[static_cast<std::size_t>(std::to_underlying(value))];
}

template <class E>
constexpr std::optional<E> named(std::string_view name) {
  for (std::size_t i = 0; i < names_of<E>.size(); ++i) {
    if (names_of<E>[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace stepback
