// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace stepback::json {
namespace {

std::string refusal(std::string_view text, Limits limits = {}) {
  const auto value = parse(text, limits);
  return value ? "accepted" : value.error().message;
}

TEST(JsonParse, ReadsEveryKindOfValue) {
  const auto value = parse(R"( {"a":[1,-2,2.5,true,null,"x\n\u00e9\ud83d\ude00"],"b":{}} )");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(write(*value),
            "{\"a\":[1,-2,2.5,true,null,\"x\\n\xC3\xA9\xF0\x9F\x98\x80\"],\"b\":{}}");
}

TEST(JsonParse, ReadsAValueThatIsNoObject) {
  EXPECT_EQ(write(parse("7").value()), "7");
  EXPECT_EQ(write(parse(" \"x\" ").value()), "\"x\"");
}

TEST(JsonParse, RefusesAKeyGivenTwice) {
  EXPECT_EQ(refusal(R"({"a":1,"a":2})"), "JSON, byte 9: the key \"a\" is there twice");
  EXPECT_EQ(refusal(R"({"x":{"b":1,"\u0062":2}})").substr(10), " 19: the key \"b\" is there twice");
  EXPECT_EQ(refusal(R"([{"a":1},{"a":1}])"), "accepted");
}

TEST(JsonParse, RefusesWhatFollowsTheValue) {
  EXPECT_EQ(refusal("{} x"), "JSON, byte 3: something follows the value");
  EXPECT_EQ(refusal("1 2"), "JSON, byte 2: something follows the value");
  EXPECT_EQ(refusal("{}{}"), "JSON, byte 2: something follows the value");
}

TEST(JsonParse, RefusesInvalidUtf8AndSaysWhere) {
  EXPECT_EQ(refusal("{\"a\":\"b\xFF\"}"), "JSON, byte 7: it is not valid UTF-8");
  EXPECT_EQ(refusal("\"\xC0\xAF\""), "JSON, byte 1: it is not valid UTF-8");
  EXPECT_EQ(refusal("\"\xED\xA0\x80\""), "JSON, byte 1: it is not valid UTF-8");
  EXPECT_NE(refusal("\"\\ud83d\""), "accepted");
}

TEST(JsonParse, RefusesNestingBeyondTheLimit) {
  const std::string deep = std::string(32, '[') + std::string(32, ']');
  EXPECT_EQ(refusal(deep), "accepted");
  EXPECT_EQ(refusal("[" + deep + "]"), "JSON, byte 32: it is nested too deeply");
  EXPECT_EQ(refusal(std::string(200'000, '[')), "JSON, byte 32: it is nested too deeply");
}

TEST(JsonParse, RefusesMoreBytesThanTheLimit) {
  EXPECT_EQ(refusal("[1,2,3]", {.bytes = 6}), "JSON of 7 bytes: at most 6 are read");
}

TEST(JsonParse, RefusesWhatIsNoJson) {
  for (const auto* text : {"", " ", "{", "{'a':1}", "{\"a\":1,}", "[1,]", "NaN", "01", "+1", "tru",
                           "\"a", "\"\t\"", "// x\n1", "1e999", "\"\\x\"", "{\"a\" 1}"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
  EXPECT_EQ(refusal("{\"a\":tru}"), "JSON, byte 5: it is not valid JSON");
  EXPECT_EQ(refusal("{\"a\":"), "JSON, byte 5: it ends too early");
}

TEST(JsonParse, AcceptsOnlyWhatItCanWriteAndReadAgain) {
  Random random(1);
  const std::string text = R"({"a":[1,-2.5e3,true,null,"x\n\u00e9"],"b":{"c":"d"},"e":0.1})";
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = text;
    for (std::uint64_t n = random.below(3); n > 0; --n) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    }
    const auto value = parse(damaged);
    if (!value) continue;
    ++accepted;
    ASSERT_EQ(write(parse(write(*value)).value()), write(*value)) << damaged;
  }
  EXPECT_GT(accepted, 5'000);
}

TEST(JsonWrite, KeepsTheOrderOfKeysAndIndentsByTwo) {
  const Value value = parse(R"({"z":1,"a":[true,{}],"m":{"k":[]}})").value();
  EXPECT_EQ(write(value), R"({"z":1,"a":[true,{}],"m":{"k":[]}})");
  EXPECT_EQ(
      write_pretty(value),
      "{\n  \"z\": 1,\n  \"a\": [\n    true,\n    {}\n  ],\n  \"m\": {\n    \"k\": []\n  }\n}");
}

TEST(JsonWrite, EscapesControlCharactersAndReplacesWhatIsNotUtf8) {
  EXPECT_EQ(write(Value("a\x1b[0m\x7f\"\\\r\n\t")), "\"a\\u001b[0m\\u007f\\\"\\\\\\r\\n\\t\"");
  EXPECT_EQ(write(Value("\xFFx\xE2\x82")), "\"\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWrite, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(write(Value(0.25)), "0.25");
  EXPECT_EQ(write(Value(std::int64_t{-9007199254740993})), "-9007199254740993");
  EXPECT_EQ(write(Value(std::numeric_limits<double>::infinity())), "null");
}

class ReaderTest : public testing::Test {
 protected:
  const Value value_ = parse(R"({"detail":{"state":{"value":5,"at":"2026-01-27T10:18:04Z"},
    "name":"a","on":true,"share":1,"gone":null,"list":[{"n":1},{"n":"x"}],"tags":["a","b"]}})")
                           .value();
  const Reader detail_ = Reader(value_).object("detail").value();
};

template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

TEST_F(ReaderTest, NamesThePathOfTheWrongField) {
  const Reader state = detail_.object("state").value();
  EXPECT_EQ(message_of(state.text("value")), "detail.state.value: expected text");
  EXPECT_EQ(message_of(detail_.integer("name")), "detail.name: expected a whole number");
  EXPECT_EQ(message_of(detail_.boolean("name")), "detail.name: expected true or false");
  EXPECT_EQ(message_of(detail_.array("name")), "detail.name: expected a list");
  EXPECT_EQ(message_of(detail_.object("name")), "detail.name: expected an object");
  EXPECT_EQ(message_of(detail_.text("other")), "detail.other: is missing");
  EXPECT_EQ(message_of(detail_.text("gone")), "detail.gone: is missing");
  EXPECT_EQ(message_of(detail_.instant("name")),
            "detail.name: not a time like 2026-01-27T10:18:04Z");
  const auto list = detail_.array("list").value();
  EXPECT_EQ(message_of(list[1].integer("n")), "detail.list[1].n: expected a whole number");
  EXPECT_EQ(message_of(Reader(Value(1)).text("a")), "the document: expected an object");
}

TEST_F(ReaderTest, ReadsFieldsOfTheRightKind) {
  EXPECT_EQ(detail_.text("name").value(), "a");
  EXPECT_TRUE(detail_.boolean("on").value());
  EXPECT_EQ(detail_.number("share").value(), 1.0);
  EXPECT_EQ(detail_.object("state").value().integer("value").value(), 5);
  EXPECT_EQ(detail_.object("state").value().instant("at").value().ms, 1769509084000);
  EXPECT_EQ(detail_.texts("tags").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(detail_.members().value().front().first, "state");
}

TEST_F(ReaderTest, TakesNullForAbsentWhereAFieldIsOptional) {
  EXPECT_FALSE(detail_.has("gone"));
  EXPECT_EQ(detail_.optional_text("gone").value(), std::nullopt);
  EXPECT_EQ(detail_.optional_text("name").value(), "a");
  EXPECT_EQ(detail_.text_or("other", "z").value(), "z");
  EXPECT_EQ(detail_.integer_or("share", 3).value(), 1);
  EXPECT_FALSE(detail_.optional_object("other").value().has_value());
  EXPECT_TRUE(detail_.optional_array("other").value().empty());
}

TEST_F(ReaderTest, RefusesAnOptionalFieldOfTheWrongKind) {
  EXPECT_EQ(message_of(detail_.optional_integer("name")), "detail.name: expected a whole number");
  EXPECT_EQ(message_of(detail_.text_or("share", "z")), "detail.share: expected text");
}

TEST_F(ReaderTest, RefusesAMisspeltKeyWhereOnlySomeAreKnown) {
  EXPECT_EQ(message_of(Reader(value_).only({"detial"})), "detail: is not known here");
  EXPECT_TRUE(Reader(value_).only({"other", "detail"}));
}

}  // namespace
}  // namespace stepback::json
