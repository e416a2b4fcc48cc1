// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON in and out, on Boost.JSON. parse() is strict: it refuses what two readers could understand
// differently. A Reader decodes a value field by field and names the path of the wrong one
// ("detail.state.value: expected text"). Used by the codecs, the API and the command line. Values
// have no locks: one thread at a time.
//
//   const Value value = TRY(json::parse(body));
//   const Reader event(value);
//   const Reader detail = TRY(event.object("detail"));
//   const std::string alarm = TRY(detail.text("alarmName"));
//
// Write Value(x), not Value{x}: braces around one thing make a list of it.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback::json {

using Value = boost::json::value;
using Object = boost::json::object;  // keeps the order in which keys were put in
using Array = boost::json::array;

struct Limits {
  std::size_t bytes = 256 * 1024;
  std::size_t depth = 32;
};

// One value and nothing after it but white space. Refused, with the byte where it happened: a key
// given twice, invalid UTF-8, a number that no double holds, nesting beyond the limit.
Result<Value> parse(std::string_view text, Limits limits = {});

std::string write(const Value& value);         // compact, on one line
std::string write_pretty(const Value& value);  // indented by two spaces, ends without a newline

// Appends `text` in quotes. Every control character is escaped; what is not UTF-8 is replaced.
void append_quoted(std::string& out, std::string_view text);

// Looks at a value that must outlive it. A field that is null counts as absent.
class Reader {
 public:
  explicit Reader(const Value& value, std::string path = "");

  bool has(std::string_view key) const;  // present, and not null

  // The field must be there and be of that kind.
  Result<std::string> text(std::string_view key) const;
  Result<std::int64_t> integer(std::string_view key) const;
  Result<double> number(std::string_view key) const;
  Result<bool> boolean(std::string_view key) const;
  Result<Instant> instant(std::string_view key) const;  // RFC 3339
  Result<Reader> object(std::string_view key) const;
  Result<std::vector<Reader>> array(std::string_view key) const;
  Result<std::vector<std::string>> texts(std::string_view key) const;  // a list of texts

  // The field may be absent; if it is there it must be of that kind.
  Result<std::optional<std::string>> optional_text(std::string_view key) const;
  Result<std::optional<std::int64_t>> optional_integer(std::string_view key) const;
  Result<std::optional<double>> optional_number(std::string_view key) const;
  Result<std::optional<bool>> optional_boolean(std::string_view key) const;
  Result<std::optional<Instant>> optional_instant(std::string_view key) const;
  Result<std::optional<Reader>> optional_object(std::string_view key) const;
  Result<std::vector<Reader>> optional_array(std::string_view key) const;  // none when absent
  Result<std::string> text_or(std::string_view key, std::string_view fallback) const;
  Result<std::int64_t> integer_or(std::string_view key, std::int64_t fallback) const;
  Result<bool> boolean_or(std::string_view key, bool fallback) const;

  // What this Reader itself looks at: an element of a list, a member of a map.
  Result<std::string> as_text() const;
  Result<std::int64_t> as_integer() const;
  Result<double> as_number() const;
  Result<bool> as_boolean() const;
  Result<Instant> as_instant() const;
  Result<Reader> as_object() const;
  Result<std::vector<Reader>> as_array() const;
  Result<std::vector<std::pair<std::string, Reader>>> members() const;  // in their order

  // Refuses an object with any other key: for files that people write, where a misspelt key
  // would be ignored in silence.
  Result<> only(std::initializer_list<std::string_view> keys) const;

  // An error in the same style, for what the types cannot say: wrong("count", "expected 1 to 9").
  Error wrong(std::string_view key, std::string_view what) const;
  Error wrong(std::string_view what) const;

  const Value& value() const { return *value_; }
  const std::string& path() const { return path_; }  // "detail.checks[2]"; empty at the top

 private:
  Result<Reader> field(std::string_view key) const;
  std::optional<Reader> find(std::string_view key) const;

  const Value* value_;
  std::string path_;
};

}  // namespace stepback::json
