// SPDX-License-Identifier: Apache-2.0
#pragma once

// Evaluator: an expression that was understood, asked of one document. It counts its work and stops
// at the limit. One thread, for one question.

#include <deque>

#include "jmespath/functions.hpp"
#include "jmespath/node.hpp"

namespace stepback::jmespath {

class Evaluator {
 public:
  // The value lives as long as the evaluator and `here` do.
  Outcome<const json::Value*> evaluate(const Node& node, const json::Value& here);

 private:
  using Found = Outcome<const json::Value*>;

  Found then(const Node& node, const json::Value& here);
  Found each_element(const Node& node, const json::Value& here);
  Found each_value(const Node& node, const json::Value& here);
  Found each_that(const Node& node, const json::Value& here);
  Found flatten(const Node& node, const json::Value& here);
  Found compare(const Node& node, const json::Value& here);
  Found list(const Node& node, const json::Value& here);
  Found object(const Node& node, const json::Value& here);
  Found call(const Node& node, const json::Value& here);
  Found slice(const Node& node, const json::Value& here);
  Outcome<void> collect(const Node& node, const json::Value& each, json::Array& into);
  Outcome<json::Value> copy_of(const json::Value& value, const Node& asking);
  Outcome<void> work(std::size_t steps, const Node& node);
  const json::Value* keep(json::Value value);

  std::deque<json::Value> made_;  // its elements stay where they are
  std::size_t done_ = 0;
};

}  // namespace stepback::jmespath
