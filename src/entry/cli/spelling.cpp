// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/spelling.hpp"

#include <algorithm>

namespace stepback::cli {
namespace {

constexpr std::size_t most_edits = 2;
constexpr std::size_t longest_word = 128;  // longer ones are nobody's slip of the finger

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > longest_word) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = std::min(most_edits + 1, word.size());
  for (const auto& candidate : known) {
    if (candidate.size() > word.size() + most_edits) continue;
    const auto distance = edit_distance(word, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::optional<std::string> completed(std::string_view text, const std::vector<std::string>& known) {
  if (std::ranges::find(known, text) != known.end()) return std::string(text);
  std::optional<std::string> only;
  for (const auto& candidate : known) {
    if (!candidate.starts_with(text)) continue;
    if (only && *only != candidate) return std::nullopt;
    only = candidate;
  }
  return only;
}

}  // namespace stepback::cli
