// SPDX-License-Identifier: Apache-2.0
#include "jmespath/values.hpp"

#include <algorithm>
#include <cmath>

namespace stepback::jmespath {
namespace {

bool equal_numbers(const json::Value& left, const json::Value& right) {
  if (left.is_int64() && right.is_int64()) return left.get_int64() == right.get_int64();
  if (left.is_uint64() && right.is_uint64()) return left.get_uint64() == right.get_uint64();
  return number_of(left) == number_of(right);
}

bool equal_objects(const json::Object& left, const json::Object& right) {
  return left.size() == right.size() && std::ranges::all_of(left, [&](const auto& member) {
           const auto* other = right.if_contains(member.key());
           return other != nullptr && equal(member.value(), *other);
         });
}

}  // namespace

bool holds(const json::Value& value) {
  if (value.is_null()) return false;
  if (value.is_bool()) return value.get_bool();
  if (value.is_string()) return !value.get_string().empty();
  if (value.is_array()) return !value.get_array().empty();
  if (value.is_object()) return !value.get_object().empty();
  return true;
}

bool equal(const json::Value& left, const json::Value& right) {
  if (left.is_number() && right.is_number()) return equal_numbers(left, right);
  if (left.kind() != right.kind()) return false;
  if (left.is_array()) return std::ranges::equal(left.get_array(), right.get_array(), equal);
  if (left.is_object()) return equal_objects(left.get_object(), right.get_object());
  return left == right;
}

double number_of(const json::Value& value) { return value.to_number<double>(); }

json::Value of_number(double number) {
  constexpr double exact = 9007199254740992;  // 2^53: beyond it not every whole number is a double
  if (std::trunc(number) == number && std::abs(number) <= exact)
    return json::Value(static_cast<std::int64_t>(number));
  return json::Value(number);
}

std::string_view type_of(const json::Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "boolean";
  if (value.is_string()) return "string";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  return "number";
}

std::size_t size_of(const json::Value& value) {
  std::size_t size = 1;
  if (value.is_array()) {
    for (const auto& each : value.get_array()) size += size_of(each);
  } else if (value.is_object()) {
    for (const auto& each : value.get_object()) size += size_of(each.value());
  } else if (value.is_string()) {
    size += value.get_string().size() / 16;
  }
  return size;
}

}  // namespace stepback::jmespath
