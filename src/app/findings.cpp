// SPDX-License-Identifier: Apache-2.0
#include "app/findings.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/spelling.hpp"

namespace stepback {
namespace {

constexpr std::size_t most_shown = 50;
constexpr std::size_t longest_quote = 60;

}  // namespace

void Findings::add(TextPlace at, std::string what) { findings_.push_back({at, std::move(what)}); }

std::string Findings::place(TextPlace at) const {
  return at.line == 0 ? file_ : fmt::format("{}:{}:{}", file_, at.line, at.column);
}

Error Findings::to_error() const {
  auto sorted = findings_;
  std::ranges::sort(sorted);
  const auto repeated = std::ranges::unique(sorted);
  sorted.erase(repeated.begin(), repeated.end());
  std::string message;
  for (std::size_t i = 0; i < std::min(sorted.size(), most_shown); ++i) {
    message += fmt::format("{}{}: {}", i == 0 ? "" : "\n", place(sorted[i].at), sorted[i].what);
  }
  if (sorted.size() > most_shown) {
    message += fmt::format("\n{}: and {} more", file_, sorted.size() - most_shown);
  }
  return {Code::invalid, std::move(message)};
}

std::string allowed_instead(std::string_view word, const std::vector<std::string>& known) {
  std::string text;
  for (const auto& name : known) text += (text.empty() ? "; allowed: " : ", ") + name;
  if (const auto meant = nearest(word, known)) {
    text += fmt::format("; did you mean \"{}\"?", *meant);
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  const bool whole = text.size() <= longest_quote;
  json::append_quoted(out, whole ? text : text.substr(0, longest_quote));
  return whole ? out : out + "...";
}

}  // namespace stepback
