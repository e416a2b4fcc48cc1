// SPDX-License-Identifier: Apache-2.0
#include "domain/version.hpp"

#include <algorithm>
#include <tuple>

#include "base/id.hpp"

namespace stepback {

Result<Version> parse_version(std::string_view text) {
  if (!is_plain_token(text, 128) || text.contains("..")) {
    return fail(Code::invalid,
                "not a version: up to 128 letters, digits, dots, dashes and underscores, beginning "
                "with a letter or a digit, without \"..\"");
  }
  return Version{std::string(text)};
}

bool same_commit(const Version& a, const Version& b) {
  constexpr std::size_t shortest = 7;
  if (a == b) return true;
  const auto& [shorter, whole] =
      a.text.size() < b.text.size() ? std::tie(a.text, b.text) : std::tie(b.text, a.text);
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const bool is_whole = whole.size() == 40 || whole.size() == 64;  // SHA-1, SHA-256
  return is_whole && std::ranges::all_of(whole, is_digit) && shorter.size() >= shortest &&
         whole.starts_with(shorter);
}

}  // namespace stepback
