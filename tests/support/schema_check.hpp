// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a JSON value is what a schema says, for descriptions of ours: the part of JSON Schema
// 2020-12 that they use. A keyword that is not known here is a complaint, and so is a field that
// the schema of an object doesn't name: what we send must be described, all of it.

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace stepback {

class SchemaCheck {
 public:
  // `document` is the whole description, in which "#/..." is looked up.
  explicit SchemaCheck(const json::Value& document) : document_(document) {}

  // What is wrong, a line each: "items[0].state: not one of those named".
  std::vector<std::string> complaints(const json::Value& value, std::string_view pointer) {
    complaints_.clear();
    check(value, at(pointer), "");
    return complaints_;
  }

 private:
  const json::Object& at(std::string_view pointer) const {
    return document_.at_pointer(pointer).as_object();
  }

  void say(const std::string& path, const std::string& what) {
    complaints_.push_back((path.empty() ? "it" : path) + ": " + what);
  }

  static bool is_of(const json::Value& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    return false;
  }

  void check(const json::Value& value, const json::Object& schema, const std::string& path) {
    for (const auto& [key, wanted] : schema) {
      if (key == "description" || key == "minimum" || key == "maximum") continue;
      if (key == "required" || key == "additionalProperties") continue;  // with the properties
      if (key == "$ref") {
        check(value, at(std::string_view(wanted.as_string()).substr(1)), path);
      } else if (key == "type") {
        const std::string type(wanted.as_string());
        if (!is_of(value, type)) return say(path, "not of type " + type);
      } else if (key == "const") {
        if (value != wanted) say(path, "not " + json::write(wanted));
      } else if (key == "enum") {
        const auto& names = wanted.as_array();
        if (std::ranges::find(names, value) == names.end()) say(path, "not one of those named");
      } else if (key == "properties") {
        check_fields(value, schema, path);
      } else if (key == "items") {
        for (std::size_t i = 0; i < value.as_array().size(); ++i)
          check(value.as_array()[i], wanted.as_object(), path + "[" + std::to_string(i) + "]");
      } else if (key == "oneOf") {
        check_choice(value, wanted.as_array(), path);
      } else {
        say(path, "the schema says " + std::string(key) + ", which is not known here");
      }
    }
    if (!schema.contains("properties") && schema.contains("additionalProperties"))
      check_fields(value, schema, path);
  }

  void check_fields(const json::Value& value, const json::Object& schema, const std::string& path) {
    static const json::Object none;
    const auto* described = schema.if_contains("properties");
    const auto& properties = described == nullptr ? none : described->as_object();
    const auto* others = schema.if_contains("additionalProperties");
    for (const auto& [key, field] : value.as_object()) {
      const auto below = (path.empty() ? "" : path + ".") + std::string(key);
      if (const auto* known = properties.if_contains(key)) {
        check(field, known->as_object(), below);
      } else if (others != nullptr) {
        check(field, others->as_object(), below);
      } else {
        say(below, "is not described");
      }
    }
    const auto* required = schema.if_contains("required");
    if (required == nullptr) return;
    for (const auto& name : required->as_array()) {
      if (!value.as_object().contains(name.as_string()))
        say(path, "has no " + std::string(name.as_string()));
    }
  }

  void check_choice(const json::Value& value, const json::Array& choices, const std::string& path) {
    const auto before = complaints_;
    int fitting = 0;
    for (const auto& choice : choices) {
      complaints_.clear();
      check(value, choice.as_object(), path);
      fitting += complaints_.empty() ? 1 : 0;
    }
    complaints_ = before;
    if (fitting != 1) say(path, "fits " + std::to_string(fitting) + " of the choices");
  }

  const json::Value& document_;
  std::vector<std::string> complaints_;
};

}  // namespace stepback
