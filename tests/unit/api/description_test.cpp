// SPDX-License-Identifier: Apache-2.0
// The API's description against what describes itself: the records' own fields.
#include "entry/api/description.hpp"

#include <gtest/gtest.h>

#include "support/schema_check.hpp"
#include "wire/record_schemas.hpp"

namespace stepback {
namespace {

json::Value description() {
  auto parsed = json::parse(api_description(), {.bytes = std::size_t{1024} * 1024});
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *std::move(parsed);
}

void collect(const json::Value& value, std::vector<std::string>& references) {
  if (const auto* list = value.if_array()) {
    for (const auto& each : *list) collect(each, references);
  }
  if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      if (key == "$ref") references.emplace_back(member.as_string());
      collect(member, references);
    }
  }
}

TEST(Description, SaysOfEachRecordWhatItsOwnFieldsSay) {
  const auto whole = description();
  const auto& schemas = whole.at_pointer("/components/schemas").as_object();
  for (const auto& [name, schema] : record_schemas("#/components/schemas/")) {
    ASSERT_TRUE(schemas.contains(name)) << name << " is missing: " << json::write(schema);
    EXPECT_EQ(json::write(schemas.at(name)), json::write(schema)) << name;
  }
}

TEST(Description, RefersOnlyToWhatIsThere) {
  const auto whole = description();
  std::vector<std::string> references;
  collect(whole, references);
  EXPECT_FALSE(references.empty());
  for (const auto& reference : references) {
    ASSERT_TRUE(reference.starts_with("#/")) << reference;
    boost::system::error_code missing;
    EXPECT_NE(whole.find_pointer(reference.substr(1), missing), nullptr) << reference;
  }
}

TEST(Description, OffersACommandWithEveryProblem) {
  const auto whole = description();
  EXPECT_TRUE(
      whole.at_pointer("/components/schemas/Problem/properties").as_object().contains("try"));
}

TEST(SchemaCheck, NamesWhatIsMissingOfAnotherKindOrNotDescribed) {
  const auto document = json::parse(
      R"({"s":{"type":"object","properties":{"n":{"type":"integer"},"w":{"enum":["a","b"]},)"
      R"("l":{"type":"array","items":{"$ref":"#/s"}}},"required":["n"]}})");
  SchemaCheck check(*document);
  const auto wrong = [&](std::string_view text) {
    const auto value = json::parse(text);
    const auto complaints = check.complaints(*value, "/s");
    return complaints.empty() ? std::string() : complaints.front();
  };
  EXPECT_EQ(wrong(R"({"n":1,"w":"a","l":[{"n":2}]})"), "");
  EXPECT_EQ(wrong(R"({"w":"a"})"), "it: has no n");
  EXPECT_EQ(wrong(R"({"n":"1"})"), "n: not of type integer");
  EXPECT_EQ(wrong(R"({"n":1,"w":"c"})"), "w: not one of those named");
  EXPECT_EQ(wrong(R"({"n":1,"x":0})"), "x: is not described");
  EXPECT_EQ(wrong(R"({"n":1,"l":[{"n":null}]})"), "l[0].n: not of type integer");
  EXPECT_EQ(wrong("[]"), "it: not of type object");
}

}  // namespace
}  // namespace stepback
