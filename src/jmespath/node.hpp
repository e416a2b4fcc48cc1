// SPDX-License-Identifier: Apache-2.0
#pragma once

// Node: a part of an expression that was understood. Made by the parser, walked by the evaluator.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "jmespath/token.hpp"

namespace stepback::jmespath {

enum class Kind {
  current,
  field,         // name
  literal,       // literal
  index,         // first
  slice,         // first, last, step
  then,          // below[0], and below[1] of what it found: a dot, an index or a pipe
  each_element,  // below[1] of each element of below[0]
  each_value,    // below[1] of each value of below[0], an object
  each_that,     // below[1] of each element of below[0] for which below[2] holds
  flatten,       // below[0], lists in it taken apart
  either,
  both,
  negate,
  compare,    // by `comparison`
  list,       // of all below
  object,     // of all below, by `names`
  call,       // function `name`
  reference,  // below[0], not evaluated: for functions
};

struct Node {
  Kind kind = Kind::current;
  std::size_t position = 0;
  std::size_t depth = 1;
  std::vector<Node> below;
  std::string name;
  std::vector<std::string> names;
  json::Value literal;
  Word comparison = Word::equal;
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> last;
  std::optional<std::int64_t> step;
};

}  // namespace stepback::jmespath
