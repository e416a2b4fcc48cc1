// SPDX-License-Identifier: Apache-2.0
#pragma once

// Lines for a terminal. What goes into a Line is escaped there, so that nothing from outside (a
// version, an alarm's reason, a file name) can move the cursor, change colours or turn the writing
// direction. A Line becomes bytes at the very end, when it is known whether colours and more than
// ASCII are wanted. Plain values, any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "domain/validation.hpp"

namespace stepback::cli {

// Colour is never the only carrier: a word or a sign stands beside it.
enum class Role { plain, strong, muted, good, bad, warning, running, held };

struct Style {
  bool color = false;
  bool ascii = false;
  int width = 0;  // lines are cut to it; 0: never
};

// Control characters, invisible ones and those that turn the writing direction are shown as
// \x1b or \u{202e}; bytes that are not UTF-8 as \xff.
std::string escaped(std::string_view text);

// As one word of a command that can be pasted into a shell.
std::string shell_word(std::string_view text);

// How many columns it takes. For escaped text.
int width_of(std::string_view text);
std::string cut_to(std::string_view text, int width);  // with "…" in place of what is cut off

struct Span {
  std::string text;
  Role role = Role::plain;

  bool operator==(const Span&) const = default;
};

class Line {
 public:
  Line() = default;
  explicit(false) Line(std::string_view text, Role role = Role::plain) { add(text, role); }
  explicit(false) Line(const char* text, Role role = Role::plain) { add(text, role); }
  explicit(false) Line(const std::string& text, Role role = Role::plain) { add(text, role); }

  Line& add(std::string_view text, Role role = Role::plain);
  Line& pad_to(int column);  // spaces up to it, one at least unless the line is empty
  int width() const;
  const std::vector<Span>& spans() const { return spans_; }

 private:
  std::vector<Span> spans_;
};

using Screen = std::vector<Line>;
void append(Screen& screen, Screen more);

// Without the line's end. In ASCII our own signs become one character each, anything else "?".
std::string render(const Line& line, const Style& style);
std::string render(const Screen& screen, const Style& style);  // each line with its end

// --- signs and words that every screen uses -----------------------------------------------------

inline constexpr std::string_view good_sign = "✔";
inline constexpr std::string_view bad_sign = "✖";
inline constexpr std::string_view running_sign = "◌";
inline constexpr std::string_view waiting_sign = "◷";
inline constexpr std::string_view warning_sign = "⚠";
inline constexpr std::string_view held_sign = "⊘";
inline constexpr std::string_view skipped_sign = "–";
inline constexpr std::string_view pending_sign = "·";
inline constexpr std::string_view arrow_sign = "→";

std::string_view sign_of(Verdict verdict);
Role role_of(Verdict verdict);

std::string ago(Instant then, Instant now);         // "42m ago", "just now", "in 3m"
std::string about(Duration duration);               // "about 2m10s"
std::string clock_text(Duration duration);          // "1m02s", "15m": in whole seconds
std::string minute_of_day(Instant instant);         // 10:17
std::string second_of_day(Instant instant);         // 10:17:04
std::string date_and_minute(Instant instant);       // 2026-01-27 10:17 UTC
std::string short_version(const Version& version);  // 12 characters of a 40-digit commit
std::string count_of(std::size_t count, std::string_view noun);  // "1 alarm", "2 alarms"

}  // namespace stepback::cli
