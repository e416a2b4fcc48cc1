// SPDX-License-Identifier: Apache-2.0
#pragma once

// DynamoDB's expressions, as far as names at the top of an item go: conditions with comparisons,
// BETWEEN, IN, AND, OR, NOT and the functions attribute_exists, attribute_not_exists, begins_with
// and contains; updates that SET (with +, -, if_not_exists and list_append) and REMOVE. Anything
// else is thrown as Invalid: better refused than understood wrongly.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace stub {

using Item = boost::json::object;

struct Invalid : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Expression {
  std::string_view text;
  const boost::json::object* names = nullptr;   // "#n" → "name"
  const boost::json::object* values = nullptr;  // ":v" → {"S": "..."}
};

bool holds(const Expression& condition, const Item& item);  // an empty item: there is none
void apply(const Expression& update, Item& item);

// Less than 0, 0, more: numbers by their value, texts by their bytes. Of two kinds: never 0.
int compared(const boost::json::value& one, const boost::json::value& other);

}  // namespace stub
