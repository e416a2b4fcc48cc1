// SPDX-License-Identifier: Apache-2.0
#pragma once

// Functions of the language: what each takes, and what it makes of it. The parser asks whether a
// call is one; the evaluator has it carried out. Plain values.

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "jmespath/problem.hpp"

namespace stepback::jmespath {

struct Node;

// What a function is given: a value, or an expression that it asks of values itself.
struct Argument {
  const json::Value* value = nullptr;
  const Node* expression = nullptr;
};
struct Call {
  std::string_view name;
  std::span<const Argument> arguments;
  // An expression of the call, asked of a value.
  std::function<Outcome<json::Value>(const Node&, const json::Value&)> ask;
};

// Why it cannot be called so, without a position; nothing if it can.
std::optional<Problem> wrong_call(std::string_view name, std::size_t arguments);

// A problem has no position yet. There is such a function, and it takes as many arguments.
Outcome<json::Value> called(const Call& call);

}  // namespace stepback::jmespath
