// SPDX-License-Identifier: Apache-2.0
#pragma once

// M of N: how samples, one for each period, become an alarm's state, as CloudWatch does it. When
// samples are missing, older ones of two more periods are taken in; when there are still fewer than
// N, the rule for missing data fills up. Pure; used by ProbeAlarms.

#include <string>
#include <vector>

#include "domain/alarm.hpp"

namespace stepback {
namespace local {

enum class SampleKind { clean, breaching, missing };

}  // namespace local

template <>
inline constexpr Names<local::SampleKind, local::SampleKind::missing> names_of<local::SampleKind>{
    "clean", "breaching", "missing"};

namespace local {

struct Sample {
  Instant at;
  SampleKind kind = SampleKind::missing;
  std::string said;  // what was seen, for people

  bool operator==(const Sample&) const = default;
};

struct MOfN {
  Duration period{60'000};
  int evaluated = 1;  // N
  int to_alarm = 1;   // M
  MissingData missing = MissingData::missing;
};

struct Told {
  AlarmState state = AlarmState::insufficient_data;
  std::string reason;
  std::vector<AlarmPoint> points;  // those it was told from, oldest first

  bool operator==(const Told&) const = default;
};

// Samples of the last N periods and two more count; `now` is in the last of them. Samples are given
// with the oldest first, at most one for each period.
Told tell(const MOfN& rule, const std::vector<Sample>& samples, AlarmState current, Instant now);

std::int64_t period_number(Instant at, Duration period);  // counted from 1970, in UTC
Duration evaluation_range(const MOfN& rule);

}  // namespace local
}  // namespace stepback
