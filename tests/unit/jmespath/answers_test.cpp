// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "jmespath/jmespath.hpp"

namespace stepback::jmespath {
namespace {

constexpr std::string_view document = R"({
  "service": "shop",
  "environments": [
    {"name": "test", "version": "3333333", "bake": 0, "alarms": ["slow"], "live": true},
    {"name": "staging", "version": "2222222", "bake": 15, "alarms": [], "live": true},
    {"name": "production", "version": "2222222", "bake": 60, "alarms": ["errors", "slow"],
     "live": false, "owner": {"id": "rb-1", "by": "anna"}}
  ],
  "limits": {"budget": 900, "settle": 60.5, "none": null},
  "nested": [[1, 2], [3, [4, 5]], 6],
  "a-b": {"ü": 1},
  "words": ["bär", "apfel", "zebra"],
  "numbers": [3, 1.5, -2],
  "empty": {}, "nothing": [], "blank": ""
})";

struct Case {
  std::string_view expression;
  std::string_view expected;
};

std::string answer(std::string_view expression) {
  const auto parsed = Expression::parse(expression);
  if (!parsed)
    return fmt::format("{} at {}", name_of(parsed.error().fault), parsed.error().position);
  const auto found = parsed->search(*json::parse(document));
  if (!found) return fmt::format("{} at {}", name_of(found.error().fault), found.error().position);
  return json::write(*found);
}

void expect(std::initializer_list<Case> cases) {
  for (const auto& each : cases)
    EXPECT_EQ(answer(each.expression), each.expected) << each.expression;
}

TEST(Query, FollowsNamesAndFindsNullWhereThereIsNone) {
  expect({{"service", R"("shop")"},
          {"limits.budget", "900"},
          {"limits.none", "null"},
          {"limits.budget.more", "null"},
          {"absent.more", "null"},
          {R"("a-b"."ü")", "1"},
          {R"("a\u002db"."\u00fc")", "1"},
          {" limits . settle ", "60.5"},
          {"@.service", R"("shop")"}});
}

TEST(Query, CountsIndexesFromEitherEnd) {
  expect({{"environments[0].name", R"("test")"},
          {"environments[-1].name", R"("production")"},
          {"environments[3]", "null"},
          {"environments[-4]", "null"},
          {"service[0]", "null"},
          {"nested[1][1][0]", "4"}});
}

TEST(Query, SlicesAListForwardsAndBackwards) {
  expect({{"words[:2]", R"(["bär","apfel"])"},
          {"words[1:]", R"(["apfel","zebra"])"},
          {"words[-1:]", R"(["zebra"])"},
          {"words[::-1]", R"(["zebra","apfel","bär"])"},
          {"words[::2]", R"(["bär","zebra"])"},
          {"words[5:]", "[]"},
          {"words[-9:9]", R"(["bär","apfel","zebra"])"},
          {"words[2:0:-1]", R"(["zebra","apfel"])"},
          {"words[:-9223372036854775807:-9223372036854775807]", R"(["zebra"])"},
          {"service[0:1]", "null"},
          {"environments[:2].name", R"(["test","staging"])"}});
}

TEST(Query, AsksEachElementAndLeavesOutWhatFindsNothing) {
  expect({{"environments[*].name", R"(["test","staging","production"])"},
          {"environments[*].owner.id", R"(["rb-1"])"},
          {"environments[*].alarms[0]", R"(["slow","errors"])"},
          {"environments[].alarms[]", R"(["slow","errors","slow"])"},
          {"limits.*", "[900,60.5]"},
          {"*.budget", "[900]"},
          {"service[*]", "null"},
          {"words.*", "null"}});
}

TEST(Query, FlattensOneLevelOnly) {
  expect({{"nested[]", "[1,2,3,[4,5],6]"},
          {"nested[][]", "[1,2,3,4,5,6]"},
          {"nothing[]", "[]"},
          {"service[]", "null"}});
}

TEST(Query, EndsAProjectionAtAPipe) {
  expect({{"environments[*].name | [0]", R"("test")"},
          {"environments[*].alarms | [2][0]", R"("errors")"},
          {"(environments[*].name)[1]", R"("staging")"},
          {"environments[*].name[0]", "[]"}});
}

TEST(Query, KeepsWhatAConditionHoldsFor) {
  expect({{"environments[?bake > `0`].name", R"(["staging","production"])"},
          {"environments[?name == 'test'].version | [0]", R"("3333333")"},
          {"environments[?version == `\"2222222\"` && live].name", R"(["staging"])"},
          {"environments[?owner.by == 'anna' || bake < `1`].name", R"(["test","production"])"},
          {"environments[?!live].name", R"(["production"])"},
          {"environments[?!(live && bake >= `15`)].name", R"(["test","production"])"},
          {"environments[?alarms].name", R"(["test","production"])"},
          {"environments[?contains(alarms, 'slow')].name", R"(["test","production"])"},
          {"environments[?name < 'z']", "[]"},
          {"limits[?budget]", "null"}});
}

