// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/settings.hpp"

#include <algorithm>
#include <set>

#include "base/json.hpp"

namespace stepback::cli {
namespace {

using json::Object;
using json::Value;

constexpr int deepest = 12;

std::string text_of(const Value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::write(value);
}

std::string joined(const json::Array& values) {
  std::string out;
  for (const auto& each : values) out += (out.empty() ? "" : ", ") + text_of(each);
  return out;
}

class Walk {
 public:
  explicit Walk(const Object& schema) : schema_(schema) {}

  void into(const Value& value, const std::string& path, int depth) {
    if (!value.is_object() || depth > deepest) return;
    const Object& shape = resolved(value.get_object());
    if (!path.empty() && seen_.insert(path).second)
      found_.push_back({path, takes(shape), meaning(shape, value.get_object())});
    if (const auto* properties = shape.if_contains("properties")) {
      for (const auto& member : properties->as_object())
        into(member.value(),
             path.empty() ? std::string(member.key()) : path + "." + std::string(member.key()),
             depth + 1);
    }
    if (const auto* items = shape.if_contains("items")) into(*items, path + "[]", depth + 1);
    if (const auto* others = shape.if_contains("additionalProperties");
        others != nullptr && others->is_object())
      into(*others, path + ".NAME", depth + 1);
    for (const auto* choice : {"oneOf", "anyOf", "allOf"}) {
      const auto* forms = shape.if_contains(choice);
      if (forms == nullptr) continue;
      for (const auto& form : forms->as_array()) below(form, path, depth + 1);
    }
  }
  std::vector<SettingKey> take() { return std::move(found_); }

 private:
  // One of several forms of the same thing: only what is below it is new.
  void below(const Value& form, const std::string& path, int depth) {
    seen_.insert(path);
    into(form, path, depth);
  }

  const Object& resolved(const Object& shape) const {
    const auto* reference = shape.if_contains("$ref");
    if (reference == nullptr) return shape;
    const std::string name(reference->as_string());
    constexpr std::string_view place = "#/definitions/";
    return schema_.at("definitions").as_object().at(name.substr(place.size())).as_object();
  }

  static std::string meaning(const Object& shape, const Object& referring) {
    for (const auto* each : {&referring, &shape}) {
      if (const auto* text = each->if_contains("description")) return text_of(*text);
    }
    return {};
  }

  static std::string takes(const Object& shape) {
    if (const auto* only = shape.if_contains("const")) return text_of(*only);
    if (const auto* words = shape.if_contains("enum")) return "one of " + joined(words->as_array());
    const auto* type = shape.if_contains("type");
    if (type == nullptr) return "";
    const auto name = type->is_array() ? joined(type->as_array()) : text_of(*type);
    if (name == "string") return "text";
    if (name == "array") return "a list";
    if (name == "object") return "keys";
    if (name == "boolean") return "true or false";
    return name == "integer" ? "a whole number" : name == "number" ? "a number" : name;
  }

  const Object& schema_;
  std::set<std::string> seen_;
  std::vector<SettingKey> found_;
};

}  // namespace

std::vector<SettingKey> settings_in(std::string_view schema) {
  const auto value = json::parse(schema, {.bytes = 1024 * 1024, .depth = 64});
  if (!value || !value->is_object()) return {};
  Walk walk(value->get_object());
  walk.into(*value, "", 0);
  return walk.take();
}

}  // namespace stepback::cli
