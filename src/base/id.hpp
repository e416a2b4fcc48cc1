// SPDX-License-Identifier: Apache-2.0
#pragma once

// Id<Tag>: a RollbackId is not a DeploymentId. An id is a short prefix, a dash and 20 characters
// that sort by time ("rb-01KFZ3Q8W5T7A0B1C2D3"): safe in a shell, a path, a branch name and a URL.

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback {

class Random;

template <class Tag>
struct Id {
  std::string text;

  auto operator<=>(const Id&) const = default;
  bool empty() const { return text.empty(); }
};

// 10 characters of time (ms) and 10 of chance, Crockford's base 32, upper case.
std::string time_ordered(Instant now, Random& random);

// True for 1 to 64 characters of A-Z a-z 0-9 . _ - that begin with a letter or a digit.
bool is_plain_token(std::string_view text, std::size_t longest = 64);

template <class Tag>
Id<Tag> make_id(Instant now, Random& random) {
  return {std::string(Tag::prefix) + "-" + time_ordered(now, random)};
}

template <class Tag>
Result<Id<Tag>> parse_id(std::string_view text) {
  const std::string prefix = std::string(Tag::prefix) + "-";
  if (!text.starts_with(prefix) || !is_plain_token(text)) {
    return fail(Code::invalid, "not an id of a " + std::string(Tag::noun) + ": it begins with " +
                                   prefix + " and has letters, digits and dashes only");
  }
  return Id<Tag>{std::string(text)};
}

}  // namespace stepback

template <class Tag>
struct std::hash<stepback::Id<Tag>> {
  std::size_t operator()(const stepback::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.text);
  }
};