TEST(Query, TakesAnUnquotedWordInALiteralForText) {
  expect({{"environments[?name == `test`].bake | [0]", "0"}, {"`a b`", R"("a b")"}});
}

TEST(Query, ReadsLiteralsAsJsonAndRawTextAsItStands) {
  expect({{"`{\"a\": [1, true, null]}`.a", "[1,true,null]"},
          {"`  7  `", "7"},
          {"`\"tick \\` in\"`", R"("tick ` in")"},
          {"'it\\'s'", R"("it's")"},
          {R"('\u0041')", R"("\\u0041")"},
          {"''", R"("")"}});
}

TEST(Query, MakesListsAndObjectsInTheOrderAsked) {
  expect(
      {{"environments[0].[bake, name]", R"([0,"test"])"},
       {"environments[*].{n: name, b: bake} | [1]", R"({"n":"staging","b":15})"},
       {"{service: service, first: environments[0].name}", R"({"service":"shop","first":"test"})"},
       {"[service, absent]", R"(["shop",null])"},
       {"absent.[a, b]", "null"},
       {"absent.{a: a}", "null"},
       {R"({"with space": limits.budget})", R"({"with space":900})"}});
}

TEST(Query, HoldsNeitherEmptyNorFalseNorNullForTrue) {
  expect({{"empty || 'x'", R"("x")"},
          {"nothing || 'x'", R"("x")"},
          {"blank || 'x'", R"("x")"},
          {"limits.none || 'x'", R"("x")"},
          {"environments[2].live || 'x'", R"("x")"},
          {"environments[0].bake || 'x'", "0"},
          {"blank && 'x'", R"("")"},
          {"service && 'x'", R"("x")"},
          {"!empty", "true"},
          {"a || b && service", "null"}});
}

TEST(Query, ComparesNumbersByValueAndOrdersNothingElse) {
  expect({{"`1` == `1.0`", "true"},
          {"`1` == `true`", "false"},
          {"`[1, {\"a\": 2}]` == `[1.0, {\"a\": 2}]`", "true"},
          {"`{\"a\": 1, \"b\": 2}` == `{\"b\": 2, \"a\": 1}`", "true"},
          {"`{\"a\": 1}` != `{\"a\": null}`", "true"},
          {"`18446744073709551615` > `9223372036854775807`", "true"},
          {"'a' < 'b'", "null"},
          {"`null` < `1`", "null"},
          {"absent == limits.none", "true"}});
}

TEST(Query, CountsAndAddsUp) {
  expect({{"length(environments)", "3"},
          {"length(words[0])", "3"},
          {"length(limits)", "3"},
          {"sum(numbers)", "2.5"},
          {"sum(nothing)", "0"},
          {"avg(environments[*].bake)", "25"},
          {"avg(nothing)", "null"},
          {"abs(numbers[2])", "2"},
          {"ceil(limits.settle)", "61"},
          {"floor(`-1.5`)", "-2"},
          {"floor(`7`)", "7"},
          {"abs(`-9223372036854775808`) > `9e18`", "true"}});
}

TEST(Query, SortsByValueAndByAnExpression) {
  expect({{"sort(numbers)", "[-2,1.5,3]"},
          {"sort(words)", R"(["apfel","bär","zebra"])"},
          {"max(numbers)", "3"},
          {"min(words)", R"("apfel")"},
          {"max(nothing)", "null"},
          {"sort_by(environments, &name)[*].name", R"(["production","staging","test"])"},
          {"sort_by(environments, &version)[*].name", R"(["staging","production","test"])"},
          {"max_by(environments, &bake).name", R"("production")"},
          {"min_by(environments, &bake).name", R"("test")"},
          {"min_by(nothing, &a)", "null"},
          {"map(&owner.id, environments)", R"([null,null,"rb-1"])"},
          {"reverse(sort(numbers))", "[3,1.5,-2]"}});
}

TEST(Query, WorksOnTextsAndObjects) {
  expect({{"join(', ', words)", R"("bär, apfel, zebra")"},
          {"starts_with(service, 'sh')", "true"},
          {"ends_with(service, 'sh')", "false"},
          {"contains(service, 'ho')", "true"},
          {"contains(numbers, `1.5`)", "true"},
          {"contains(service, `1`)", "false"},
          {"reverse(words[0])", R"("räb")"},
          {"keys(limits)", R"(["budget","settle","none"])"},
          {"values(limits)", "[900,60.5,null]"},
          {"merge(limits, {settle: `1`})", R"({"budget":900,"settle":1,"none":null})"},
          {"not_null(absent, limits.none, service)", R"("shop")"},
          {"to_array(service)", R"(["shop"])"},
          {"to_array(numbers)", "[3,1.5,-2]"},
          {"to_string(numbers)", R"("[3,1.5,-2]")"},
          {"to_string(service)", R"("shop")"},
          {"to_number('1e2')", "100"},
          {"to_number('many')", "null"},
          {"to_number(words)", "null"},
          {"[type(service), type(numbers), type(limits), type(`1`), type(`true`), type(@.x)]",
           R"(["string","array","object","number","boolean","null"])"}});
}

}  // namespace
}  // namespace stepback::jmespath
