// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/document_schemas.hpp"

#include <algorithm>
#include <set>

namespace stepback {

std::string_view command_documents();  // documents.schema.json beside this

namespace cli {
namespace {

using json::Object;
using json::Value;

constexpr std::string_view known_as = "stepback/v1/";
constexpr std::string_view place = "#/components/schemas/";
constexpr json::Limits limits{.bytes = 4 * 1024 * 1024, .depth = 64};

Result<Object> shapes_in(std::string_view text) {
  const auto document = TRY(json::parse(text, limits));
  const auto components = TRY(json::Reader(document).object("components"));
  return TRY(components.object("schemas")).value().get_object();
}

// "status" of a shape whose `schema` is always "stepback/v1/status"; empty if it is no document.
std::string name_of_document(const Value& shape) {
  boost::json::error_code error;
  const auto* constant = shape.find_pointer("/properties/schema/const", error);
  if (constant == nullptr || !constant->is_string()) return {};
  const std::string_view text = constant->get_string();
  return text.starts_with(known_as) ? std::string(text.substr(known_as.size())) : "";
}

// The same with references to what stands beside it, whose names are gathered.
Value standing_alone(const Value& value, std::set<std::string>& needed) {
  if (value.is_array()) {
    json::Array all;
    for (const auto& each : value.get_array()) all.push_back(standing_alone(each, needed));
    return Value(std::move(all));
  }
  if (!value.is_object()) return value;
  Object made;
  for (const auto& member : value.get_object()) {
    const bool reference = member.key() == "$ref" && member.value().is_string();
    if (!reference) {
      made[member.key()] = standing_alone(member.value(), needed);
      continue;
    }
    const std::string target(member.value().get_string());
    const auto name = target.substr(std::min(place.size(), target.size()));
    needed.insert(name);
    made["$ref"] = "#/$defs/" + name;
  }
  return Value(std::move(made));
}

}  // namespace

Result<DocumentSchemas> DocumentSchemas::read(std::string_view api) {
  auto shapes = TRY(shapes_in(api));
  const auto own = TRY(shapes_in(command_documents()));
  for (const auto& member : own) shapes[member.key()] = member.value();
  return DocumentSchemas(std::move(shapes));
}

std::vector<std::string> DocumentSchemas::names() const {
  std::vector<std::string> names;
  for (const auto& member : shapes_) {
    auto name = name_of_document(member.value());
    if (!name.empty()) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::optional<Value> DocumentSchemas::find(std::string_view name) const {
  const auto shape = std::ranges::find_if(
      shapes_, [&](const auto& member) { return name_of_document(member.value()) == name; });
  if (shape == shapes_.end()) return std::nullopt;
  std::set<std::string> needed;
  auto body = standing_alone(shape->value(), needed);
  Object beside;
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& each : std::set(needed)) {
      const auto* found = shapes_.if_contains(each);
      if (found == nullptr || beside.contains(each)) continue;
      beside[each] = standing_alone(*found, needed);
      grown = true;
    }
  }
  Object made;
  made["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  made["title"] = std::string(known_as) + std::string(name);
  for (const auto& member : body.get_object()) made[member.key()] = member.value();
  if (!beside.empty()) made["$defs"] = std::move(beside);
  return Value(std::move(made));
}

}  // namespace cli
}  // namespace stepback
