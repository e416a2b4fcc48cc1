// SPDX-License-Identifier: Apache-2.0
#include "jmespath/evaluator.hpp"

#include <algorithm>

#include "jmespath/values.hpp"

namespace stepback::jmespath {
namespace {

using json::Array;
using json::Object;
using json::Value;

// Values looked at or copied for one question: well under a second, and some hundred megabytes.
constexpr std::size_t most_work = 4'000'000;

const Value nothing(nullptr);

const Value* field_of(const Value& value, std::string_view name) {
  if (!value.is_object()) return &nothing;
  const auto* found = value.get_object().if_contains(name);
  return found == nullptr ? &nothing : found;
}

const Value* element_of(const Value& value, std::int64_t index) {
  if (!value.is_array()) return &nothing;
  const auto& array = value.get_array();
  const auto size = static_cast<std::int64_t>(array.size());
  const auto at = index < 0 ? index + size : index;
  return at < 0 || at >= size ? &nothing : &array[static_cast<std::size_t>(at)];
}

// Where a slice begins or ends: counted from the end if negative, and never outside.
std::int64_t edge(std::optional<std::int64_t> given, std::int64_t otherwise, std::int64_t size,
                  bool backwards) {
  if (!given) return otherwise;
  const auto least = backwards ? -1 : 0;
  const auto most = backwards ? size - 1 : size;
  return std::clamp(*given < 0 ? std::max(*given, -size - 1) + size : *given, std::int64_t{least},
                    std::max<std::int64_t>(most, least));
}

bool in_order(Word comparison, double left, double right) {
  if (comparison == Word::less) return left < right;
  if (comparison == Word::less_or_equal) return left <= right;
  if (comparison == Word::greater) return left > right;
  return left >= right;
}

}  // namespace

const Value* Evaluator::keep(Value value) { return &made_.emplace_back(std::move(value)); }

Outcome<void> Evaluator::work(std::size_t steps, const Node& node) {
  done_ += steps;
  if (done_ <= most_work) return {};
  return refuse({.fault = Fault::too_much,
                 .position = node.position,
                 .what = "the answer takes too much work",
                 .hint = "ask for less of it first"});
}

Outcome<Value> Evaluator::copy_of(const Value& value, const Node& asking) {
  TRY(work(size_of(value), asking));
  return value;
}

Evaluator::Found Evaluator::evaluate(const Node& node, const Value& here) {
  TRY(work(1, node));
  switch (node.kind) {
    case Kind::current: return &here;
    case Kind::field: return field_of(here, node.name);
    case Kind::literal: return &node.literal;
    case Kind::index: return element_of(here, node.first.value_or(0));
    case Kind::slice: return slice(node, here);
    case Kind::then: return then(node, here);
    case Kind::each_element: return each_element(node, here);
    case Kind::each_value: return each_value(node, here);
    case Kind::each_that: return each_that(node, here);
    case Kind::flatten: return flatten(node, here);
    case Kind::either:
    case Kind::both: {
      const auto* left = TRY(evaluate(node.below[0], here));
      const bool enough = holds(*left) == (node.kind == Kind::either);
      return enough ? Found(left) : evaluate(node.below[1], here);
    }
    case Kind::negate: return keep(Value(!holds(*TRY(evaluate(node.below[0], here)))));
    case Kind::compare: return compare(node, here);
    case Kind::list: return list(node, here);
    case Kind::object: return object(node, here);
    case Kind::call: return call(node, here);
    case Kind::reference: break;  // its function asks it
  }
  return &nothing;
}

Evaluator::Found Evaluator::then(const Node& node, const Value& here) {
  const auto* left = TRY(evaluate(node.below[0], here));
  return evaluate(node.below[1], *left);
}

Evaluator::Found Evaluator::slice(const Node& node, const Value& here) {
  if (!here.is_array()) return &nothing;
  const auto& array = here.get_array();
  const auto size = static_cast<std::int64_t>(array.size());
  const auto step = std::clamp<std::int64_t>(node.step.value_or(1), -size - 1, size + 1);
  const bool backwards = step < 0;
  const auto begin = edge(node.first, backwards ? size - 1 : 0, size, backwards);
  const auto end = edge(node.last, backwards ? -1 : size, size, backwards);
  Array picked;
  for (auto at = begin; backwards ? at > end : at < end; at += step)
    picked.push_back(TRY(copy_of(array[static_cast<std::size_t>(at)], node)));
  return keep(Value(std::move(picked)));
}

// What `node` finds in an element, unless it finds nothing.
Outcome<void> Evaluator::collect(const Node& node, const Value& each, Array& into) {
  const auto* found = TRY(evaluate(node, each));
  if (!found->is_null()) into.push_back(TRY(copy_of(*found, node)));
  return {};
}

Evaluator::Found Evaluator::each_element(const Node& node, const Value& here) {
  const auto* base = TRY(evaluate(node.below[0], here));
  if (!base->is_array()) return &nothing;
  Array found;
  for (const auto& each : base->get_array()) TRY(collect(node.below[1], each, found));
  return keep(Value(std::move(found)));
}

Evaluator::Found Evaluator::each_value(const Node& node, const Value& here) {
  const auto* base = TRY(evaluate(node.below[0], here));
  if (!base->is_object()) return &nothing;
  Array found;
  for (const auto& each : base->get_object()) TRY(collect(node.below[1], each.value(), found));
  return keep(Value(std::move(found)));
}

Evaluator::Found Evaluator::each_that(const Node& node, const Value& here) {
  const auto* base = TRY(evaluate(node.below[0], here));
  if (!base->is_array()) return &nothing;
  Array found;
  for (const auto& each : base->get_array()) {
    const auto* condition = TRY(evaluate(node.below[2], each));
    if (holds(*condition)) TRY(collect(node.below[1], each, found));
  }
  return keep(Value(std::move(found)));
}

Evaluator::Found Evaluator::flatten(const Node& node, const Value& here) {
  const auto* base = TRY(evaluate(node.below[0], here));
  if (!base->is_array()) return &nothing;
  TRY(work(size_of(*base), node));
  Array flat;
  for (const auto& each : base->get_array()) {
    if (each.is_array()) {
      for (const auto& inner : each.get_array()) flat.push_back(inner);
    } else {
      flat.push_back(each);
    }
  }
  return keep(Value(std::move(flat)));
}

Evaluator::Found Evaluator::compare(const Node& node, const Value& here) {
  const auto* left = TRY(evaluate(node.below[0], here));
  const auto* right = TRY(evaluate(node.below[1], here));
  if (node.comparison == Word::equal || node.comparison == Word::unequal) {
    TRY(work(std::min(size_of(*left), size_of(*right)), node));
    return keep(Value(equal(*left, *right) == (node.comparison == Word::equal)));
  }
  // Only numbers have an order.
  if (!left->is_number() || !right->is_number()) return &nothing;
  return keep(Value(in_order(node.comparison, number_of(*left), number_of(*right))));
}

Evaluator::Found Evaluator::list(const Node& node, const Value& here) {
  if (here.is_null()) return &nothing;
  Array all;
  for (const auto& each : node.below) {
    const auto* found = TRY(evaluate(each, here));
    all.push_back(TRY(copy_of(*found, each)));
  }
  return keep(Value(std::move(all)));
}

Evaluator::Found Evaluator::object(const Node& node, const Value& here) {
  if (here.is_null()) return &nothing;
  Object all;
  for (std::size_t i = 0; i < node.below.size(); ++i) {
    const auto* found = TRY(evaluate(node.below[i], here));
    all[node.names[i]] = TRY(copy_of(*found, node.below[i]));
  }
  return keep(Value(std::move(all)));
}

Evaluator::Found Evaluator::call(const Node& node, const Value& here) {
  std::vector<Argument> arguments;
  for (const auto& each : node.below) {
    if (each.kind == Kind::reference) {
      arguments.push_back({.expression = &each.below[0]});
      continue;
    }
    const auto* value = TRY(evaluate(each, here));
    TRY(work(size_of(*value), node));
    arguments.push_back({.value = value});
  }
  auto made = called({.name = node.name,
                      .arguments = arguments,
                      .ask = [this](const Node& asked, const Value& value) -> Outcome<Value> {
                        const auto* found = TRY(evaluate(asked, value));
                        return copy_of(*found, asked);
                      }});
  if (made) return keep(*std::move(made));
  auto problem = std::move(made).error();
  if (problem.position == 0) problem.position = node.position;
  return refuse(std::move(problem));
}

}  // namespace stepback::jmespath
