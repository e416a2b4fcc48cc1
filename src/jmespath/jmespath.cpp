// SPDX-License-Identifier: Apache-2.0
#include "jmespath/jmespath.hpp"

#include "jmespath/evaluator.hpp"
#include "jmespath/parser.hpp"

namespace stepback::jmespath {

Outcome<Expression> Expression::parse(std::string_view text) {
  return Expression(std::make_shared<const Node>(TRY(parsed(text))));
}

Outcome<json::Value> Expression::search(const json::Value& document) const {
  Evaluator evaluator;
  return *TRY(evaluator.evaluate(*root_, document));
}

}  // namespace stepback::jmespath
