// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/pattern.hpp"

#include <fmt/core.h>

#include "base/id.hpp"

namespace stepback::local {

std::string fill_in(std::string_view pattern, Filling filling) {
  std::string text;
  while (!pattern.empty()) {
    const auto brace = pattern.find('{');
    text += pattern.substr(0, brace);
    if (brace == std::string_view::npos) break;
    pattern.remove_prefix(brace);
    bool filled = false;
    for (const auto& [name, content] : filling) {
      const std::string braced_name = fmt::format("{{{}}}", name);
      if (!pattern.starts_with(braced_name)) continue;
      text += content;
      pattern.remove_prefix(braced_name.size());
      filled = true;
      break;
    }
    if (filled) continue;
    text += '{';
    pattern.remove_prefix(1);
  }
  return text;
}

std::vector<std::string> fill_in(const std::vector<std::string>& patterns, Filling filling) {
  std::vector<std::string> texts;
  texts.reserve(patterns.size());
  for (const std::string& pattern : patterns) texts.push_back(fill_in(pattern, filling));
  return texts;
}

Result<> must_be_plain(const Environment& environment) {
  if (is_plain_token(environment.name)) return {};
  return fail(Code::invalid, "not the name of an environment: " + one_line(environment.name));
}

Result<> must_be_plain(const Version& version) {
  if (is_plain_token(version.text, 128) && version.text.find("..") == std::string::npos) return {};
  return fail(Code::invalid, "not a version: " + one_line(version.text));
}

std::string one_line(std::string_view text, std::size_t longest) {
  std::string line;
  for (const char c : text) {
    if (line.size() >= longest) return line + "...";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace stepback::local
