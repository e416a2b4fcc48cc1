// SPDX-License-Identifier: Apache-2.0
#include "jmespath/parser.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "jmespath/functions.hpp"

namespace stepback::jmespath {
namespace {

constexpr std::size_t longest = 16 * 1024;
constexpr std::size_t deepest = 200;  // of what the reader and the evaluator each recurse
// What binds more weakly than this ends what is done to each element.
constexpr int ends_projection = 10;

// Grows a node over others, and knows how deep that makes it.
Node over(Kind kind, std::size_t position, std::vector<Node> below) {
  Node node{.kind = kind, .position = position};
  for (const auto& each : below) node.depth = std::max(node.depth, each.depth + 1);
  node.below = std::move(below);
  return node;
}

template <class... Nodes>
std::vector<Node> nodes(Nodes&&... each) {
  std::vector<Node> all;
  (all.push_back(std::forward<Nodes>(each)), ...);
  return all;
}

std::string shown(const Token& token) {
  return token.word == Word::end ? "the end" : fmt::format("'{}'", token.text);
}

class Parser {
 public:
  explicit Parser(std::vector<Token> words) : words_(std::move(words)) {}

  Outcome<Node> whole() {
    auto node = TRY(expression(0));
    if (word() != Word::end) return unexpected_word("the end or an operator");
    return node;
  }

 private:
  const Token& token() const { return words_[at_]; }
  const Token& following() const { return words_[std::min(at_ + 1, words_.size() - 1)]; }
  Word word() const { return token().word; }
  Token take() { return std::move(words_[at_++]); }  // never the end

  std::unexpected<Problem> unexpected_word(std::string_view wanted, std::string hint = {}) const {
    return refuse({.position = token().position,
                   .what = fmt::format("{} is expected, not {}", wanted, shown(token())),
                   .hint = std::move(hint)});
  }
  Outcome<void> expect(Word wanted, std::string_view name) {
    if (word() != wanted) return unexpected_word(name);
    ++at_;
    return {};
  }

  // One expression, up to a word that binds no more strongly than `strength`.
  Outcome<Node> expression(int strength) {
    if (++nesting_ > deepest) return too_deep();
    auto node = TRY(beginning());
    while (strength < strength_of(word()) && word() != Word::open_parenthesis &&
           word() != Word::negate && word() != Word::open_brace && word() != Word::star) {
      node = TRY(continued(std::move(node)));
      if (node.depth > deepest) return too_deep();
    }
    --nesting_;
    return node;
  }

  std::unexpected<Problem> too_deep() const {
    return refuse({.fault = Fault::too_much,
                   .position = token().position,
                   .what = "the expression is nested too deeply",
                   .hint = {}});
  }

  // --- what an expression may begin with --------------------------------------------------------

  Outcome<Node> beginning() {
    const auto position = token().position;
    switch (word()) {
      case Word::name: return named();
      case Word::quoted_name: return quoted();
      case Word::literal: {
        Node node{.kind = Kind::literal, .position = position};
        node.literal = take().literal;
        return node;
      }
      case Word::current: ++at_; return Node{.position = position};
      case Word::star: ++at_; return each_value(Node{.position = position}, Word::star);
      case Word::flatten: return flattened(Node{.position = position});
      case Word::open_filter: return filtered(Node{.position = position});
      case Word::open_bracket: return bracket();
      case Word::open_brace: return object();
      case Word::negate: {
        ++at_;
        return over(Kind::negate, position, nodes(TRY(expression(strength_of(Word::negate)))));
      }
      case Word::open_parenthesis: {
        ++at_;
        auto inner = TRY(expression(0));
        TRY(expect(Word::close_parenthesis, "a closing parenthesis"));
        return inner;
      }
      case Word::reference:
        return unexpected_word("an expression", "& stands only before an argument of a function");
      case Word::number:
        return unexpected_word("an expression", "numbers to compare with go in `backticks`");
      default: return unexpected_word("an expression");
    }
  }

