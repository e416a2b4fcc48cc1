// SPDX-License-Identifier: Apache-2.0
#pragma once

// The log for operators: one line for each record, as JSON or as text, with named fields. What
// concerns a rollback carries its id, so that one search shows the whole story. Handed in by
// reference, usable from any thread; a test gives it a sink and reads the lines.
//
//   log.info("rollback opened", {{"rollback", id.text}, {"attempt", 2}});

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.hpp"

namespace stepback {

enum class LogLevel { debug, info, warning, error };

std::string_view name_of(LogLevel level);

// A name and what it is. Views: for the length of the call only.
struct Field {
  using Content = std::variant<std::string_view, std::int64_t, double, bool>;

  template <class Text>
    requires std::convertible_to<const Text&, std::string_view>
  Field(std::string_view k, const Text& text) : key(k), content(std::string_view(text)) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  Field(std::string_view k, Number n) : key(k), content(static_cast<std::int64_t>(n)) {}
  Field(std::string_view k, std::floating_point auto n) : key(k), content(double{n}) {}
  Field(std::string_view k, std::same_as<bool> auto truth) : key(k), content(truth) {}

  std::string_view key;
  Content content;
};

class Log {
 public:
  enum class Form { json, text };
  using Fields = std::initializer_list<Field>;
  using Sink = std::function<void(std::string_view line)>;  // called by one thread at a time

  struct Options {
    Form form = Form::json;
    LogLevel least = LogLevel::info;  // lesser ones are dropped
  };

  Log(const Clock& clock, Options options);             // to standard error
  Log(const Clock& clock, Options options, Sink sink);  // a line comes without its end
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view message, Fields fields = {}) const;
  void info(std::string_view message, Fields fields = {}) const;
  void warning(std::string_view message, Fields fields = {}) const;
  void error(std::string_view message, Fields fields = {}) const;
  void write(LogLevel level, std::string_view message, Fields fields) const;

 private:
  struct Output;

  const Clock& clock_;
  Options options_;
  std::unique_ptr<Output> output_;
};

}  // namespace stepback
