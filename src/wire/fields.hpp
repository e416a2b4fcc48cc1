// SPDX-License-Identifier: Apache-2.0
#pragma once

// FieldWriter and FieldReader: two visitors that a record's list of fields (shapes.hpp) is shown
// to, so that writing and reading cannot drift apart. Included by codec.cpp and
// record_schemas.cpp only. Plain objects,
// one thread each.
//
// The rules of every shape: an optional that is not set, an empty text and a time that was never
// set are left out; lists, numbers, truths and choices are always there. Reading keeps the default
// of a field that is absent, refuses a value of another kind or an unknown name with its path, and
// ignores fields it does not know.

#include <array>
#include <charconv>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"
#include "domain/run.hpp"

namespace stepback {

template <class E>
concept Choosable = std::is_enum_v<E> && requires { names_of<E>.size(); };

// Types that are a text with a meaning of its own.
template <class T, class... Types>
concept OneOf = (std::same_as<std::remove_const_t<T>, Types> || ...);
template <class T>
concept Token = OneOf<T, Version, Digest, Environment, DeploymentId, RollbackId, RunId>;

auto& text_of(Token auto& token) {
  if constexpr (requires { token.text; }) {
    return token.text;
  } else if constexpr (requires { token.hex; }) {
    return token.hex;
  } else {
    return token.name;
  }
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

using Facts = std::vector<std::pair<std::string, std::string>>;

// Times from 1970 to 9999 are RFC 3339; `never` is the word; anything else is its milliseconds.
inline constexpr Instant last_written{253'402'300'799'999};

class FieldWriter {
 public:
  // A field whose absence is refused when it is read back.
  template <class T>
  void required(std::string_view name, const T& value) {
    key(name);
    put(value);
  }

  template <class T>
  void operator()(std::string_view name, const T& value) {
    if (is_absent(value)) return;
    required(name, value);
  }

  // An optional choice that has a word for none.
  template <Choosable E>
  void or_else(std::string_view name, const std::optional<E>& value, std::string_view none) {
    key(name);
    json::append_quoted(out_, value ? name_of(*value) : none);
  }

  // A time as a number: milliseconds since 1970.
  void epoch(std::string_view name, const Instant& at) { required(name, at.ms); }

  template <class T>
  void put_object(const T& value, std::string_view schema = {}) {
    out_ += '{';
    const bool outer = std::exchange(first_, true);
    if (!schema.empty()) required("schema", std::string(schema));
    describe(*this, value);
    first_ = outer;
    out_ += '}';
  }

  std::string take() { return std::move(out_); }

 private:
  template <class T>
  static bool is_absent(const T& value) {
    if constexpr (is_optional<T>) {
      return !value.has_value();
    } else if constexpr (std::same_as<T, std::string>) {
      return value.empty();
    } else if constexpr (Token<T>) {
      return text_of(value).empty();
    } else if constexpr (std::same_as<T, Instant>) {
      return value == Instant{};
    } else {
      return false;
    }
  }

  void key(std::string_view name) {
    if (!std::exchange(first_, false)) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  template <class T>
  void put(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (std::integral<T>) {
      put_number(value);
    } else if constexpr (std::same_as<T, Duration>) {
      put_number(value.count());
    } else if constexpr (std::same_as<T, std::string>) {
      json::append_quoted(out_, value);
    } else if constexpr (Token<T>) {
      json::append_quoted(out_, text_of(value));
    } else if constexpr (std::same_as<T, Instant>) {
      put_instant(value);
    } else if constexpr (Choosable<T>) {
      json::append_quoted(out_, name_of(value));
    } else if constexpr (is_optional<T>) {
      put(*value);
    } else if constexpr (std::same_as<T, Facts>) {
      put_facts(value);
    } else if constexpr (is_list<T>) {
      put_list(value);
    } else {
      put_object(value);
    }
  }

  template <std::integral T>
  void put_number(T number) {
    std::array<char, 24> text;
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
    out_.append(text.data(), end);
  }

  void put_instant(Instant at) {
    if (at == never) {
      out_ += "\"never\"";
    } else if (at.ms < 0 || at > last_written) {
      put_number(at.ms);
    } else {
      out_ += '"';
      out_ += to_rfc3339(at);
      out_ += '"';
    }
  }

  template <class T>
  void put_list(const std::vector<T>& list) {
    out_ += '[';
    for (bool first = true; const T& element : list) {
      if (!std::exchange(first, false)) out_ += ',';
      put(element);
    }
    out_ += ']';
  }

  // An object, which reads well; as a list of pairs if a name is there twice, which JSON forbids.
  void put_facts(const Facts& facts) {
    const bool unique = are_unique(facts);
    out_ += unique ? '{' : '[';
    for (bool first = true; const auto& [name, value] : facts) {
      if (!std::exchange(first, false)) out_ += ',';
      if (!unique) out_ += '[';
      json::append_quoted(out_, name);
      out_ += unique ? ':' : ',';
      json::append_quoted(out_, value);
      if (!unique) out_ += ']';
    }
    out_ += unique ? '}' : ']';
  }

  static bool are_unique(const Facts& facts) {
    for (std::size_t i = 1; i < facts.size(); ++i) {
      for (std::size_t before = 0; before < i; ++before) {
        if (facts[before].first == facts[i].first) return false;
      }
    }
    return true;
  }

  std::string out_;
  bool first_ = true;
};

class FieldReader {
 public:
  explicit FieldReader(const json::Reader& from) : from_(from) {}

  template <class T>
  void required(std::string_view name, T& value) {
    if (!error_ && !from_.has(name)) error_ = from_.wrong(name, "is missing");
    (*this)(name, value);
  }

  template <class T>
  void operator()(std::string_view name, T& value) {
    if (error_) return;
    keep(read_field(name, value));
  }

  template <Choosable E>
  void or_else(std::string_view name, std::optional<E>& value, std::string_view none) {
    if (error_) return;
    const auto text = from_.text_or(name, none);
    if (text && *text == none) return;
    (*this)(name, value);
  }

  void epoch(std::string_view name, Instant& at) { (*this)(name, at.ms); }

  template <class T>
  static Result<> get_object(const json::Reader& from, T& value) {
    const auto object = TRY(from.as_object());
    FieldReader fields(object);
    describe(fields, value);
    if (fields.error_) return fail(*std::move(fields.error_));
    return {};
  }

 private:
  template <class T>
  Result<> read_field(std::string_view name, T& value) {
    const json::Value* found = from_.value().get_object().if_contains(name);
    if (found == nullptr || found->is_null()) return {};
    const auto result = get(json::Reader(*found), value);
    if (result) return {};
    return fail(placed(name, result.error()));
  }

  // Errors get their path on the way up, so that reading what is right builds no paths.
  static Error placed(std::string_view name, const Error& error) {
    constexpr std::string_view top = "the document";
    const bool at_the_end = error.message.starts_with(top);
    const std::string_view rest =
        std::string_view(error.message).substr(at_the_end ? top.size() : 0);
    const bool continues = !at_the_end && !rest.starts_with('[');
    return {error.code, std::string(name) + (continues ? "." : "") + std::string(rest)};
  }

  void keep(const Result<>& result) {
    if (!result) error_ = result.error();
  }

  template <class T>
  static Result<> get(const json::Reader& from, T& value) {
    if constexpr (std::same_as<T, bool>) {
      value = TRY(from.as_boolean());
    } else if constexpr (std::integral<T>) {
      return get_number(from, value);
    } else if constexpr (std::same_as<T, Duration>) {
      value = Duration(TRY(from.as_integer()));
    } else if constexpr (std::same_as<T, std::string>) {
      value = TRY(from.as_text());
    } else if constexpr (Token<T>) {
      text_of(value) = TRY(from.as_text());
    } else if constexpr (std::same_as<T, Instant>) {
      return get_instant(from, value);
    } else if constexpr (Choosable<T>) {
      return get_choice(from, value);
    } else if constexpr (is_optional<T>) {
      return get(from, value.emplace());
    } else if constexpr (std::same_as<T, Facts>) {
      return get_facts(from, value);
    } else if constexpr (is_list<T>) {
      return get_list(from, value);
    } else {
      return get_object(from, value);
    }
    return {};
  }

  template <std::integral T>
  static Result<> get_number(const json::Reader& from, T& value) {
    const std::int64_t number = TRY(from.as_integer());
    if (!std::in_range<T>(number)) return fail(from.wrong("the number is out of range"));
    value = static_cast<T>(number);
    return {};
  }

  static Result<> get_instant(const json::Reader& from, Instant& at) {
    if (from.value().is_int64()) {
      at.ms = from.value().get_int64();
    } else if (from.value().is_string() && from.value().get_string() == "never") {
      at = never;
    } else {
      at = TRY(from.as_instant());
    }
    return {};
  }

  template <Choosable E>
  static Result<> get_choice(const json::Reader& from, E& choice) {
    const std::string name = TRY(from.as_text());
    const auto found = named<E>(name);
    if (!found) return fail(from.wrong("\"" + name + "\" is not known; expected " + choices<E>()));
    choice = *found;
    return {};
  }

  template <Choosable E>
  static std::string choices() {
    std::string all;
    for (const auto name : names_of<E>) {
      if (!all.empty()) all += ", ";
      all += name;
    }
    return all;
  }

  template <class T>
  static Result<> get_list(const json::Reader& from, std::vector<T>& list) {
    if (!from.value().is_array()) return fail(from.wrong("expected a list"));
    const json::Array& array = from.value().get_array();
    list.clear();
    list.reserve(array.size());
    for (const auto& element : array) {
      const auto result = get(json::Reader(element), list.emplace_back());
      if (!result) {
        return fail(placed("[" + std::to_string(list.size() - 1) + "]", result.error()));
      }
    }
    return {};
  }

  static Result<> get_facts(const json::Reader& from, Facts& facts) {
    facts.clear();
    if (from.value().is_object()) {
      for (const auto& [name, value] : TRY(from.members())) {
        facts.emplace_back(name, TRY(value.as_text()));
      }
      return {};
    }
    for (const auto& pair : TRY(from.as_array())) {
      const auto parts = TRY(pair.as_array());
      if (parts.size() != 2) return fail(pair.wrong("expected a name and a value"));
      facts.emplace_back(TRY(parts[0].as_text()), TRY(parts[1].as_text()));
    }
    return {};
  }

  const json::Reader& from_;
  std::optional<Error> error_;
};

}  // namespace stepback
