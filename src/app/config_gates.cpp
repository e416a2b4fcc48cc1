// SPDX-License-Identifier: Apache-2.0
#include "app/config_gates.hpp"

#include <fmt/core.h>

#include <cmath>

namespace stepback {
namespace {

void read_coverage(const Section& section, std::int64_t& basis_points) {
  double percent = static_cast<double>(basis_points) / 100;
  section.read("coverage", percent);
  const double exact = percent * 100;
  basis_points = std::llround(exact);
  constexpr double rounding = 1e-6;
  if (std::abs(exact - static_cast<double>(basis_points)) > rounding)
    section.wrong("coverage", "more than two decimals");
}

Allowed read_allowed(const Section& section) {
  Allowed allowed;
  section.read("id", allowed.id);
  section.read("owner", allowed.owner);
  section.read("reason", allowed.reason);
  std::string until;
  section.read("until", until);
  constexpr std::size_t date_length = 10;
  const auto instant = parse_rfc3339(until.size() == date_length ? until + "T00:00:00Z" : until);
  if (instant) {
    allowed.until = *instant;
  } else if (!until.empty()) {
    section.wrong("until", fmt::format("{} is no date and no time: {}", in_quotes(until),
                                       instant.error().message));
  }
  return allowed;
}

}  // namespace

GateRules read_gates(const Section& section) {
  GateRules rules;
  read_coverage(section, rules.coverage_basis_points);
  section.read("branches", rules.by_branches);
  section.read_choice("from", rules.counts_from);
  for (const auto& each : section.children("allow")) rules.allowed.push_back(read_allowed(each));
  return rules;
}

}  // namespace stepback
