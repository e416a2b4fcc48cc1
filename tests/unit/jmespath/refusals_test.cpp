// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "jmespath/jmespath.hpp"

namespace stepback::jmespath {
namespace {

Problem refusal(const std::string& expression, const json::Value& document = nullptr) {
  const auto parsed = Expression::parse(expression);
  if (!parsed) return parsed.error();
  const auto found = parsed->search(document);
  return found ? Problem{.what = "it was answered"} : found.error();
}

struct Refused {
  std::string_view expression;
  Fault fault;
  std::size_t position;
};

TEST(QueryRefusal, NamesThePlaceOfBadSyntax) {
  for (const auto& [expression, fault, position] :
       std::initializer_list<Refused>{{"", Fault::syntax, 0},
                                      {"a.", Fault::syntax, 2},
                                      {"a..b", Fault::syntax, 2},
                                      {"a b", Fault::syntax, 2},
                                      {"a[", Fault::syntax, 2},
                                      {"a[b]", Fault::syntax, 2},
                                      {"a[ ]", Fault::syntax, 3},
                                      {"a[0, 1]", Fault::syntax, 3},
                                      {"a[1:2:3:4]", Fault::syntax, 7},
                                      {"a[*]b", Fault::syntax, 4},
                                      {"a[?b", Fault::syntax, 4},
                                      {"a = b", Fault::syntax, 2},
                                      {"{a}", Fault::syntax, 2},
                                      {"{}", Fault::syntax, 1},
                                      {"f(a", Fault::syntax, 3},
                                      {"length(a b)", Fault::syntax, 9},
                                      {"(a", Fault::syntax, 2},
                                      {"&a", Fault::syntax, 0},
                                      {"a.'b'", Fault::syntax, 2},
                                      {"1", Fault::syntax, 0},
                                      {"a[99999999999999999999]", Fault::syntax, 2},
                                      {"-", Fault::syntax, 0},
                                      {"'open", Fault::syntax, 0},
                                      {"a == 'open\\", Fault::syntax, 5},
                                      {"\"a\\x\"", Fault::syntax, 0},
                                      {"``", Fault::syntax, 0},
                                      {"\"length\"(a)", Fault::syntax, 8},
                                      {"a # b", Fault::syntax, 2},
                                      {"a[1:2:0]", Fault::invalid_value, 1},
                                      {"size(a)", Fault::unknown_function, 0},
                                      {"a | length()", Fault::invalid_arity, 4},
                                      {"abs(a, b)", Fault::invalid_arity, 0},
                                      {"not_null()", Fault::invalid_arity, 0}}) {
    const auto problem = refusal(std::string(expression));
    EXPECT_EQ(problem.fault, fault) << expression << ": " << problem.what;
    EXPECT_EQ(problem.position, position) << expression << ": " << problem.what;
    EXPECT_FALSE(problem.what.empty());
  }
}

TEST(QueryRefusal, HintsAtWhatWasMeant) {
  EXPECT_EQ(refusal("a = b").hint, "equal is ==");
  EXPECT_EQ(refusal("a[?b == 1]").hint, "numbers to compare with go in `backticks`");
  EXPECT_EQ(refusal("a[b == c]").hint, "a condition begins with [?");
  EXPECT_TRUE(refusal("size(a)").hint.starts_with("functions are abs, avg"));
}

TEST(QueryRefusal, NamesTheTypeThatAFunctionCannotTake) {
  const auto document =
      *json::parse(R"({"a": "text", "b": [1, "x"], "c": [{"d": 1}, {"d": null}]})");
  for (const auto* expression : {"abs(a)",         "keys(b)",          "sum(b)",
                                 "sort(b)",        "join(',', b)",     "length(`1`)",
                                 "max(b)",         "contains(`1`, a)", "starts_with(a, `1`)",
                                 "sort_by(c, &d)", "sort_by(c, d)",    "max_by(a, &d)",
                                 "map(a, b)",      "merge(a)",         "length(&a)",
                                 "reverse(`1`)",   "ceil(a)",          "avg(b)",
                                 "values(a)",      "sort_by(c, &@)"}) {
    const auto problem = refusal(expression, document);
    EXPECT_EQ(problem.fault, Fault::invalid_type) << expression << ": " << problem.what;
  }
  EXPECT_EQ(refusal("a | abs(@)", document).what, "abs() needs a number, and got string");
  EXPECT_EQ(refusal("a | abs(@)", document).position, 4U);
}

TEST(QueryRefusal, EndsWhatIsNestedTooDeeplyOrTooLong) {
  const auto many = [](std::string_view part, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += part;
    return all;
  };
  for (const auto& expression :
       {many("(", 100'000), many("[", 10'000) + "a", many("!", 10'000) + "a",
        "a" + many(".a", 5'000), "a" + many("[0]", 5'000), "a" + many("|a", 5'000),
        many("abs(", 3'000), "a" + many("[]", 5'000), many("a[?", 5'000),
        many("*.", 5'000) + "a"}) {
    EXPECT_EQ(refusal(expression).fault, Fault::too_much) << expression.substr(0, 20);
  }
  EXPECT_EQ(refusal("a" + many(".a", 150)).what, "it was answered");
}

TEST(QueryRefusal, EndsAnAnswerThatTakesTooMuchWork) {
  std::string doubling = "`1`";
  for (int i = 0; i < 60; ++i) doubling += " | [@, @]";
  EXPECT_EQ(refusal(doubling).fault, Fault::too_much);
  std::string growing = "'0123456789'";
  for (int i = 0; i < 60; ++i) growing += " | join('', [@, @])";
  EXPECT_EQ(refusal(growing).fault, Fault::too_much);
}

}  // namespace
}  // namespace stepback::jmespath
