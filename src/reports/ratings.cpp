// SPDX-License-Identifier: Apache-2.0
#include "reports/ratings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "reports/reading.hpp"

namespace stepback::reports {
namespace {

constexpr std::array words{
    RatingWord{Format::sarif, "error", Rating::high},
    RatingWord{Format::sarif, "warning", Rating::medium},
    RatingWord{Format::sarif, "note", Rating::low},
    RatingWord{Format::sarif, "none", Rating::none},
    RatingWord{Format::trivy, "critical", Rating::critical},
    RatingWord{Format::trivy, "high", Rating::high},
    RatingWord{Format::trivy, "medium", Rating::medium},
    RatingWord{Format::trivy, "low", Rating::low},
    RatingWord{Format::trivy, "unknown", Rating::unknown},
    RatingWord{Format::grype, "critical", Rating::critical},
    RatingWord{Format::grype, "high", Rating::high},
    RatingWord{Format::grype, "medium", Rating::medium},
    RatingWord{Format::grype, "low", Rating::low},
    RatingWord{Format::grype, "negligible", Rating::low},
    RatingWord{Format::grype, "unknown", Rating::unknown},
    RatingWord{Format::npm_audit, "critical", Rating::critical},
    RatingWord{Format::npm_audit, "high", Rating::high},
    RatingWord{Format::npm_audit, "moderate", Rating::medium},
    RatingWord{Format::npm_audit, "low", Rating::low},
    RatingWord{Format::npm_audit, "info", Rating::none},
    RatingWord{Format::cfn_lint, "error", Rating::high},
    RatingWord{Format::cfn_lint, "warning", Rating::medium},
    RatingWord{Format::cfn_lint, "informational", Rating::low},
    RatingWord{Format::cfn_guard, "not_compliant", Rating::high},
};

constexpr std::array bands{ScoreBand{9.0, Rating::critical}, ScoreBand{7.0, Rating::high},
                           ScoreBand{4.0, Rating::medium}, ScoreBand{0.1, Rating::low},
                           ScoreBand{0.0, Rating::none}};
constexpr double highest_score = 10.0;

}  // namespace

std::span<const RatingWord> rating_words() { return words; }

std::span<const ScoreBand> score_bands() { return bands; }

Rating rating_of(Format format, std::string_view word) {
  const auto small = in_small_letters(word);
  const auto found = std::ranges::find_if(
      words, [&](const RatingWord& each) { return each.format == format && each.word == small; });
  return found == words.end() ? Rating::unknown : found->rating;
}

Rating rating_of_score(std::string_view text) {
  double score = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (error != std::errc() || end != text.data() + text.size()) return Rating::unknown;
  return rating_of_score(score);
}

Rating rating_of_score(double score) {
  if (!(score >= 0 && score <= highest_score)) return Rating::unknown;
  for (const auto& band : bands) {
    if (score >= band.from) return band.rating;
  }
  return Rating::low;  // between nothing and the lowest band
}

}  // namespace stepback::reports
