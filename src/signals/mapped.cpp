// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "signals/families.hpp"

namespace stepback::signals {
namespace {

// From here on a number of seconds would lie beyond the year 5000.
constexpr double least_milliseconds = 1e11;
constexpr double most_milliseconds = 253'402'300'799'999;  // the end of the year 9999

// The value at "alerts.0.labels.env"; null where there is none.
const json::Value* value_at(const json::Value& body, std::string_view path) {
  const json::Value* value = &body;
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (value->is_object()) {
      value = value->get_object().if_contains(part);
    } else if (value->is_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
      const bool is_index = error == std::errc() && end == part.data() + part.size();
      value = is_index ? value->get_array().if_contains(index) : nullptr;
    } else {
      return nullptr;
    }
    if (value == nullptr || value->is_null()) return nullptr;
  }
  return value;
}

struct Found {
  std::string text;
  bool is_there = false;
};

// A number or a truth value as it is written; no list and no object.
Checked<Found> found_at(const json::Value& body, const std::string& path) {
  const auto* value = path.empty() ? nullptr : value_at(body, path);
  if (value == nullptr) return Found{};
  if (value->is_object() || value->is_array())
    return refused(EventRefusal::wrong_field, path + ": expected one value");
  return Found{value->is_string() ? std::string(value->get_string()) : json::write(*value), true};
}

Checked<std::string> required_at(const json::Value& body, const std::string& path,
                                 std::size_t longest) {
  auto found = TRY(found_at(body, path));
  if (!found.is_there) return refused(EventRefusal::missing_field, path + ": is missing");
  if (found.text.empty() || found.text.size() > longest || has_control(found.text)) {
    return refused(
        EventRefusal::wrong_field,
        fmt::format("{}: expected 1 to {} bytes without control characters", path, longest));
  }
  return std::move(found.text);
}

Checked<Instant> time_at(const json::Value& body, const std::string& path) {
  const auto text = TRY(required_at(body, path, longest_text));
  if (const auto instant = parse_rfc3339(text)) return *instant;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && std::isfinite(number) && number >= 0 && number <= most_milliseconds) {
    const double ms = number < least_milliseconds ? number * 1000 : number;
    return Instant{std::llround(ms)};
  }
  return refused(EventRefusal::not_a_time,
                 path + ": not a time like 2026-01-27T10:18:04Z, nor seconds since 1970");
}

Checked<AlarmState> state_at(const json::Value& body, const Mapping& mapping) {
  if (mapping.state.empty()) return AlarmState::alarm;
  const auto text = TRY(required_at(body, mapping.state, longest_text));
  if (std::ranges::find(mapping.firing, text) != mapping.firing.end()) return AlarmState::alarm;
  if (std::ranges::find(mapping.resolved, text) != mapping.resolved.end()) return AlarmState::ok;
  return refused(EventRefusal::unknown_state,
                 mapping.state + ": is neither among `firing` nor among `resolved`");
}

Checked<std::optional<Environment>> environment_at(const json::Value& body,
                                                   const std::string& path) {
  if (path.empty()) return std::nullopt;
  const auto text = TRY(required_at(body, path, longest_text));
  auto environment = parse_environment(text);
  if (!environment)
    return refused(EventRefusal::wrong_field, path + ": " + environment.error().message);
  return *std::move(environment);
}

}  // namespace

Checked<Outcome> read_mapped(const json::Reader& body, const Mapping& mapping) {
  const auto& value = body.value();
  Signal signal{.kind = SignalKind::alarm, .source = "hook", .told = true};
  signal.name = TRY(required_at(value, mapping.name, longest_name));
  signal.state = TRY(state_at(value, mapping));
  signal.at = TRY(time_at(value, mapping.at));
  signal.environment = TRY(environment_at(value, mapping.environment));
  signal.reason = cut(TRY(found_at(value, mapping.reason)).text);
  signal.version = version_if_any(TRY(found_at(value, mapping.version)).text);
  return Outcome{std::move(signal), ""};
}

}  // namespace stepback::signals
