// SPDX-License-Identifier: Apache-2.0
#pragma once

// Flags: how the values of a command line are read, each kind once, with what is wrong with one
// said in the words of its flag. Used by the parser only, in one thread.

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "entry/cli/options.hpp"

namespace stepback::cli {

// A choice's type is its values, with commas: completion offers them.
template <class T>
std::string values_of() {
  std::string all;
  for (const auto name : names_of<T>) all += (all.empty() ? "" : ",") + std::string(name);
  return all;
}

template <class T>
CLI::Option* choice(CLI::App& app, const std::string& names, T& into, const std::string& words) {
  return app
      .add_option_function<std::string>(
          names,
          [&into, names](const std::string& text) {
            if (auto value = named<T>(text)) {
              into = *value;
              return;
            }
            std::string all;
            for (const auto name : names_of<T>)
              all += (all.empty() ? "" : ", ") + std::string(name);
            throw CLI::ValidationError(names, text + " is none of " + all);
          },
          words)
      ->type_name(values_of<T>());
}

template <class T>
CLI::Option* choice(CLI::App& app, const std::string& names, std::optional<T>& into,
                    const std::string& words) {
  return app
      .add_option_function<std::string>(
          names,
          [&into, names](const std::string& text) {
            into = named<T>(text);
            if (!into) throw CLI::ValidationError(names, text + " is not one of its values");
          },
          words)
      ->type_name(values_of<T>());
}

template <class D>
void duration(CLI::App& app, const std::string& names, D& into, const std::string& words) {
  app.add_option_function<std::string>(
         names,
         [&into, names](const std::string& text) {
           auto value = parse_duration(text);
           if (!value) throw CLI::ValidationError(names, text + " is " + value.error().message);
           into = *value;
         },
         words)
      ->type_name("TIME");
}

inline void moment(CLI::App& app, const std::string& names, std::string& into,
                   const std::string& words) {
  app.add_option_function<std::string>(
         names,
         [&into, names](const std::string& text) {
           auto value = parse_moment(text, Instant{});
           if (!value) throw CLI::ValidationError(names, text + " is " + value.error().message);
           into = text;
         },
         words)
      ->type_name("TIME");
}

inline CLI::Option* text(CLI::App& app, const std::string& names, std::string& into,
                         const std::string& words, const std::string& type = "TEXT") {
  return app.add_option(names, into, words)->type_name(type);
}

inline void count(CLI::App& app, const std::string& names, std::size_t& into,
                  const std::string& words) {
  app.add_option_function<std::string>(
         names,
         [&into, names](const std::string& given) {
           std::size_t value = 0;
           const auto [end, error] =
               std::from_chars(given.data(), given.data() + given.size(), value);
           const bool sound = error == std::errc() && end == given.data() + given.size();
           if (!sound || value == 0 || value > 10'000)
             throw CLI::ValidationError(names, given + " is not a number from 1 to 10000");
           into = value;
         },
         words)
      ->type_name("N");
}

inline CLI::Option* positional(CLI::App& app, const std::string& name, std::string& into) {
  return app.add_option(name, into)->type_name("");
}

inline void required(CLI::App& app, const std::string& name, std::string& into) {
  positional(app, name, into)->required();
}

// "80", "79.5" or "80.00", in hundredths of a percent.
inline void percent(CLI::App& app, const std::string& names, std::optional<std::int64_t>& into,
                    const std::string& words) {
  app.add_option_function<std::string>(
         names,
         [&into, names](const std::string& given) {
           into = parse_percent(given);
           if (!into) throw CLI::ValidationError(names, given + " is no share from 0 to 100.00");
         },
         words)
      ->type_name("PERCENT");
}

}  // namespace stepback::cli
