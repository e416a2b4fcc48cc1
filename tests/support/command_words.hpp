// SPDX-License-Identifier: Apache-2.0
#pragma once

// The words of a command line as a shell takes them apart, quotes kept together: no more than our
// own commands in tests and documents need.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stepback::cli {

inline std::vector<std::string> command_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool begun = false;
  for (const char c : line) {
    if (c == quote || (quote == 0 && (c == '"' || c == '\''))) {
      quote = quote == 0 ? c : '\0';
      begun = true;
    } else if (c == ' ' && quote == 0) {
      if (begun) words.push_back(std::exchange(word, ""));
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  return words;
}

}  // namespace stepback::cli
