// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <fmt/core.h>
#include <time.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace stepback {
namespace {

struct Civil {
  int year, month, day, hour, minute, second, ms;
};

Civil civil_of(Instant instant) {
  const auto point = std::chrono::sys_time<Duration>(Duration(instant.ms));
  const auto midnight = std::chrono::floor<days>(point);
  const std::chrono::year_month_day date(midnight);
  const auto rest = (point - midnight).count();
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(rest / 3600000),
          .minute = static_cast<int>(rest / 60000 % 60),
          .second = static_cast<int>(rest / 1000 % 60),
          .ms = static_cast<int>(rest % 1000)};
}

// Reads `digits` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || text[0] == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text[0] != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_milliseconds(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits < 3) value = value * 10 + (text[digits] - '0');
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (std::size_t i = digits; i < 3; ++i) value *= 10;
  text.remove_prefix(digits);
  return value;
}

// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool east = !text.empty() && text[0] == '+';
  if (!east && (text.empty() || text[0] != '-')) return std::nullopt;
  text.remove_prefix(1);
  const auto hour = take_number(text, 2);
  take(text, ':');
  const auto minute = take_number(text, 2);
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  return (east ? 1 : -1) * (*hour * 60 + *minute);
}

std::optional<Instant> read_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || (!take(text, 'T') && !take(text, 't') && !take(text, ' '))) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second) return std::nullopt;
  const auto ms = take_milliseconds(text);
  if (!ms) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (*year < 1970 || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto midnight = std::chrono::sys_days(date).time_since_epoch();
  const auto total = std::chrono::duration_cast<Duration>(midnight) + hours(*hour) +
                     minutes(*minute - *offset) + seconds(*second) + Duration(*ms);
  return Instant{total.count()};
}

}  // namespace

std::string to_rfc3339(Instant instant) {
  const Civil c = civil_of(instant);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second, c.ms);
}

std::string to_rfc3339_seconds(Instant instant) {
  const Civil c = civil_of(instant);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second);
}

Result<Instant> parse_rfc3339(std::string_view text) {
  if (const auto instant = read_rfc3339(text)) return *instant;
  return fail(Code::invalid, "not a time like 2026-01-27T10:18:04Z");
}

Result<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t ms;
  };
  constexpr std::array units{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                             Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, ms] : units) {
    if (error == std::errc() && unit == name && value > 0 && value <= 36'500 * 86'400'000LL / ms) {
      return Duration(value * ms);
    }
  }
  return fail(Code::invalid, "not a duration: a whole number and a unit, like 60s, 15m, 2h or 90d");
}

std::string to_short(Duration duration) {
  const auto ms = duration.count();
  if (ms < 0) return "-" + to_short(-duration);
  if (ms < 1000) return fmt::format("{}ms", ms);
  if (ms < 10'000 && ms % 1000 >= 100) return fmt::format("{}.{}s", ms / 1000, ms % 1000 / 100);
  const auto s = ms / 1000;
  if (s < 60) return fmt::format("{}s", s);
  if (s < 3600)
    return s % 60 == 0 ? fmt::format("{}m", s / 60) : fmt::format("{}m{:02}s", s / 60, s % 60);
  if (s < 86'400)
    return s % 3600 / 60 == 0 ? fmt::format("{}h", s / 3600)
                              : fmt::format("{}h{:02}m", s / 3600, s % 3600 / 60);
  return fmt::format("{}d", s / 86'400);
}

Instant SystemClock::now() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec * 1000 + now.tv_nsec / 1'000'000};
}

Duration SystemClock::steady() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Duration(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

}  // namespace stepback
