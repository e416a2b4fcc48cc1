// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stepback::cli {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// The first character of `text`, which is not empty. Overlong forms and surrogates are not valid.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least[bytes] || code > 0x10FFFF || surrogate) return {};
  return {code, bytes, true};
}

struct Range {
  char32_t from;
  char32_t to;
};

template <std::size_t n>
bool within(const std::array<Range, n>& ranges, char32_t code) {
  return std::ranges::any_of(ranges,
                             [&](const Range& r) { return code >= r.from && code <= r.to; });
}

// What has no ink, or changes how other characters are shown.
bool is_unseen(char32_t code) {
  static constexpr std::array<Range, 13> unseen{{{0x00, 0x1F},
                                                 {0x7F, 0x9F},
                                                 {0xAD, 0xAD},
                                                 {0x061C, 0x061C},
                                                 {0x180E, 0x180E},
                                                 {0x200B, 0x200F},
                                                 {0x2028, 0x202E},
                                                 {0x2060, 0x206F},
                                                 {0xFE00, 0xFE0F},
                                                 {0xFEFF, 0xFEFF},
                                                 {0xFFF9, 0xFFFB},
                                                 {0xE0000, 0xE0FFF},
                                                 {0x10FFFE, 0x10FFFF}}};
  return within(unseen, code);
}

int columns_of(char32_t code) {
  static constexpr std::array<Range, 5> combining{
      {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}}};
  static constexpr std::array<Range, 9> wide{{{0x1100, 0x115F},
                                              {0x2E80, 0x303E},
                                              {0x3041, 0xA4CF},
                                              {0xAC00, 0xD7A3},
                                              {0xF900, 0xFAFF},
                                              {0xFE30, 0xFE6F},
                                              {0xFF00, 0xFF60},
                                              {0x1F300, 0x1FAFF},
                                              {0x20000, 0x3FFFD}}};
  if (within(combining, code)) return 0;
  return within(wide, code) ? 2 : 1;
}

// Our own signs in one column of ASCII; everything else is not known there.
char in_ascii(char32_t code) {
  static constexpr std::array<std::pair<char32_t, char>, 22> known{
      {{U'✔', '+'}, {U'✖', 'x'}, {U'◌', 'o'}, {U'◷', 'w'}, {U'⚠', '!'}, {U'⊘', '#'},
       {U'–', '-'}, {U'·', '.'}, {U'→', '>'}, {U'…', '~'}, {U'█', '#'}, {U'▉', '#'},
       {U'▊', '#'}, {U'▋', '#'}, {U'▌', '='}, {U'▍', '='}, {U'▎', '-'}, {U'▏', '|'},
       {U'▕', '|'}, {U'░', '.'}, {U'×', 'x'}, {U'±', '~'}}};
  for (const auto& [sign, letter] : known) {
    if (sign == code) return letter;
  }
  return '?';
}

