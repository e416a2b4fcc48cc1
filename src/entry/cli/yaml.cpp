// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/yaml.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace stepback::cli {
namespace {

constexpr std::size_t step = 2;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Words that some reader takes for a truth, a null or a number.
bool is_taken(std::string_view text) {
  static constexpr std::array<std::string_view, 11> taken{
      "true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"};
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(taken, lower) != taken.end();
}

// Stands without quotes: begins with a letter and holds nothing that YAML has a use for.
bool is_plain(std::string_view text) {
  if (text.empty() || !is_letter(text.front()) || text.back() == ' ' || is_taken(text))
    return false;
  return std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view(" _-./").find(c) != std::string::npos;
  });
}

std::string scalar(const json::Value& value) {
  if (!value.is_string()) return json::write(value);
  const std::string_view text(value.get_string());
  if (is_plain(text)) return std::string(text);
  std::string out;
  json::append_quoted(out, text);
  return out;
}

bool is_block(const json::Value& value) {
  return (value.is_object() && !value.get_object().empty()) ||
         (value.is_array() && !value.get_array().empty());
}

void write(const json::Value& value, std::size_t indent, bool first_in_place, std::string& out);

void write_object(const json::Object& object, std::size_t indent, bool first_in_place,
                  std::string& out) {
  for (const auto& member : object) {
    if (!first_in_place) out.append(indent, ' ');
    first_in_place = false;
    const std::string_view key(member.key());
    out += scalar(json::Value(key));
    out += ':';
    if (is_block(member.value())) {
      out += '\n';
      // A list stands as deep as its key.
      write(member.value(), member.value().is_array() ? indent : indent + step, false, out);
    } else {
      out += ' ' + scalar(member.value()) + '\n';
    }
  }
}

void write(const json::Value& value, std::size_t indent, bool first_in_place, std::string& out) {
  if (!is_block(value)) {
    out += scalar(value) + '\n';
  } else if (value.is_object()) {
    write_object(value.get_object(), indent, first_in_place, out);
  } else {
    for (const auto& element : value.get_array()) {
      if (!first_in_place) out.append(indent, ' ');
      first_in_place = false;
      out += "- ";
      write(element, indent + step, true, out);
    }
  }
}

}  // namespace

std::string to_yaml(const json::Value& value) {
  std::string out;
  write(value, 0, false, out);
  return out;
}

}  // namespace stepback::cli
