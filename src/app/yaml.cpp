// SPDX-License-Identifier: Apache-2.0
#include "app/yaml.hpp"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace stepback {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// --- types ---------------------------------------------------------------------------------------

std::optional<json::Value> whole_number(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;  // octal to some readers
  if (text[0] == '+') text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;  // more than 64 bits hold
  return json::Value(number);
}

std::optional<json::Value> fraction(std::string_view text) {
  const auto is_part = [](char c) {
    return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
  };
  const bool starts = !text.empty() && (is_digit(text[0]) || text[0] == '.' || text[0] == '-');
  if (!starts || !std::ranges::all_of(text, is_part)) return std::nullopt;
  if (text.size() > 1 && text[0] == '0' && is_digit(text[1])) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = end == text.data() + text.size();
  if (error != std::errc() || !whole || !std::isfinite(number)) return std::nullopt;
  return json::Value(number);
}

json::Value plain_value(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return json::Value(nullptr);
  }
  if (text == "true" || text == "True" || text == "TRUE") return json::Value(true);
  if (text == "false" || text == "False" || text == "FALSE") return json::Value(false);
  if (const auto number = whole_number(text)) return *number;
  if (const auto number = fraction(text)) return *number;
  return json::Value(text);
}

// --- the bytes -----------------------------------------------------------------------------------

// The bytes of the UTF-8 character at the front; 0 if there is none, or one that no text has.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) {
    const bool control = (first < 0x20 && first != '\n' && first != '\r' && first != '\t');
    return control || first == 0x7F ? 0 : 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  char32_t point = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return 0;
    point = (point << 6) | (next & 0x3FU);
  }
  const char32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point < least || point > 0x10FFFF || surrogate || point == 0xFEFF ? 0 : length;
}

// Where the text stops being text; nothing if it is text to its end.
std::optional<TextPlace> first_foreign_byte(std::string_view text) {
  TextPlace at{.line = 1, .column = 1};
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0) return at;
    if (text[0] == '\n') {
      at = {.line = at.line + 1, .column = 1};
    } else {
      ++at.column;
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

bool is_indented_by_tab(std::string_view text, int line) {
  for (; line > 1 && !text.empty(); --line) {
    const auto end = text.find('\n');
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  const auto first = text.find_first_not_of(' ');
  return first != std::string_view::npos && text[first] == '\t';
}

// --- variables -----------------------------------------------------------------------------------

struct Filled {
  std::string text;
  std::vector<std::string> problems;
  bool changed = false;
};

std::string_view name_at(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() &&
         (is_letter(text[length]) || (length > 0 && is_digit(text[length]))))
    ++length;
  return text.substr(0, length);
}

// ${NAME} becomes the variable's text; $${ stays as ${.
Filled fill_variables(std::string_view text, const Variables& variables) {
  Filled filled;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("$${")) {
      filled.text += "${";
      filled.changed = true;
      at += 3;
    } else if (text.substr(at).starts_with("${")) {
      const auto name = name_at(text.substr(at + 2));
      const bool closed = text.substr(at + 2 + name.size()).starts_with('}');
      const auto variable = variables.find(name);
      if (name.empty() || !closed) {
        filled.problems.push_back(
            "${ begins the name of a variable, as in ${HOST}; write $${ for "
            "the characters themselves");
        at += 2;
      } else if (variable == variables.end()) {
        filled.problems.push_back(fmt::format("the variable {} is not set", name));
        at += name.size() + 3;
      } else {
        if (first_foreign_byte(variable->second)) {
          filled.problems.push_back(fmt::format("the variable {} holds no text", name));
        }
        filled.text += variable->second;
        filled.changed = true;
        at += name.size() + 3;
      }
    } else {
      filled.text += text[at++];
    }
  }
  return filled;
}

// --- the tree ------------------------------------------------------------------------------------

// Ends the parse from within; never leaves this file.
struct Stop {
  TextPlace at;
  std::string why;
};

TextPlace mark_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