std::string to_ascii(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto character = first_of(text);
    out += character.code < 0x80 ? static_cast<char>(character.code) : in_ascii(character.code);
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string_view code_of(Role role) {
  switch (role) {
    case Role::plain: return "";
    case Role::strong: return "1";
    case Role::muted: return "2";
    case Role::good: return "32";
    case Role::bad: return "31";
    case Role::warning: return "33";
    case Role::running: return "36";
    case Role::held: return "35";
  }
  std::unreachable();
}

std::string colored(std::string_view text, Role role, const Style& style) {
  if (!style.color || role == Role::plain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(role), text);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_of(text);
    if (!character.valid) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (!is_unseen(character.code)) {
      out += text.substr(0, character.bytes);
    } else if (character.code < 0x80) {
      out += character.code == '\n'   ? "\\n"
             : character.code == '\t' ? "\\t"
                                      : fmt::format("\\x{:02x}", unsigned{character.code});
    } else {
      out += fmt::format("\\u{{{:04x}}}", unsigned{character.code});
    }
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string shell_word(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=@,+").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

int width_of(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const auto character = first_of(text);
    width += columns_of(character.code);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string cut_to(std::string_view text, int width) {
  if (width_of(text) <= width) return std::string(text);
  int used = 0;
  std::string out;
  while (!text.empty()) {
    const auto character = first_of(text);
    const int columns = columns_of(character.code);
    if (used + columns > width - 1) break;
    used += columns;
    out += text.substr(0, character.bytes);
    text.remove_prefix(character.bytes);
  }
  return width > 0 ? out + "…" : out;
}

Line& Line::add(std::string_view text, Role role) {
  if (!text.empty()) spans_.push_back({escaped(text), role});
  return *this;
}

int Line::width() const {
  int width = 0;
  for (const auto& span : spans_) width += width_of(span.text);
  return width;
}

Line& Line::pad_to(int column) {
  const int have = width();
  const int least = have == 0 ? 0 : 1;
  return add(std::string(static_cast<std::size_t>(std::max(least, column - have)), ' '));
}

void append(Screen& screen, Screen more) { std::ranges::move(more, std::back_inserter(screen)); }

std::string render(const Line& line, const Style& style) {
  int left = style.width > 0 ? style.width : line.width();
  const bool fits = line.width() <= left;
  std::string out;
  for (const auto& span : line.spans()) {
    if (left <= 0) break;
    const auto text = fits ? span.text : cut_to(span.text, left);
    left -= width_of(text);
    out += colored(style.ascii ? to_ascii(text) : text, span.role, style);
  }
  // Spaces at the end are nobody's.
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string render(const Screen& screen, const Style& style) {
  std::string out;
  for (const auto& line : screen) out += render(line, style) + "\n";
  return out;
}

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return good_sign;
    case Verdict::failed: return bad_sign;
    case Verdict::inconclusive: return waiting_sign;
  }
  std::unreachable();
}

Role role_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return Role::good;
    case Verdict::failed: return Role::bad;
    case Verdict::inconclusive: return Role::warning;
  }
  std::unreachable();
}

std::string clock_text(Duration duration) {
  const auto total = std::max<std::int64_t>(0, duration.count()) / 1000;
  if (total < 60) return fmt::format("{}s", total);
  const auto minutes_only = total / 60;
  if (total < 3600)
    return total % 60 == 0 ? fmt::format("{}m", minutes_only)
                           : fmt::format("{}m{:02}s", minutes_only, total % 60);
  return fmt::format("{}h{:02}m", total / 3600, minutes_only % 60);
}

std::string ago(Instant then, Instant now) {
  const auto passed = now - then;
  const auto coarse = [](Duration d) {
    const auto minutes_passed = d.count() / 60'000;
    if (minutes_passed < 1) return fmt::format("{}s", d.count() / 1000);
    if (minutes_passed < 60) return fmt::format("{}m", minutes_passed);
    if (minutes_passed < 48 * 60) return fmt::format("{}h", minutes_passed / 60);
    return fmt::format("{}d", minutes_passed / 60 / 24);
  };
  if (passed >= seconds(1)) return coarse(passed) + " ago";
  if (passed <= -seconds(1)) return "in " + coarse(-passed);
  return "just now";
}

std::string about(Duration duration) {
  if (duration < seconds(1)) return "under 1s";
  return "about " + clock_text(duration);
}

std::string minute_of_day(Instant instant) { return to_rfc3339_seconds(instant).substr(11, 5); }
std::string second_of_day(Instant instant) { return to_rfc3339_seconds(instant).substr(11, 8); }

std::string date_and_minute(Instant instant) {
  const auto text = to_rfc3339_seconds(instant);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string short_version(const Version& version) {
  constexpr std::size_t commit_length = 40;
  constexpr std::size_t shown = 12;
  const bool hexadecimal = version.text.find_first_not_of("0123456789abcdef") == std::string::npos;
  return version.text.size() == commit_length && hexadecimal ? version.text.substr(0, shown)
                                                             : version.text;
}

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace stepback::cli
