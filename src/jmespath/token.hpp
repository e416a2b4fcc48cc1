// SPDX-License-Identifier: Apache-2.0
#pragma once

// Token: a word of an expression, where it stands and how strongly it binds what is before it.
// Used by the parser only.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "jmespath/problem.hpp"

namespace stepback::jmespath {

enum class Word {
  end,
  name,         // foo
  quoted_name,  // "foo"
  number,       // 0, -1
  literal,      // `[1]` or 'raw'
  dot,
  star,
  comma,
  colon,
  current,       // @
  reference,     // &
  open_bracket,  // [
  open_filter,   // [?
  flatten,       // []
  close_bracket,
  open_brace,
  close_brace,
  open_parenthesis,
  close_parenthesis,
  pipe,
  either,  // ||
  both,    // &&
  negate,  // !
  equal,
  unequal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
};

struct Token {
  Word word = Word::end;
  std::size_t position = 0;
  std::string text;  // as it was written, or the name without its quotes
  std::int64_t number = 0;
  json::Value literal;
};

// All words of an expression, Word::end the last.
Outcome<std::vector<Token>> words_of(std::string_view expression);

// 0 for what ends an expression.
int strength_of(Word word);

}  // namespace stepback::jmespath
