// SPDX-License-Identifier: Apache-2.0
#include "app/explanation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace stepback {
namespace {

using json::Array;
using json::Object;
using json::Value;

const Value* member(const Value& object, std::string_view key) {
  return object.is_object() ? object.get_object().if_contains(key) : nullptr;
}

std::string_view text_or(const Value* value, std::string_view fallback) {
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : fallback;
}

// One part of the schema after another, as far as they speak about one value.
using Parts = std::vector<const Value*>;

class Walk {
 public:
  explicit Walk(const Value& schema) : schema_(schema) {}

  // The part itself, what it refers to, and what its conditions lead to for this value.
  Parts spread(const Value& part, const Value& value) const {
    const Value* at = &part;
    if (const auto reference = text_or(member(part, "$ref"), ""); !reference.empty()) {
      const Value* definitions = member(schema_, "definitions");
      at = member(*definitions, reference.substr(reference.rfind('/') + 1));
    }
    Parts parts{at};
    if (const Value* all = member(*at, "allOf")) {
      for (const Value& branch : all->get_array()) {
        if (applies(branch, value)) parts.push_back(member(branch, "then"));
      }
    }
    return parts;
  }

  // What the parts say about one of the value's own.
  const Value* step(const Parts& parts, const std::string& token, bool in_list) const {
    const Value* loose = nullptr;
    for (const Value* part : parts) {
      if (in_list) {
        if (const Value* items = member(*part, "items")) return items;
        continue;
      }
      const Value* properties = member(*part, "properties");
      const Value* found = properties != nullptr ? member(*properties, token) : nullptr;
      if (found == nullptr) found = member(*part, "additionalProperties");
      if (found != nullptr && found->is_object()) loose = found;
    }
    return loose;
  }

 private:
  // Our conditions are all of one form: if the kind is this, then.
  bool applies(const Value& branch, const Value& value) const {
    const Value* properties = member(*member(branch, "if"), "properties");
    const Value* wanted = member(*member(*properties, "kind"), "const");
    const Value* kind = member(value, "kind");
    return kind != nullptr && *kind == *wanted;
  }

  const Value& schema_;
};

std::string_view type_of(const Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64: return "integer";
    case boost::json::kind::double_: return "number";
    case boost::json::kind::string: return "string";
    case boost::json::kind::array: return "array";
    case boost::json::kind::object: return "object";
  }
  return "null";
}

std::string_view in_words(std::string_view type) {
  if (type == "null") return "nothing";
  if (type == "boolean") return "true or false";
  if (type == "integer") return "a whole number";
  if (type == "number") return "a number";
  if (type == "string") return "a text";
  return type == "array" ? "a list" : "a map";
}

std::string shown(const Value& value) {
  if (value.is_string()) return in_quotes(std::string_view(value.get_string()));
  if (value.is_object() || value.is_array()) return std::string(in_words(type_of(value)));
  return value.is_null() ? "nothing" : json::write(value);
}

bool has_type(const Value& part, const Value& value) {
  const Value* type = member(part, "type");
  if (type == nullptr) return true;
  const auto is = [&](const Value& name) {
    const auto actual = type_of(value);
    const std::string_view wanted = name.get_string();
    return actual == wanted || (wanted == "number" && actual == "integer");
  };
  return type->is_array() ? std::ranges::any_of(type->get_array(), is) : is(*type);
}

// What may stand there, for people: the description says it better than the type.
std::string expected(const Parts& parts) {
  for (const Value* part : parts) {
    const auto described = text_or(member(*part, "description"), "");
    if (!described.empty()) return std::string(described);
  }
  for (const Value* part : parts) {
    const auto type = text_or(member(*part, "type"), "");
    if (!type.empty()) return std::string(in_words(type));
  }
  return "another value";
}

std::vector<std::string> names_in(const Value& list) {
  std::vector<std::string> names;
  for (const Value& name : list.get_array()) names.emplace_back(name.get_string());
  return names;
}

std::vector<std::string> keys_of(const Object& object) {
  std::vector<std::string> keys;
  for (const auto& entry : object) keys.emplace_back(entry.key());
  std::ranges::sort(keys);
  return keys;
}

