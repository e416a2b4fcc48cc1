// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <fmt/core.h>

namespace stepback {

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

std::string one_line(std::string_view text, std::size_t longest) {
  std::string line;
  for (const char c : text) {
    const bool begins_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (line.size() >= longest && begins_character) return line + "...";
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

}  // namespace stepback