  Outcome<Node> named() {
    auto name = take();
    if (word() == Word::open_parenthesis) return call(std::move(name));
    return Node{.kind = Kind::field, .position = name.position, .name = std::move(name.text)};
  }

  Outcome<Node> quoted() {
    auto name = take();
    if (word() == Word::open_parenthesis)
      return unexpected_word("an operator", "a function's name has no quotes");
    return Node{.kind = Kind::field, .position = name.position, .name = std::move(name.text)};
  }

  Outcome<Node> argument() {
    if (word() != Word::reference) return expression(0);
    const auto position = take().position;
    return over(Kind::reference, position, nodes(TRY(expression(0))));
  }

  Outcome<Node> call(Token name) {
    ++at_;
    std::vector<Node> arguments;
    while (word() != Word::close_parenthesis) {
      if (!arguments.empty()) TRY(expect(Word::comma, "a comma or a closing parenthesis"));
      arguments.push_back(TRY(argument()));
    }
    ++at_;
    if (auto problem = wrong_call(name.text, arguments.size())) {
      problem->position = name.position;
      return refuse(*std::move(problem));
    }
    auto node = over(Kind::call, name.position, std::move(arguments));
    node.name = std::move(name.text);
    return node;
  }

  // [0], [1:2], [*], or a list of expressions.
  Outcome<Node> bracket() {
    const auto position = token().position;
    const bool index = following().word == Word::number || following().word == Word::colon;
    if (index || star_in_brackets()) return continued(Node{.position = position});
    ++at_;
    return list(position);
  }

  bool star_in_brackets() const {
    return following().word == Word::star && words_[at_ + 2].word == Word::close_bracket;
  }

  // After its bracket.
  Outcome<Node> list(std::size_t position) {
    std::vector<Node> elements;
    do {
      elements.push_back(TRY(expression(0)));
    } while (taken(Word::comma));
    TRY(expect(Word::close_bracket, "a comma or a closing bracket"));
    return over(Kind::list, position, std::move(elements));
  }

  Outcome<Node> object() {
    const auto position = take().position;
    std::vector<Node> values;
    std::vector<std::string> names;
    do {
      if (word() != Word::name && word() != Word::quoted_name)
        return unexpected_word("a name", "as in {name: expression}");
      names.push_back(take().text);
      TRY(expect(Word::colon, "a colon"));
      values.push_back(TRY(expression(0)));
    } while (taken(Word::comma));
    TRY(expect(Word::close_brace, "a comma or a closing brace"));
    auto node = over(Kind::object, position, std::move(values));
    node.names = std::move(names);
    return node;
  }

  bool taken(Word wanted) {
    if (word() != wanted) return false;
    ++at_;
    return true;
  }

  // --- how it may go on -------------------------------------------------------------------------

  Outcome<Node> continued(Node left) {
    const auto position = token().position;
    switch (word()) {
      case Word::dot: {
        ++at_;
        if (taken(Word::star)) return each_value(std::move(left), Word::dot);
        auto right = TRY(after_dot(strength_of(Word::dot)));
        return over(Kind::then, position, nodes(std::move(left), std::move(right)));
      }
      case Word::pipe: return joined(Kind::then, std::move(left));
      case Word::either: return joined(Kind::either, std::move(left));
      case Word::both: return joined(Kind::both, std::move(left));
      case Word::flatten: return flattened(std::move(left));
      case Word::open_filter: return filtered(std::move(left));
      case Word::open_bracket: return picked(std::move(left));
      default: {
        const auto comparison = word();
        auto node = TRY(joined(Kind::compare, std::move(left)));
        node.comparison = comparison;
        return node;
      }
    }
  }

  Outcome<Node> joined(Kind kind, Node left) {
    const auto sign = take();
    auto right = TRY(expression(strength_of(sign.word)));
    return over(kind, sign.position, nodes(std::move(left), std::move(right)));
  }

