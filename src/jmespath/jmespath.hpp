// SPDX-License-Identifier: Apache-2.0
#pragma once

// JMESPath: a question to a JSON document, in the language that awscli's --query made common. The
// whole of the language and its functions; how deep a question nests and how much work it may make
// are bounded, so that a question from outside can only be answered or refused. Plain values, any
// thread.

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "jmespath/problem.hpp"

namespace stepback::jmespath {

struct Node;

class Expression {
 public:
  // Refused without a document: bad syntax, a function that there is not, a wrong number of
  // arguments, a slice with a step of 0.
  static Outcome<Expression> parse(std::string_view text);

  // Refused: an argument of the wrong type, or more work than is allowed.
  Outcome<json::Value> search(const json::Value& document) const;

 private:
  explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

  std::shared_ptr<const Node> root_;  // shared by copies, and never changed
};

}  // namespace stepback::jmespath
