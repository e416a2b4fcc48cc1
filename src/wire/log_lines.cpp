// SPDX-License-Identifier: Apache-2.0
#include "wire/log_lines.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"

namespace stepback {
namespace {

constexpr std::size_t most_samples = 5;
constexpr std::size_t longest_sample = 200;

bool has_any(std::string_view text, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return !pattern.empty() && text.contains(pattern);
  });
}

// Cut between two characters, not within one.
std::string sample_of(std::string_view text) {
  if (text.size() > longest_sample) {
    std::size_t end = longest_sample;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  return one_line(text, 4 * longest_sample);  // an escape is up to four characters
}

}  // namespace

std::string text_of_entry(const json::Reader& object) {
  std::string level = object.text_or("level", "").value_or("");
  for (char& c : level) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return level + " " + object.text_or("message", "").value_or("");
}

bool is_error(const LogPatterns& patterns, std::string_view text) {
  const bool counts = has_any(text, patterns.critical) || has_any(text, patterns.errors);
  return counts && !has_any(text, patterns.allow);
}

LogCount::LogCount(std::string name, LogPatterns patterns, Instant cutover, Duration look_back)
    : patterns_(std::move(patterns)), cutover_(cutover), from_(cutover - look_back) {
  seen_.name = std::move(name);
}

void LogCount::add(const LogEntry& entry) {
  if (!first_ || entry.at < *first_) first_ = entry.at;
  const bool after = entry.at >= cutover_;
  if (after) ++seen_.lines;
  if (!after && entry.at < from_) return;
  const bool critical = has_any(entry.text, patterns_.critical);
  if (!critical && !has_any(entry.text, patterns_.errors)) return;
  if (has_any(entry.text, patterns_.allow)) return;
  if (!after) {
    ++before_;
    return;
  }
  ++(critical ? seen_.critical : seen_.errors);
  if (!seen_.last_error_at || *seen_.last_error_at < entry.at) seen_.last_error_at = entry.at;
  if (seen_.samples.size() < most_samples) seen_.samples.push_back(sample_of(entry.text));
}

LogsSeen LogCount::result(Duration known) const {
  LogsSeen seen = seen_;
  if (known > Duration{}) {
    const double span = static_cast<double>(known.count()) / 60'000;  // minutes
    seen.usual_errors_per_minute = before_ / std::max(1.0, span);
  }
  seen.detail = fmt::format("{} entries, {} errors and {} critical since the switch", seen.lines,
                            seen.errors, seen.critical);
  return seen;
}

}  // namespace stepback
