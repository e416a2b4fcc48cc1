// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ratings: which word of which tool stands for which place on the one scale. The table is data: the
// readers look words up in it, and `stepback gate --explain` prints it. Constant; any thread.

#include <span>
#include <string_view>

#include "domain/gate.hpp"
#include "reports/read.hpp"

namespace stepback::reports {

struct RatingWord {
  Format format = Format::sarif;
  std::string_view word;  // as the tool writes it, in small letters
  Rating rating = Rating::unknown;
};
std::span<const RatingWord> rating_words();

struct ScoreBand {
  double from = 0;  // and above, up to the next one
  Rating rating = Rating::none;
};
std::span<const ScoreBand> score_bands();  // the highest first

// unknown for a word that is not in the table.
Rating rating_of(Format format, std::string_view word);
// A CVSS score, as text or as a number; unknown where it is none.
Rating rating_of_score(std::string_view text);
Rating rating_of_score(double score);

}  // namespace stepback::reports