class Explainer {
 public:
  Explainer(const YamlDocument& document, Findings& findings)
      : document_(document), findings_(findings) {}

  bool explain(const Parts& parts, const Value& value, const std::string& path) {
    const TextPlace at = document_.mark(path);
    for (const Value* part : parts) {
      if (!has_type(*part, value)) return wrong(at, parts, value);
    }
    bool found = false;
    for (const Value* part : parts) {
      if (value.is_object()) found = in_object(*part, value.get_object(), path) || found;
      if (value.is_array()) found = in_list(*part, value.get_array(), at) || found;
      if (!value.is_object() && !value.is_array()) found = choice(*part, value, at) || found;
    }
    if (found || value.is_object() || value.is_array()) return found;
    return wrong(at, parts, value);  // a pattern, a limit, a constant
  }

 private:
  bool wrong(TextPlace at, const Parts& parts, const Value& value) {
    // What stands where a secret was to be named may be the secret.
    const bool secret = std::ranges::any_of(
        parts, [](const Value* part) { return member(*part, "writeOnly") != nullptr; });
    findings_.add(
        at, fmt::format("expected {}{}", expected(parts), secret ? "" : ", not " + shown(value)));
    return true;
  }

  bool in_object(const Value& part, const Object& object, const std::string& path) {
    bool found = false;
    if (const Value* required = member(part, "required")) {
      for (const auto& key : names_in(*required)) {
        if (object.contains(key)) continue;
        findings_.add(document_.mark(path), fmt::format("\"{}\" is missing", key));
        found = true;
      }
    }
    const Value* additional = member(part, "additionalProperties");
    if (additional == nullptr || !additional->is_bool()) return found;
    const Object& known = member(part, "properties")->get_object();
    for (const auto& entry : object) {
      const std::string key(entry.key());
      if (known.contains(key)) continue;
      const auto mark = document_.keys.find(path + step_to(key));
      findings_.add(
          mark == document_.keys.end() ? document_.mark(path) : mark->second,
          fmt::format("unknown key {}{}", in_quotes(key), allowed_instead(key, keys_of(known))));
      found = true;
    }
    return found;
  }

  bool in_list(const Value& part, const Array& list, TextPlace at) {
    const auto limit = [&](std::string_view key, std::size_t fallback) {
      const Value* value = member(part, key);
      return value == nullptr ? fallback : static_cast<std::size_t>(value->get_int64());
    };
    const auto least = limit("minItems", 0);
    const auto most = limit("maxItems", list.size());
    if (list.size() >= least && list.size() <= most) return false;
    findings_.add(at, fmt::format("a list of {}; allowed: {} to {}", list.size(), least, most));
    return true;
  }

  bool choice(const Value& part, const Value& value, TextPlace at) {
    const Value* choices = member(part, "enum");
    if (choices == nullptr) return false;
    const auto names = names_in(*choices);
    const auto text = text_or(&value, "");
    if (std::ranges::find(names, text) != names.end()) return false;
    findings_.add(
        at, fmt::format("{} is not known here{}", shown(value), allowed_instead(text, names)));
    return true;
  }

  const YamlDocument& document_;
  Findings& findings_;
};

std::optional<std::size_t> index_of(const std::string& token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

}  // namespace

std::string path_of(const std::vector<std::string>& tokens) {
  std::string path;
  for (const auto& token : tokens) path += step_to(token);
  return path;
}

bool explain(const json::Value& schema, const YamlDocument& document,
             const std::vector<std::string>& tokens, Findings& findings) {
  const Walk walk(schema);
  const Value* value = &document.value;
  Parts parts = walk.spread(schema, *value);
  for (const auto& token : tokens) {
    const bool in_list = value->is_array();
    const Value* part = walk.step(parts, token, in_list);
    const auto index = in_list ? index_of(token) : std::nullopt;
    const Value* next = nullptr;
    if (index && *index < value->get_array().size()) next = &value->get_array()[*index];
    if (value->is_object()) next = member(*value, token);
    if (part == nullptr || next == nullptr) return false;
    value = next;
    parts = walk.spread(*part, *value);
  }
  return Explainer(document, findings).explain(parts, *value, path_of(tokens));
}

}  // namespace stepback
