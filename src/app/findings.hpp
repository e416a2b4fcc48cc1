// SPDX-License-Identifier: Apache-2.0
#pragma once

// Findings: everything that is wrong with a configuration file, each with its place, so that it is
// put right in one go and not one error at a time. Filled by the readers of this folder, in one
// thread, and turned into one Error at the end.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace stepback {

// Counted from 1, as editors do. Line 0: the file as a whole.
struct TextPlace {
  int line = 0;
  int column = 0;

  auto operator<=>(const TextPlace&) const = default;
};

class Findings {
 public:
  explicit Findings(std::string file) : file_(std::move(file)) {}

  void add(TextPlace at, std::string what);
  bool empty() const { return findings_.empty(); }
  const std::string& file() const { return file_; }

  // "stepback.yaml:3:5", where something is.
  std::string place(TextPlace at) const;

  // One line for each, in the order of the file. Code::invalid.
  Error to_error() const;

 private:
  struct Finding {
    TextPlace at;
    std::string what;

    auto operator<=>(const Finding&) const = default;
  };
  std::string file_;
  std::vector<Finding> findings_;
};

// `; allowed: a, b` and `; did you mean "a"?` for a word that is none of `known`.
std::string allowed_instead(std::string_view word, const std::vector<std::string>& known);

// The text in quotes, cut short, with nothing in it that a terminal would act on.
std::string in_quotes(std::string_view text);

}  // namespace stepback
