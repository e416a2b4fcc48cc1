// SPDX-License-Identifier: Apache-2.0
#include "domain/environment.hpp"

#include <algorithm>

namespace stepback {

Result<Environment> parse_environment(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (text.empty() || text.size() > 32 || text[0] < 'a' || text[0] > 'z' ||
      !std::ranges::all_of(text, allowed)) {
    return fail(Code::invalid,
                "not the name of an environment: a small letter, then up to 31 small letters, "
                "digits and dashes");
  }
  return Environment{std::string(text)};
}

bool contains(const Environments& environments, const Environment& environment) {
  return std::ranges::find(environments, environment) != environments.end();
}

}  // namespace stepback
