// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>

namespace stepback::json {
namespace {

using boost::json::error_code;

// Builds the value as the parser meets its parts. Ours, because Boost's own keeps the last of two
// equal keys in silence, and then two readers of one document may disagree.
class Builder {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open(Object()); }
  bool on_object_end(std::size_t, error_code& error) { return close(error); }
  bool on_array_begin(error_code&) { return open(Array()); }
  bool on_array_end(std::size_t, error_code& error) { return close(error); }
  bool on_key_part(std::string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_key(std::string_view part, std::size_t, error_code& error) {
    gather(part);
    if (open_.back().container.get_object().contains(text_)) return refuse_key(error);
    open_.back().key = std::exchange(text_, {});
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_string(std::string_view part, std::size_t, error_code& error) {
    if (text_.empty()) return put(Value(part), error);
    gather(part);
    return put(Value(std::exchange(text_, {})), error);
  }
  bool on_number_part(std::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, std::string_view, error_code& error) {
    return put(Value(number), error);
  }
  bool on_uint64(std::uint64_t number, std::string_view, error_code& error) {
    return put(Value(number), error);
  }
  bool on_double(double number, std::string_view, error_code& error) {
    if (std::isfinite(number)) return put(Value(number), error);
    error = boost::json::make_error_code(boost::json::error::exponent_overflow);
    return false;
  }
  bool on_bool(bool truth, error_code& error) { return put(Value(truth), error); }
  bool on_null(error_code& error) { return put(Value(nullptr), error); }
  bool on_comment_part(std::string_view, error_code&) { return true; }
  bool on_comment(std::string_view, error_code&) { return true; }

  Value take() { return std::move(result_); }
  const std::string& repeated_key() const { return repeated_key_; }

 private:
  struct Open {
    Value container;
    std::string key;
  };

  bool open(Value container) {
    open_.push_back({std::move(container), {}});
    return true;
  }
  bool close(error_code& error) {
    Value finished = std::move(open_.back().container);
    open_.pop_back();
    return put(std::move(finished), error);
  }
  bool put(Value value, error_code&) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (auto& [container, key] = open_.back(); container.is_object()) {
      container.get_object().emplace(key, std::move(value));
    } else {
      container.get_array().push_back(std::move(value));
    }
    return true;
  }
  bool gather(std::string_view part) {
    text_.append(part);
    return true;
  }
  bool refuse_key(error_code& error) {
    repeated_key_ = text_;
    error = boost::json::make_error_code(boost::json::error::extra_data);
    return false;
  }

  std::vector<Open> open_;
  std::string text_;  // a key or a text that came in parts
  std::string repeated_key_;
  Value result_;
};

// The number of bytes of the UTF-8 sequence at the front of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

class Writer {
 public:
  explicit Writer(bool pretty) : pretty_(pretty) {}

