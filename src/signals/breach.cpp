// SPDX-License-Identifier: Apache-2.0
#include "signals/breach.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace stepback::signals {
namespace {

constexpr json::Limits reason_limits{.bytes = 64 * 1024, .depth = 8};
constexpr double longest_period = 86'400;  // seconds
constexpr std::size_t most_points = 100;

// On which side of the threshold the alarm breaches, as far as CloudWatch's sentence says so.
enum class Side { above, below, unsaid };

Side side_of(std::string_view reason) {
  const bool greater = reason.find("greater than") != std::string_view::npos;
  const bool less = reason.find("less than") != std::string_view::npos;
  if (greater == less) return Side::unsaid;
  return greater ? Side::above : Side::below;
}

struct Point {
  Instant from;
  double value = 0;
};

struct Evaluation {
  std::vector<Point> points;
  double period = 0;  // seconds
  std::optional<double> threshold;
};

Result<std::vector<Point>> points_of(const json::Reader& data) {
  std::vector<Point> points;
  for (const auto& point : TRY(data.optional_array("evaluatedDatapoints"))) {
    const auto from = TRY(point.instant("timestamp"));
    const auto value = TRY(point.optional_number("value"));
    if (value) points.push_back({from, *value});  // none: the data was missing
  }
  if (points.empty()) {  // the older form: values only, and when the oldest of them began
    const auto recent = TRY(data.optional_array("recentDatapoints"));
    if (recent.size() == 1) {
      const auto from = TRY(data.instant("startDate"));
      const auto value = TRY(recent.front().as_number());
      points.push_back({from, value});
    }
  }
  return points;
}

// A point that began before a switch and ended after it may be the switch's doing, so it is its end
// that counts.
std::optional<Instant> first_of(const Evaluation& evaluation, Side side) {
  const auto& [points, period, threshold] = evaluation;
  if (!(period > 0) || period > longest_period) return std::nullopt;
  std::optional<Instant> first;
  for (const Point& point : points) {
    if (points.size() > 1) {
      if (side == Side::unsaid || !threshold) return std::nullopt;
      const bool breaches =
          side == Side::above ? point.value >= *threshold : point.value <= *threshold;
      if (!breaches) continue;
    }
    if (!first || point.from < *first) first = point.from;
  }
  if (first) *first = *first + Duration(static_cast<std::int64_t>(period * 1000));
  return first;
}

// --- the sentence --------------------------------------------------------------------------------

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What stands between two marks; the rest begins behind the second.
std::optional<std::string_view> take_between(std::string_view& text, std::string_view before,
                                             std::string_view after) {
  const auto begin = text.find(before);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto from = begin + before.size();
  const auto end = text.find(after, from);
  if (end == std::string_view::npos) return std::nullopt;
  const auto found = text.substr(from, end - from);
  text.remove_prefix(end + after.size());
  return found;
}

// "27/01/26 10:17:00", which is in UTC.
std::optional<Instant> time_in(std::string_view text) {
  if (text.size() != 17 || text[2] != '/' || text[5] != '/' || text[8] != ' ') return std::nullopt;
  const auto instant = parse_rfc3339(fmt::format(
      "20{}-{}-{}T{}Z", text.substr(6, 2), text.substr(3, 2), text.substr(0, 2), text.substr(9)));
  if (!instant) return std::nullopt;
  return *instant;
}

// "12.0 (02/03/26 09:40:00), 3.0 (02/03/26 09:39:00)"
std::optional<std::vector<Point>> points_in(std::string_view text) {
  std::vector<Point> points;
  while (!text.empty() && points.size() < most_points) {
    const auto open = text.find(" (");
    if (open == std::string_view::npos) return std::nullopt;
    const auto value = number_in(text.substr(0, open));
    const auto from = take_between(text, " (", ")");
    if (!value || !from) return std::nullopt;
    const auto time = time_in(*from);
    if (!time) return std::nullopt;
    points.push_back({*time, *value});
    if (text.starts_with(", ")) text.remove_prefix(2);
  }
  return text.empty() ? std::optional(points) : std::nullopt;
}

bool all_breach(const std::vector<Point>& points, std::optional<double> threshold, Side side) {
  if (side == Side::unsaid || !threshold) return false;
  return std::ranges::all_of(points, [&](const Point& point) {
    return side == Side::above ? point.value >= *threshold : point.value <= *threshold;
  });
}

}  // namespace

Result<std::optional<Instant>> first_breach(std::string_view reason, std::string_view data) {
  const auto document = TRY(json::parse(data, reason_limits));
  const json::Reader reader(document);
  Evaluation evaluation;
  evaluation.points = TRY(points_of(reader));
  evaluation.period = TRY(reader.number("period"));
  evaluation.threshold = TRY(reader.optional_number("threshold"));
  return first_of(evaluation, side_of(reason));
}

std::optional<Instant> first_breach_in_words(std::string_view reason, double period) {
  std::string_view rest = reason;
  const auto breaching = take_between(rest, ": ", " out of the last ");
  const auto all = take_between(rest, "", " datapoint");
  const auto listed = take_between(rest, "[", "]");
  if (!breaching || !all || !listed) return std::nullopt;
  Evaluation evaluation{.period = period};
  if (const auto threshold = take_between(rest, "threshold (", ")"))
    evaluation.threshold = number_in(*threshold);
  auto points = points_in(*listed);
  const auto count = number_in(*breaching);
  if (!points || !count || static_cast<double>(points->size()) != *count) return std::nullopt;
  const Side side = side_of(reason);
  // Of several points those that breach are listed, which is only believed where they do.
  if (*all != "1" && !all_breach(*points, evaluation.threshold, side)) return std::nullopt;
  evaluation.points = *std::move(points);
  return first_of(evaluation, side);
}

}  // namespace stepback::signals
