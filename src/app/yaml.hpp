// SPDX-License-Identifier: Apache-2.0
#pragma once

// YAML in, as a value with the place of each part of it. Typed by the rules of the YAML 1.2 core
// schema, so that `no` and `on` are text; a number with a leading zero is text too, for it means
// one thing to some readers and another to others. Refused: anchors and aliases, tags, a key given
// twice, more than one document, what is not UTF-8. ${NAME} in a text is filled in from the
// variables it is handed, and the result is always text, whatever the variable holds. Called once,
// at start, by the configuration.

#include <map>
#include <string>
#include <string_view>

#include "app/findings.hpp"
#include "base/json.hpp"

namespace stepback {

// The process environment, or what a test says it is.
using Variables = std::map<std::string, std::string, std::less<>>;

struct YamlLimits {
  std::size_t bytes = 1024 * 1024;
  std::size_t depth = 32;
  std::size_t values = 10'000;
  std::size_t text = 2'048;  // the bytes of one text: patterns are matched against it later
};

// "/key", as one step of a path: "/" and "~" in it are written as in a JSON pointer.
std::string step_to(std::string_view key);

// Places and raw texts are found by path: "/environments/0/name".
struct YamlDocument {
  json::Value value;
  std::map<std::string, TextPlace, std::less<>> marks;  // of each value
  std::map<std::string, TextPlace, std::less<>> keys;   // of each key, by the path of its value
  std::map<std::string, std::string, std::less<>> raw;  // texts that variables were filled into

  TextPlace mark(std::string_view path) const;  // of the nearest part around it that has one
};

// What could be read; with findings it is not to be used for more than more findings.
YamlDocument parse_yaml(std::string_view text, const Variables& variables, Findings& findings,
                        YamlLimits limits = {});

}  // namespace stepback
