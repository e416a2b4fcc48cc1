// SPDX-License-Identifier: Apache-2.0
#include "jmespath/functions.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "jmespath/node.hpp"
#include "jmespath/text.hpp"
#include "jmespath/values.hpp"

namespace stepback::jmespath {
namespace {

using json::Array;
using json::Object;
using json::Value;
using Made = Outcome<Value>;

// --- what an argument may be --------------------------------------------------------------------

enum class Takes {
  any,
  number,
  text,
  list,
  object,
  numbers,
  texts,
  measurable,
  sortable,
  holder,
  expression
};

bool all_are(const Value& value, bool (*is)(const Value&)) {
  return value.is_array() && std::ranges::all_of(value.get_array(), is);
}
bool is_number(const Value& value) { return value.is_number(); }
bool is_text(const Value& value) { return value.is_string(); }

bool fits(Takes takes, const Argument& argument) {
  if (takes == Takes::expression || argument.value == nullptr)
    return takes == Takes::expression && argument.expression != nullptr;
  const Value& value = *argument.value;
  switch (takes) {
    case Takes::any: return true;
    case Takes::number: return value.is_number();
    case Takes::text: return value.is_string();
    case Takes::list: return value.is_array();
    case Takes::object: return value.is_object();
    case Takes::numbers: return all_are(value, is_number);
    case Takes::texts: return all_are(value, is_text);
    case Takes::measurable: return value.is_string() || value.is_array() || value.is_object();
    case Takes::sortable: return all_are(value, is_number) || all_are(value, is_text);
    case Takes::holder: return value.is_string() || value.is_array();
    case Takes::expression: return false;
  }
  return false;
}

std::string_view words_for(Takes takes) {
  switch (takes) {
    case Takes::any: return "a value";
    case Takes::number: return "a number";
    case Takes::text: return "a string";
    case Takes::list: return "an array";
    case Takes::object: return "an object";
    case Takes::numbers: return "an array of numbers";
    case Takes::texts: return "an array of strings";
    case Takes::measurable: return "a string, an array or an object";
    case Takes::sortable: return "an array of numbers or of strings";
    case Takes::holder: return "a string or an array";
    case Takes::expression: return "an expression with & before it";
  }
  return "";
}

// --- numbers ------------------------------------------------------------------------------------

const Value& first(const Call& call) { return *call.arguments[0].value; }
const Value& second(const Call& call) { return *call.arguments[1].value; }

Made absolute(const Call& call) {
  const Value& value = first(call);
  if (value.is_int64() && value.get_int64() > std::numeric_limits<std::int64_t>::min())
    return Value(std::abs(value.get_int64()));
  return value.is_uint64() ? value : of_number(std::abs(number_of(value)));
}

Made rounded(const Call& call, double (*round)(double)) {
  const Value& value = first(call);
  return value.is_double() ? of_number(round(value.get_double())) : value;
}
Made ceiling(const Call& call) {
  return rounded(call, [](double number) { return std::ceil(number); });
}
Made floor_of(const Call& call) {
  return rounded(call, [](double number) { return std::floor(number); });
}

double total(const Array& numbers) {
  double sum = 0;
  for (const auto& each : numbers) sum += number_of(each);
  return sum;
}
Made sum(const Call& call) { return of_number(total(first(call).get_array())); }
Made average(const Call& call) {
  const auto& numbers = first(call).get_array();
  if (numbers.empty()) return Value(nullptr);
  return of_number(total(numbers) / static_cast<double>(numbers.size()));
}

Made to_number(const Call& call) {
  const Value& value = first(call);
  if (value.is_number()) return value;
  if (!value.is_string()) return Value(nullptr);
  auto read = json::parse(value.get_string());
  return read && read->is_number() ? *std::move(read) : Value(nullptr);
}

// --- texts --------------------------------------------------------------------------------------

Made ends_with(const Call& call) {
  return Value(std::string_view(first(call).get_string())
                   .ends_with(std::string_view(second(call).get_string())));
}
Made starts_with(const Call& call) {
  return Value(std::string_view(first(call).get_string())
                   .starts_with(std::string_view(second(call).get_string())));
}

Made join(const Call& call) {
  const std::string_view glue = first(call).get_string();
  std::string out;
  for (bool begun = false; const auto& each : second(call).get_array()) {
    if (std::exchange(begun, true)) out += glue;
    out += std::string_view(each.get_string());
  }
  return Value(out);
}

Made to_string(const Call& call) {
  return first(call).is_string() ? first(call) : Value(json::write(first(call)));
}

Made type(const Call& call) { return Value(type_of(first(call))); }

// --- lists and objects --------------------------------------------------------------------------

Made contains(const Call& call) {
  const Value& holder = first(call);
  if (holder.is_string()) {
    return Value(second(call).is_string() &&
                 std::string_view(holder.get_string())
                     .contains(std::string_view(second(call).get_string())));
  }
  return Value(std::ranges::any_of(holder.get_array(),
                                   [&](const Value& each) { return equal(each, second(call)); }));
}

Made length(const Call& call) {
  const Value& value = first(call);
  if (value.is_string()) return Value(letters_in(value.get_string()));
  return Value(value.is_array() ? value.get_array().size() : value.get_object().size());
}

Made reverse(const Call& call) {
  Value value = first(call);
  if (value.is_string()) return Value(reversed(value.get_string()));
  std::ranges::reverse(value.get_array());
  return value;
}

Made keys(const Call& call) {
  Array names;
  for (const auto& member : first(call).get_object()) names.emplace_back(member.key());
  return Value(std::move(names));
}

Made values(const Call& call) {
  Array all;
  for (const auto& member : first(call).get_object()) all.push_back(member.value());
  return Value(std::move(all));
}

Made merge(const Call& call) {
  Object all;
  for (const auto& argument : call.arguments) {
    for (const auto& member : argument.value->get_object()) all[member.key()] = member.value();
  }
  return Value(std::move(all));
}

Made not_null(const Call& call) {
  const auto found = std::ranges::find_if(
      call.arguments, [](const Argument& argument) { return !argument.value->is_null(); });
  return found == call.arguments.end() ? Value(nullptr) : *found->value;
}

Made to_array(const Call& call) {
  if (first(call).is_array()) return first(call);
  Array one;
  one.push_back(first(call));
  return Value(std::move(one));
}

// --- order --------------------------------------------------------------------------------------

// Texts by their code points, which is the order of their bytes.
bool before(const Value& left, const Value& right) {
  if (left.is_string() && right.is_string()) {
    return std::string_view(left.get_string()) < std::string_view(right.get_string());
  }
  return number_of(left) < number_of(right);
}

Made sort(const Call& call) {
  Array sorted = first(call).get_array();
  std::ranges::stable_sort(sorted, before);
  return Value(std::move(sorted));
}

Made last_of(const Call& call) {
  const auto& all = first(call).get_array();
  return all.empty() ? Value(nullptr) : *std::ranges::max_element(all, before);
}
Made first_of(const Call& call) {
  const auto& all = first(call).get_array();
  return all.empty() ? Value(nullptr) : *std::ranges::min_element(all, before);
}

struct Ranked {
  Value rank;
  const Value* value;
};

// Each element with what the expression finds in it: numbers only, or texts only.
Outcome<std::vector<Ranked>> ranked(const Call& call) {
  std::vector<Ranked> all;
  for (const auto& each : first(call).get_array()) {
    all.push_back({TRY(call.ask(*call.arguments[1].expression, each)), &each});
    const auto& rank = all.back().rank;
    const bool sound = rank.is_number() || rank.is_string();
    if (sound && rank.is_string() == all.front().rank.is_string()) continue;
    return refuse({.fault = Fault::invalid_type,
                   .what = fmt::format("{}() compares numbers, or strings, and found {} there",
                                       call.name, type_of(rank)),
                   .hint = "leave out those without it: [?name]"});
  }
  return all;
}
bool ranks_before(const Ranked& left, const Ranked& right) { return before(left.rank, right.rank); }

Made sort_by(const Call& call) {
  auto all = TRY(ranked(call));
  std::ranges::stable_sort(all, ranks_before);
  Array sorted;
  for (const auto& each : all) sorted.push_back(*each.value);
  return Value(std::move(sorted));
}
Made max_by(const Call& call) {
  const auto all = TRY(ranked(call));
  return all.empty() ? Value(nullptr) : *std::ranges::max_element(all, ranks_before)->value;
}
Made min_by(const Call& call) {
  const auto all = TRY(ranked(call));
  return all.empty() ? Value(nullptr) : *std::ranges::min_element(all, ranks_before)->value;
}

Made map(const Call& call) {
  Array found;
  for (const auto& each : second(call).get_array())
    found.push_back(TRY(call.ask(*call.arguments[0].expression, each)));
  return Value(std::move(found));
}

// --- the table ----------------------------------------------------------------------------------

struct Function {
  std::string_view name;
  std::array<Takes, 2> takes;
  std::size_t arguments;  // how many; the least, if it takes any number
  bool any_number;        // all of the first kind
  Made (*make)(const Call&);
};

constexpr Function one(std::string_view name, Takes takes, Made (*make)(const Call&)) {
  return {name, {takes, takes}, 1, false, make};
}
constexpr Function two(std::string_view name, std::array<Takes, 2> takes,
                       Made (*make)(const Call&)) {
  return {name, takes, 2, false, make};
}
constexpr Function some(std::string_view name, Takes takes, Made (*make)(const Call&)) {
  return {name, {takes, takes}, 1, true, make};
}

constexpr std::array functions{one("abs", Takes::number, absolute),
                               one("avg", Takes::numbers, average),
                               one("ceil", Takes::number, ceiling),
                               two("contains", {Takes::holder, Takes::any}, contains),
                               two("ends_with", {Takes::text, Takes::text}, ends_with),
                               one("floor", Takes::number, floor_of),
                               two("join", {Takes::text, Takes::texts}, join),
                               one("keys", Takes::object, keys),
                               one("length", Takes::measurable, length),
                               two("map", {Takes::expression, Takes::list}, map),
                               one("max", Takes::sortable, last_of),
                               two("max_by", {Takes::list, Takes::expression}, max_by),
                               some("merge", Takes::object, merge),
                               one("min", Takes::sortable, first_of),
                               two("min_by", {Takes::list, Takes::expression}, min_by),
                               some("not_null", Takes::any, not_null),
                               one("reverse", Takes::holder, reverse),
                               one("sort", Takes::sortable, sort),
                               two("sort_by", {Takes::list, Takes::expression}, sort_by),
                               two("starts_with", {Takes::text, Takes::text}, starts_with),
                               one("sum", Takes::numbers, sum),
                               one("to_array", Takes::any, to_array),
                               one("to_number", Takes::any, to_number),
                               one("to_string", Takes::any, to_string),
                               one("type", Takes::any, type),
                               one("values", Takes::object, values)};

const Function* find(std::string_view name) {
  const auto* const found = std::ranges::find(functions, name, &Function::name);
  return found == functions.end() ? nullptr : found;
}

std::string all_names() {
  std::string names;
  for (const auto& each : functions) names += (names.empty() ? "" : ", ") + std::string(each.name);
  return names;
}

}  // namespace

std::optional<Problem> wrong_call(std::string_view name, std::size_t arguments) {
  const auto* const function = find(name);
  if (function == nullptr) {
    return Problem{.fault = Fault::unknown_function,
                   .what = fmt::format("there is no function {}", name),
                   .hint = "functions are " + all_names()};
  }
  const bool right =
      function->any_number ? arguments >= function->arguments : arguments == function->arguments;
  if (right) return std::nullopt;
  return Problem{
      .fault = Fault::invalid_arity,
      .what = fmt::format("{}() takes {}{}, and got {}", name,
                          function->any_number ? "at least " : "", function->arguments, arguments),
      .hint = arguments == 0 ? "@ is the value at hand" : ""};
}

Made called(const Call& call) {
  const auto* const function = find(call.name);
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const auto takes = function->takes[std::min<std::size_t>(i, 1)];
    const auto& argument = call.arguments[i];
    if (fits(takes, argument)) continue;
    return refuse({.fault = Fault::invalid_type,
                   .what = fmt::format(
                       "{}() needs {}, and got {}", call.name, words_for(takes),
                       argument.value == nullptr ? "an expression" : type_of(*argument.value)),
                   .hint = {}});
  }
  return function->make(call);
}

}  // namespace stepback::jmespath
