// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text by its letters: what UTF-8 writes as one code point counts as one. Pure.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace stepback::jmespath {

inline bool begins_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

inline std::size_t letters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_letter));
}

inline std::string reversed(std::string_view text) {
  std::string out;
  for (auto end = text.size(); end > 0;) {
    auto begin = end - 1;
    while (begin > 0 && !begins_letter(text[begin])) --begin;
    out += text.substr(begin, end - begin);
    end = begin;
  }
  return out;
}

}  // namespace stepback::jmespath