class Builder final : public YAML::EventHandler {
 public:
  Builder(const Variables& variables, Findings& findings, YamlLimits limits)
      : variables_(variables), findings_(findings), limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(began_, true)) throw Stop{mark_of(mark), "a second document begins here"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    begin(mark, "", anchor);
    if (take_key(mark, "null")) return;
    // Where a value is left out, the parser is at what comes after it: its key is the place.
    const auto key = document_.keys.find(next_path());
    put(key == document_.keys.end() ? mark_of(mark) : key->second, json::Value(nullptr));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Stop{mark_of(mark), "aliases are not read here: write it out, or put it into defaults"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    begin(mark, tag, anchor);
    if (text.size() > limits_.text) {
      throw Stop{mark_of(mark),
                 fmt::format("a text of {} bytes; at most {} are read", text.size(), limits_.text)};
    }
    if (!take_key(mark, text)) put(mark_of(mark), value_of(mark_of(mark), tag, text));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, json::Array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, json::Object());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  YamlDocument take() { return std::move(document_); }

 private:
  struct Open {
    json::Value value;
    std::string path;
    TextPlace mark;
    std::optional<std::string> key;  // of the value that comes next, in a map
    bool skips = false;              // that value belongs to a key that was there before
  };

  void begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (++values_ > limits_.values) {
      throw Stop{mark_of(mark), fmt::format("more than {} values", limits_.values)};
    }
    if (anchor != 0) {
      throw Stop{mark_of(mark), "anchors are not read here: write it out, or put it into defaults"};
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Stop{mark_of(mark), "tags are not read here: the type follows from how it is written"};
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            json::Value container) {
    begin(mark, tag, anchor);
    if (waits_for_key()) throw Stop{mark_of(mark), "a key is a text, not a list or a map"};
    if (open_.size() == limits_.depth) {
      throw Stop{mark_of(mark), fmt::format("nested deeper than {}", limits_.depth)};
    }
    open_.push_back({std::move(container), next_path(), mark_of(mark), {}, false});
    document_.marks[open_.back().path] = mark_of(mark);
  }

  void close() {
    Open finished = std::move(open_.back());
    open_.pop_back();
    put(finished.mark, std::move(finished.value));
  }

  bool waits_for_key() const {
    return !open_.empty() && open_.back().value.is_object() && !open_.back().key;
  }

  bool take_key(const YAML::Mark& mark, const std::string& text) {
    if (!waits_for_key()) return false;
    Open& map = open_.back();
    const std::string path = map.path + step_to(text);
    const auto [at, is_new] = document_.keys.emplace(path, mark_of(mark));
    if (!is_new) {
      findings_.add(mark_of(mark), fmt::format("the key {} is there twice; first at {}",
                                               in_quotes(text), findings_.place(at->second)));
    }
    map.key = text;
    map.skips = !is_new;
    return true;
  }

  std::string next_path() const {
    if (open_.empty()) return "";
    const Open& parent = open_.back();
    if (parent.value.is_object()) return parent.path + step_to(*parent.key);
    return fmt::format("{}/{}", parent.path, parent.value.get_array().size());
  }

  json::Value value_of(TextPlace at, const std::string& tag, const std::string& text) {
    if (first_foreign_byte(text)) findings_.add(at, "a text with a control character in it");
    Filled filled = fill_variables(text, variables_);
    if (filled.text.size() > limits_.text) {
      throw Stop{at, fmt::format("a text of {} bytes with its variables; at most {} are read",
                                 filled.text.size(), limits_.text)};
    }
    for (auto& problem : filled.problems) findings_.add(at, std::move(problem));
    if (filled.changed) {
      document_.raw[next_path()] = text;
      return json::Value(filled.text);
    }
    return tag == "!" ? json::Value(text) : plain_value(text);
  }

  void put(TextPlace at, json::Value value) {
    document_.marks.emplace(next_path(), at);
    if (open_.empty()) {
      document_.value = std::move(value);
    } else if (Open& parent = open_.back(); parent.value.is_array()) {
      parent.value.get_array().push_back(std::move(value));
    } else {
      if (!parent.skips) parent.value.get_object().emplace(*parent.key, std::move(value));
      parent.key.reset();
    }
  }

  const Variables& variables_;
  Findings& findings_;
  YamlLimits limits_;
  YamlDocument document_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  bool began_ = false;
};

}  // namespace

std::string step_to(std::string_view key) {
  std::string step = "/";
  for (const char c : key) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

TextPlace YamlDocument::mark(std::string_view path) const {
  for (;;) {
    if (const auto found = marks.find(path); found != marks.end()) return found->second;
    if (path.empty()) return {};
    path = path.substr(0, path.rfind('/'));
  }
}

YamlDocument parse_yaml(std::string_view text, const Variables& variables, Findings& findings,
                        YamlLimits limits) {
  if (text.size() > limits.bytes) {
    findings.add({}, fmt::format("{} bytes; at most {} are read", text.size(), limits.bytes));
    return {};
  }
  if (const auto at = first_foreign_byte(text)) {
    findings.add(*at, "not text: a control character, a byte-order mark, or not UTF-8");
    return {};
  }
  Builder builder(variables, findings, limits);
  try {
    std::istringstream input{std::string(text)};
    YAML::Parser parser(input);
    if (!parser.HandleNextDocument(builder)) {
      findings.add({.line = 1, .column = 1}, "the file is empty");
      return {};
    }
    parser.HandleNextDocument(builder);  // there should be none: Builder sees to it
    return builder.take();
  } catch (const Stop& stop) {
    findings.add(stop.at, stop.why);
  } catch (const YAML::Exception& error) {
    const TextPlace at = mark_of(error.mark);
    const bool tab = is_indented_by_tab(text, at.line);
    findings.add(at, tab ? "a tab in the indentation: YAML counts spaces only"
                         : "not valid YAML: " + error.msg);
  }
  return {};
}

}  // namespace stepback
