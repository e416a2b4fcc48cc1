// SPDX-License-Identifier: Apache-2.0
#pragma once

// Instants and durations in milliseconds, RFC 3339 in and out, and the Clock. Only time.cpp may
// read the system's clock; everybody else is handed a Clock, so that a test owns the time.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace stepback {

using Duration = std::chrono::milliseconds;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A moment, in milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t ms = 0;

  auto operator<=>(const Instant&) const = default;
  Instant operator+(Duration d) const { return {ms + d.count()}; }
  Instant operator-(Duration d) const { return {ms - d.count()}; }
  Duration operator-(Instant other) const { return Duration(ms - other.ms); }
};

inline constexpr Instant never{INT64_MAX / 4};  // later than any time that is written

std::string to_rfc3339(Instant instant);          // 2026-01-27T10:18:04.431Z
std::string to_rfc3339_seconds(Instant instant);  // 2026-01-27T10:18:04Z

// Accepts fractions of up to nine digits, Z, +00:00 and +0000 style offsets. Years 1970 to 9999.
Result<Instant> parse_rfc3339(std::string_view text);

// "60s", "15m", "90d", "250ms", "1h": a positive whole number with a unit.
Result<Duration> parse_duration(std::string_view text);
std::string to_short(Duration duration);  // "4m42s", "1.2s", "2d"

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;      // wall time: information, never an order of events
  virtual Duration steady() const = 0;  // monotonic, counts suspend; for deadlines in a process
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  Duration steady() const override;
};

}  // namespace stepback
