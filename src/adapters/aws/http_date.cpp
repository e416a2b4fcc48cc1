// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/http_date.hpp"

#include <fmt/core.h>

namespace stepback::aws {

std::optional<Instant> parse_http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29) return std::nullopt;
  const auto month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const auto instant = parse_rfc3339(fmt::format(
      "{}-{:02}-{}T{}Z", text.substr(12, 4), month / 3 + 1, text.substr(5, 2), text.substr(17, 8)));
  if (!instant) return std::nullopt;
  return *instant;
}

}  // namespace stepback::aws
