// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/delivery_names.hpp"

#include <fmt/core.h>

#include "base/digest.hpp"
#include "base/id.hpp"

namespace stepback::aws::delivery {

std::string fill_in(std::string_view pattern, Filling filling) {
  std::string text;
  while (!pattern.empty()) {
    const auto brace = pattern.find('{');
    text += pattern.substr(0, brace);
    if (brace == std::string_view::npos) break;
    pattern.remove_prefix(brace);
    std::string_view content = "{";
    std::size_t length = 1;
    for (const auto& [name, value] : filling) {
      if (!pattern.starts_with(fmt::format("{{{}}}", name))) continue;
      content = value;
      length = name.size() + 2;
      break;
    }
    text += content;
    pattern.remove_prefix(length);
  }
  return text;
}

bool fits(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string token_of(std::string_view key) { return "stepback-" + sha256_hex(key).substr(0, 40); }

std::string one_line(std::string_view text, std::size_t longest) {
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

Result<> must_be_plain(const Environment& environment) {
  if (is_plain_token(environment.name)) return {};
  return fail(Code::invalid, "not the name of an environment: " + one_line(environment.name, 80));
}

Result<> must_be_plain(const Version& version) {
  if (is_plain_token(version.text, 128) && version.text.find("..") == std::string::npos) return {};
  return fail(Code::invalid, "not a version: " + one_line(version.text, 80));
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
