// SPDX-License-Identifier: Apache-2.0
#pragma once

// Problem: why an expression has no answer. The faults are those of the language's specification,
// and one for the bounds that are ours. Plain values, any thread.

#include <cstddef>
#include <expected>
#include <string>

#include "base/names.hpp"

namespace stepback::jmespath {

enum class Fault { syntax, invalid_type, invalid_value, invalid_arity, unknown_function, too_much };

struct Problem {
  Fault fault = Fault::syntax;
  std::size_t position = 0;  // the byte of the expression where it was noticed
  std::string what;
  std::string hint;  // what may have been meant; may be empty

  bool operator==(const Problem&) const = default;
};

template <class T>
using Outcome = std::expected<T, Problem>;

inline std::unexpected<Problem> refuse(Problem problem) {
  return std::unexpected(std::move(problem));
}

}  // namespace stepback::jmespath

namespace stepback {

template <>
inline constexpr Names<jmespath::Fault, jmespath::Fault::too_much> names_of<jmespath::Fault>{
    "syntax", "invalid-type", "invalid-value", "invalid-arity", "unknown-function", "too-much"};

}  // namespace stepback
