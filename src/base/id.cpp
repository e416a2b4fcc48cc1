// SPDX-License-Identifier: Apache-2.0
#include "base/id.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace stepback {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append(std::string& text, std::uint64_t value, int characters) {
  for (int i = characters - 1; i >= 0; --i) text += alphabet[(value >> (5 * i)) & 31];
}

}  // namespace

std::string time_ordered(Instant now, Random& random) {
  std::string text;
  text.reserve(20);
  append(text, static_cast<std::uint64_t>(now.ms), 10);
  append(text, random.next(), 10);
  return text;
}

bool is_plain_token(std::string_view text, std::size_t longest) {
  if (text.empty() || text.size() > longest || !is_letter_or_digit(text[0])) return false;
  return std::ranges::all_of(
      text, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace stepback
