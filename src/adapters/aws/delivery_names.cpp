// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/delivery_names.hpp"

#include <fmt/core.h>

#include "base/digest.hpp"

namespace stepback::aws::delivery {

bool fits(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string token_of(std::string_view key) { return "stepback-" + sha256_hex(key).substr(0, 40); }

std::string cut_line(std::string_view text, std::size_t longest) {
  std::string line(text.substr(0, longest));
  if (text.size() > longest) {
    // The rest of a character that was cut in two goes too.
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    line.resize(end);
  }
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return line;
}

std::unexpected<Error> refused(const Refusal& refusal, std::string_view deed) {
  const Error error = to_error(refusal);
  // A connection that broke says nothing of what was sent over it.
  const bool is_unknown = refusal.status == 0 && error.code == Code::unavailable;
  return fail(is_unknown ? Code::timeout : error.code,
              fmt::format("{}: {}", deed, one_line(error.message)));
}

bool is(const Refusal& refusal, std::string_view type) { return refusal.type.starts_with(type); }

}  // namespace stepback::aws::delivery
