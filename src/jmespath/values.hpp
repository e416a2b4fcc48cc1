// SPDX-License-Identifier: Apache-2.0
#pragma once

// Values as the language sees them: what counts as true, what is equal, which number is a whole
// one. Pure.

#include <cstddef>
#include <string_view>

#include "base/json.hpp"

namespace stepback::jmespath {

bool holds(const json::Value& value);  // false, null, "", [] and {} do not
bool equal(const json::Value& left, const json::Value& right);
double number_of(const json::Value& value);          // of a number
json::Value of_number(double number);                // a whole number without a point
std::string_view type_of(const json::Value& value);  // in the words of the specification
std::size_t size_of(const json::Value& value);  // how many values it is made of, itself among them

}  // namespace stepback::jmespath
