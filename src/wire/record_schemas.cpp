// SPDX-License-Identifier: Apache-2.0
#include "wire/record_schemas.hpp"

#include <algorithm>
#include <string>

#include "wire/codec.hpp"
#include "wire/shapes.hpp"

namespace stepback {
namespace {

template <class T>
inline constexpr std::string_view name_of_type = "";
#define STEPBACK_NAMED(T) \
  template <>             \
  inline constexpr std::string_view name_of_type<T> = #T
STEPBACK_NAMED(GateRecord);
STEPBACK_NAMED(Release);
STEPBACK_NAMED(AlarmBaseline);
STEPBACK_NAMED(Amendment);
STEPBACK_NAMED(Deployment);
STEPBACK_NAMED(RunStage);
STEPBACK_NAMED(Approval);
STEPBACK_NAMED(Run);
STEPBACK_NAMED(Hold);
STEPBACK_NAMED(Waiting);
STEPBACK_NAMED(ToldAlert);
STEPBACK_NAMED(Brake);
STEPBACK_NAMED(AskedRollback);
STEPBACK_NAMED(Head);
STEPBACK_NAMED(Candidate);
STEPBACK_NAMED(Refusal);
STEPBACK_NAMED(Step);
STEPBACK_NAMED(Effect);
STEPBACK_NAMED(Check);
STEPBACK_NAMED(Validation);
STEPBACK_NAMED(Lane);
STEPBACK_NAMED(Lease);
STEPBACK_NAMED(Wish);
STEPBACK_NAMED(Policy);
STEPBACK_NAMED(Rollback);
STEPBACK_NAMED(Signal);
STEPBACK_NAMED(TriggerRecord);
STEPBACK_NAMED(Notice);
STEPBACK_NAMED(JournalEntry);
#undef STEPBACK_NAMED
// "Override" is the document of that name.
template <>
inline constexpr std::string_view name_of_type<Override> = "OverrideInForce";

// Shown a record's fields, it notes what each may be. Where the writer leaves a field out when it
// says nothing, nobody may count on it.
class FieldSchemas {
 public:
  FieldSchemas(json::Object& all, std::string_view prefix) : all_(all), prefix_(prefix) {}

  template <class T>
  void required(std::string_view name, const T&) {
    properties_[name] = schema_of_field<T>();
    required_.push_back(json::Value(name));
  }

  template <class T>
  void operator()(std::string_view name, const T&) {
    properties_[name] = schema_of_field<T>();
    if constexpr (!may_be_absent<T>) required_.push_back(json::Value(name));
  }

  template <Choosable E>
  void or_else(std::string_view name, const std::optional<E>& value, std::string_view none) {
    required(name, value);
    properties_[name].as_object()["enum"].as_array().emplace_back(none);
  }

  void epoch(std::string_view name, const Instant&) { required(name, std::int64_t{}); }

  template <class T>
  static void add(json::Object& all, std::string_view prefix) {
    static_assert(!name_of_type<T>.empty(), "name it above");
    if (all.contains(name_of_type<T>)) return;
    all[name_of_type<T>] = nullptr;  // its place, before its parts'
    FieldSchemas fields(all, prefix);
    if constexpr (Record<T>) fields.properties_["schema"] = {{"const", schema_of<T>}};
    const T record{};
    describe(fields, record);
    all[name_of_type<T>] = json::Object{{"type", "object"},
                                        {"properties", std::move(fields.properties_)},
                                        {"required", std::move(fields.required_)}};
  }

 private:
  template <class T>
  static constexpr bool may_be_absent =
      is_optional<T> || Token<T> || OneOf<T, std::string, Instant>;

  template <class T>
  json::Object schema_of_field() {
    if constexpr (is_optional<T>) {
      return schema_of_field<typename T::value_type>();
    } else if constexpr (std::same_as<T, bool>) {
      return {{"type", "boolean"}};
    } else if constexpr (std::integral<T> || std::same_as<T, Duration>) {
      return {{"type", "integer"}};
    } else if constexpr (std::same_as<T, Instant>) {
      return reference("Time");
    } else if constexpr (std::same_as<T, std::string> || Token<T>) {
      return {{"type", "string"}};
    } else if constexpr (Choosable<T>) {
      json::Array names;
      for (const auto name : names_of<T>) names.emplace_back(name);
      return {{"type", "string"}, {"enum", std::move(names)}};
    } else if constexpr (std::same_as<T, Facts>) {
      return reference("Facts");
    } else if constexpr (is_list<T>) {
      return {{"type", "array"}, {"items", schema_of_field<typename T::value_type>()}};
    } else {
      add<T>(all_, prefix_);
      return reference(name_of_type<T>);
    }
  }

  json::Object reference(std::string_view name) const {
    return {{"$ref", std::string(prefix_) + std::string(name)}};
  }

  json::Object& all_;
  std::string_view prefix_;
  json::Object properties_;
  json::Array required_;
};

json::Object time_schema() {
  return {{"type", "string"},
          {"description", "RFC 3339, in UTC with milliseconds; or the word never"}};
}

// As a list of pairs where a name is there twice, which an object cannot have.
json::Object facts_schema() {
  const json::Object text{{"type", "string"}};
  const json::Object pair{{"type", "array"}, {"items", text}};
  return {{"oneOf", json::Array{json::Object{{"type", "object"}, {"additionalProperties", text}},
                                json::Object{{"type", "array"}, {"items", pair}}}}};
}

}  // namespace

json::Object record_schemas(std::string_view prefix) {
  json::Object all{{"Time", time_schema()}, {"Facts", facts_schema()}};
  FieldSchemas::add<Deployment>(all, prefix);
  FieldSchemas::add<Head>(all, prefix);
  FieldSchemas::add<Rollback>(all, prefix);
  FieldSchemas::add<TriggerRecord>(all, prefix);
  FieldSchemas::add<Notice>(all, prefix);
  FieldSchemas::add<JournalEntry>(all, prefix);
  return all;
}

}  // namespace stepback