  void put(const Value& value) {
    switch (value.kind()) {
      case boost::json::kind::null: out_ += "null"; return;
      case boost::json::kind::bool_: out_ += value.get_bool() ? "true" : "false"; return;
      case boost::json::kind::int64: put_number(value.get_int64()); return;
      case boost::json::kind::uint64: put_number(value.get_uint64()); return;
      case boost::json::kind::double_: put_double(value.get_double()); return;
      case boost::json::kind::string: append_quoted(out_, value.get_string()); return;
      case boost::json::kind::array: put_array(value.get_array()); return;
      case boost::json::kind::object: put_object(value.get_object()); return;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  template <class Number>
  void put_number(Number number) {
    std::array<char, 32> text;
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
    out_.append(text.data(), end);
  }
  void put_double(double number) {
    if (!std::isfinite(number)) {
      out_ += "null";  // JSON has no word for it
      return;
    }
    put_number(number);
  }
  void put_array(const Array& array) {
    out_ += '[';
    ++depth_;
    for (bool first = true; const auto& element : array) {
      separate(std::exchange(first, false));
      put(element);
    }
    --depth_;
    if (!array.empty()) break_line();
    out_ += ']';
  }
  void put_object(const Object& object) {
    out_ += '{';
    ++depth_;
    for (bool first = true; const auto& [key, value] : object) {
      separate(std::exchange(first, false));
      append_quoted(out_, key);
      out_ += pretty_ ? ": " : ":";
      put(value);
    }
    --depth_;
    if (!object.empty()) break_line();
    out_ += '}';
  }
  void separate(bool first) {
    if (!first) out_ += ',';
    break_line();
  }
  void break_line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  bool pretty_;
  std::size_t depth_ = 0;
  std::string out_;
};

std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string_view reason_of(const error_code& code) {
  using boost::json::error;
  if (code == error::incomplete) return "it ends too early";
  if (code == error::too_deep) return "it is nested too deeply";
  if (code == error::exponent_overflow) return "a number is too large";
  if (code == error::extra_data) return "something follows the value";
  if (code == error::illegal_leading_surrogate || code == error::illegal_trailing_surrogate ||
      code == error::expected_utf16_escape) {
    return "an escape is half of a pair";
  }
  return "it is not valid JSON";
}

// The first byte that begins no UTF-8 sequence, if there is one before `end`.
std::optional<std::size_t> invalid_utf8(std::string_view text, std::size_t end) {
  for (std::size_t at = 0; at < std::min(end, text.size());) {
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

Error syntax_error(std::string_view text, std::size_t at, const error_code& error) {
  if (const auto wrong = invalid_utf8(text, at + 1)) {
    return {Code::invalid, fmt::format("JSON, byte {}: it is not valid UTF-8", *wrong)};
  }
  return {Code::invalid, fmt::format("JSON, byte {}: {}", at, reason_of(error))};
}

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) {
  if (text.size() > limits.bytes) {
    return fail(Code::invalid,
                fmt::format("JSON of {} bytes: at most {} are read", text.size(), limits.bytes));
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth;
  boost::json::basic_parser<Builder> parser(options);
  error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  const std::string& repeated = parser.handler().repeated_key();
  if (error == boost::json::error::extra_data) {
    std::string quoted;
    append_quoted(quoted, std::string_view(repeated).substr(0, 64));
    return fail(Code::invalid,
                fmt::format("JSON, byte {}: the key {} is there twice", read, quoted));
  }
  if (error) return fail(syntax_error(text, read, error));
  if (read < text.size()) {
    return fail(Code::invalid, fmt::format("JSON, byte {}: something follows the value", read));
  }
  return parser.handler().take();
}

std::string write(const Value& value) {
  Writer writer(false);
  writer.put(value);
  return writer.take();
}

std::string write_pretty(const Value& value) {
  Writer writer(true);
  writer.put(value);
  return writer.take();
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto plain = std::ranges::find_if_not(text, is_plain);
    const auto run = static_cast<std::size_t>(plain - text.begin());
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    const std::size_t length = sequence_length(text);
    if (length > 1) {
      out.append(text.substr(0, length));
    } else if (length == 1) {
      append_escaped(out, text[0]);
    } else {
      out += "\xEF\xBF\xBD";  // U+FFFD, the replacement character
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

Reader::Reader(const Value& value, std::string path) : value_(&value), path_(std::move(path)) {}

std::optional<Reader> Reader::find(std::string_view key) const {
  if (!value_->is_object()) return std::nullopt;
  const Value* found = value_->get_object().if_contains(key);
  if (found == nullptr || found->is_null()) return std::nullopt;
  return Reader(*found, joined(path_, key));
}

Result<Reader> Reader::field(std::string_view key) const {
  if (!value_->is_object()) return fail(wrong("expected an object"));
  auto found = find(key);
  if (!found) return fail(wrong(key, "is missing"));
  return *std::move(found);
}

bool Reader::has(std::string_view key) const { return find(key).has_value(); }

Error Reader::wrong(std::string_view what) const {
  return {Code::invalid, fmt::format("{}: {}", path_.empty() ? "the document" : path_, what)};
}

Error Reader::wrong(std::string_view key, std::string_view what) const {
  return {Code::invalid, fmt::format("{}: {}", joined(path_, key), what)};
}

Result<std::string> Reader::as_text() const {
  if (!value_->is_string()) return fail(wrong("expected text"));
  return std::string(value_->get_string());
}

Result<std::int64_t> Reader::as_integer() const {
  if (value_->is_int64()) return value_->get_int64();
  return fail(wrong("expected a whole number"));
}

Result<double> Reader::as_number() const {
  if (!value_->is_number()) return fail(wrong("expected a number"));
  return value_->to_number<double>();
}

Result<bool> Reader::as_boolean() const {
  if (!value_->is_bool()) return fail(wrong("expected true or false"));
  return value_->get_bool();
}

Result<Instant> Reader::as_instant() const {
  if (!value_->is_string()) return fail(wrong("expected a time"));
  const auto instant = parse_rfc3339(value_->get_string());
  if (!instant) return fail(wrong(instant.error().message));
  return *instant;
}

Result<Reader> Reader::as_object() const {
  if (!value_->is_object()) return fail(wrong("expected an object"));
  return *this;
}

Result<std::vector<Reader>> Reader::as_array() const {
  if (!value_->is_array()) return fail(wrong("expected a list"));
  std::vector<Reader> elements;
  elements.reserve(value_->get_array().size());
  for (const auto& element : value_->get_array()) {
    elements.emplace_back(element, fmt::format("{}[{}]", path_, elements.size()));
  }
  return elements;
}

Result<std::vector<std::pair<std::string, Reader>>> Reader::members() const {
  if (!value_->is_object()) return fail(wrong("expected an object"));
  std::vector<std::pair<std::string, Reader>> found;
  for (const auto& [key, value] : value_->get_object()) {
    found.emplace_back(key, Reader(value, joined(path_, key)));
  }
  return found;
}

Result<> Reader::only(std::initializer_list<std::string_view> keys) const {
  if (!value_->is_object()) return fail(wrong("expected an object"));
  for (const auto& member : value_->get_object()) {
    const std::string_view key = member.key();
    if (std::ranges::find(keys, key) == keys.end()) return fail(wrong(key, "is not known here"));
  }
  return {};
}

Result<std::string> Reader::text(std::string_view key) const { return TRY(field(key)).as_text(); }

Result<std::int64_t> Reader::integer(std::string_view key) const {
  return TRY(field(key)).as_integer();
}

Result<double> Reader::number(std::string_view key) const { return TRY(field(key)).as_number(); }

Result<bool> Reader::boolean(std::string_view key) const { return TRY(field(key)).as_boolean(); }

Result<Instant> Reader::instant(std::string_view key) const { return TRY(field(key)).as_instant(); }

Result<Reader> Reader::object(std::string_view key) const { return TRY(field(key)).as_object(); }

Result<std::vector<Reader>> Reader::array(std::string_view key) const {
  return TRY(field(key)).as_array();
}

Result<std::vector<std::string>> Reader::texts(std::string_view key) const {
  const auto elements = TRY(array(key));
  std::vector<std::string> found;
  found.reserve(elements.size());
  for (const auto& element : elements) found.push_back(TRY(element.as_text()));
  return found;
}

Result<std::optional<std::string>> Reader::optional_text(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return TRY(text(key));
}

Result<std::optional<std::int64_t>> Reader::optional_integer(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return TRY(integer(key));
}

Result<std::optional<double>> Reader::optional_number(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return TRY(number(key));
}

Result<std::optional<bool>> Reader::optional_boolean(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return TRY(boolean(key));
}

Result<std::optional<Instant>> Reader::optional_instant(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return TRY(instant(key));
}

Result<std::optional<Reader>> Reader::optional_object(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return TRY(object(key));
}

Result<std::vector<Reader>> Reader::optional_array(std::string_view key) const {
  if (!has(key)) return std::vector<Reader>();
  return array(key);
}

Result<std::string> Reader::text_or(std::string_view key, std::string_view fallback) const {
  if (!has(key)) return std::string(fallback);
  return text(key);
}

Result<std::int64_t> Reader::integer_or(std::string_view key, std::int64_t fallback) const {
  if (!has(key)) return fallback;
  return integer(key);
}

Result<bool> Reader::boolean_or(std::string_view key, bool fallback) const {
  if (!has(key)) return fallback;
  return boolean(key);
}

}  // namespace stepback::json
