// SPDX-License-Identifier: Apache-2.0
#pragma once

// The checks that all readers of this room share: a field is there, is of its kind, has a length
// that is believed, or the event is refused with its name. Used by this room only. Pure; usable
// from any thread.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "signals/read.hpp"

namespace stepback::signals {

template <class T = void>
using Checked = std::expected<T, RefusedEvent>;

// What one message says: a signal, or why it is none.
struct Outcome {
  std::optional<Signal> signal;
  std::string passed_over;
};

inline constexpr json::Limits event_limits{.bytes = 256 * 1024, .depth = 32};
inline constexpr std::size_t longest_name = 255;  // of an alarm
inline constexpr std::size_t longest_text = 128;  // of an id, an account, a region
inline constexpr std::size_t longest_reason = 1024;

std::unexpected<RefusedEvent> refused(EventRefusal refusal, std::string why);

// Present, and not null. An event of a storm is read through these, which look once and copy
// nothing; the path is put together only where something is wrong.
const json::Value* value_in(const json::Reader& reader, std::string_view key);
inline bool has(const json::Reader& reader, std::string_view key) {
  return value_in(reader, key) != nullptr;
}
// As long as the document lives. 1 to `longest` bytes without control characters.
Checked<std::string_view> view_of(const json::Reader& reader, std::string_view key,
                                  std::size_t longest = longest_text);
// Any text; empty when it is absent.
Checked<std::string_view> any_view_of(const json::Reader& reader, std::string_view key);

Checked<std::string> text_of(const json::Reader& reader, std::string_view key,
                             std::size_t longest = longest_text);
// The same, or empty when it is absent or empty.
Checked<std::string> text_or_none(const json::Reader& reader, std::string_view key,
                                  std::size_t longest = longest_text);
// Any text, cut; empty when it is absent.
Checked<std::string> reason_of(const json::Reader& reader, std::string_view key);
Checked<json::Reader> object_of(const json::Reader& reader, std::string_view key);
// Empty where it is absent.
Checked<std::vector<json::Reader>> list_of(const json::Reader& reader, std::string_view key);
Checked<Instant> time_of(const json::Reader& reader, std::string_view key);
Checked<> expect(const json::Reader& reader, std::string_view key, std::string_view expected,
                 EventRefusal refusal);
// Absent or empty: none. There and not of our grammar: refused, for nothing may be done elsewhere
// than meant.
Checked<std::optional<Environment>> environment_of(const json::Reader& reader,
                                                   std::string_view key);

// For what is knowledge beside the fact: empty where it is not there, or not of its kind.
std::string text_if_any(const json::Reader& reader, std::string_view key);
std::optional<json::Reader> object_if_any(const json::Reader& reader, std::string_view key);
Version version_if_any(std::string_view text);

// Between two characters, not within one.
std::string cut(std::string text, std::size_t longest = longest_reason);

bool has_control(std::string_view text);

}  // namespace stepback::signals