  Outcome<Node> after_dot(int strength) {
    const auto position = token().position;
    switch (word()) {
      case Word::name:
      case Word::quoted_name:
      case Word::star: return expression(strength);
      case Word::open_bracket: ++at_; return list(position);
      case Word::open_brace: return object();
      default: return unexpected_word("a name, [ or { after the dot");
    }
  }

  // What is done to each element of what is before.
  Outcome<Node> for_each(int strength) {
    if (strength_of(word()) < ends_projection) return Node{.position = token().position};
    // `[` and `[?` begin with what is before them, so here with the element itself.
    if (word() == Word::open_bracket || word() == Word::open_filter) return expression(strength);
    if (!taken(Word::dot)) return unexpected_word("a dot, a bracket or the end");
    return after_dot(strength);
  }

  Outcome<Node> each_value(Node left, Word binding) {
    const auto position = left.position;
    auto right = TRY(for_each(strength_of(binding)));
    return over(Kind::each_value, position, nodes(std::move(left), std::move(right)));
  }

  Outcome<Node> flattened(Node left) {
    const auto position = take().position;
    auto flat = over(Kind::flatten, position, nodes(std::move(left)));
    auto right = TRY(for_each(strength_of(Word::flatten)));
    return over(Kind::each_element, position, nodes(std::move(flat), std::move(right)));
  }

  Outcome<Node> filtered(Node left) {
    const auto position = take().position;
    auto condition = TRY(expression(0));
    TRY(expect(Word::close_bracket, "a closing bracket"));
    Node right{.position = token().position};
    if (word() != Word::flatten) right = TRY(for_each(strength_of(Word::open_filter)));
    return over(Kind::each_that, position,
                nodes(std::move(left), std::move(right), std::move(condition)));
  }

  // An index, a slice or all elements, in brackets.
  Outcome<Node> picked(Node left) {
    const auto position = take().position;
    if (taken(Word::star)) {
      TRY(expect(Word::close_bracket, "a closing bracket"));
      auto right = TRY(for_each(strength_of(Word::star)));
      return over(Kind::each_element, position, nodes(std::move(left), std::move(right)));
    }
    auto inside = TRY(index_or_slice(position));
    const bool slice = inside.kind == Kind::slice;
    auto found = over(Kind::then, position, nodes(std::move(left), std::move(inside)));
    if (!slice) return found;
    auto right = TRY(for_each(strength_of(Word::star)));
    return over(Kind::each_element, position, nodes(std::move(found), std::move(right)));
  }

  Outcome<Node> index_or_slice(std::size_t position) {
    std::array<std::optional<std::int64_t>, 3> numbers;
    std::size_t part = 0;
    while (word() != Word::close_bracket || (part == 0 && !numbers[0])) {
      const bool may_be_number = !numbers[part].has_value();
      if (word() == Word::number && may_be_number) {
        numbers[part] = take().number;
      } else if (word() == Word::colon && part < 2) {
        ++at_;
        ++part;
      } else {
        return unexpected_word("a number, a colon or a closing bracket",
                               word() == Word::name ? "a condition begins with [?" : "");
      }
    }
    ++at_;
    if (numbers[2] == 0) {
      return refuse({.fault = Fault::invalid_value,
                     .position = position,
                     .what = "a slice cannot go on by 0",
                     .hint = "leave the step out"});
    }
    const auto kind = part == 0 ? Kind::index : Kind::slice;
    return Node{.kind = kind,
                .position = position,
                .first = numbers[0],
                .last = numbers[1],
                .step = numbers[2]};
  }

  std::vector<Token> words_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
};

}  // namespace

Outcome<Node> parsed(std::string_view expression) {
  if (expression.size() > longest) {
    return refuse({.fault = Fault::too_much,
                   .position = longest,
                   .what = fmt::format("an expression has at most {} bytes", longest),
                   .hint = {}});
  }
  return Parser(TRY(words_of(expression))).whole();
}

}  // namespace stepback::jmespath
