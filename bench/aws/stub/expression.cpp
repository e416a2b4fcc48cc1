// SPDX-License-Identifier: Apache-2.0
#include "expression.hpp"

#include <boost/json/array.hpp>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

namespace stub {
namespace {

namespace json = boost::json;
using Operand = std::optional<json::value>;

double number_of(const json::value& text) {
  double number = 0;
  const auto& digits = text.as_string();
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::int64_t whole_number(const Operand& operand) {
  const auto* digits = operand ? operand->as_object().if_contains("N") : nullptr;
  if (digits == nullptr) throw Invalid("an operand that is no number");
  const auto& text = digits->as_string();
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ptr != text.data() + text.size()) throw Invalid("sums are of whole numbers here");
  return number;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '#' || c == ':' ||
         c == '-' || c == '.';
}

class Parser {
 public:
  Parser(const Expression& expression, const Item& item)
      : text_(expression.text), expression_(expression), item_(item) {
    next();
  }

  bool condition() {
    const bool met = either();
    if (!word_.empty()) throw Invalid("unexpected " + std::string(word_));
    return met;
  }

  void update(Item& target) {
    while (!word_.empty()) {
      if (take("SET")) {
        do {
          const auto name = attribute();
          expect("=");
          auto value = sum();
          if (!value) throw Invalid("an operand that the item has not");
          target[name] = *std::move(value);
        } while (take(","));
      } else if (take("REMOVE")) {
        do target.erase(attribute());
        while (take(","));
      } else {
        throw Invalid("unexpected " + std::string(word_));
      }
    }
  }

 private:
  void next() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
    std::size_t size = 0;
    while (size < text_.size() && is_word(text_[size])) ++size;
    if (size == 0 && !text_.empty()) {
      const auto two = text_.substr(0, 2);
      size = two == "<>" || two == "<=" || two == ">=" ? 2 : 1;
    }
    word_ = text_.substr(0, size);
    text_.remove_prefix(size);
  }
  bool take(std::string_view word) {
    if (word_ != word) return false;
    next();
    return true;
  }
  void expect(std::string_view word) {
    if (!take(word)) throw Invalid("no " + std::string(word) + " before " + std::string(word_));
  }

  bool either() {
    bool met = both();
    while (take("OR")) met = both() || met;
    return met;
  }
  bool both() {
    bool met = unless();
    while (take("AND")) met = unless() && met;
    return met;
  }
  bool unless() { return take("NOT") ? !unless() : single(); }

  bool single() {
    if (take("(")) {
      const bool met = either();
      expect(")");
      return met;
    }
    for (const auto* function :
         {"attribute_exists", "attribute_not_exists", "begins_with", "contains"})
      if (take(function)) return of_function(function);
    return comparison();
  }

  bool of_function(std::string_view function) {
    expect("(");
    const auto one = operand();
    bool met = one.has_value() == (function == "attribute_exists");
    if (take(",")) {
      const auto other = operand();
      met =
          one && other && (function == "contains" ? contains(*one, *other) : begins(*one, *other));
    }
    expect(")");
    return met;
  }

  static bool begins(const json::value& text, const json::value& start) {
    const auto* whole = text.as_object().if_contains("S");
    const auto* part = start.as_object().if_contains("S");
    return whole != nullptr && part != nullptr && whole->as_string().starts_with(part->as_string());
  }
  static bool contains(const json::value& whole, const json::value& part) {
    if (const auto* list = whole.as_object().if_contains("L")) {
      for (const auto& each : list->as_array())
        if (compared(each, part) == 0) return true;
      return false;
    }
    const auto* text = whole.as_object().if_contains("S");
    const auto* sought = part.as_object().if_contains("S");
    return text != nullptr && sought != nullptr &&
           text->as_string().find(sought->as_string()) != json::string::npos;
  }

  bool comparison() {
    const auto left = operand();
    if (take("BETWEEN")) {
      const auto low = operand();
      expect("AND");
      const auto high = operand();
      return left && low && high && compared(*left, *low) >= 0 && compared(*left, *high) <= 0;
    }
    if (take("IN")) {
      expect("(");
      bool met = false;
      do {
        const auto one = operand();
        met = met || (left && one && compared(*left, *one) == 0);
      } while (take(","));
      expect(")");
      return met;
    }
    const std::string sign(word_);
    next();
    const auto right = operand();
    if (!left || !right) return sign == "<>" && left.has_value() != right.has_value();
    const int order = compared(*left, *right);
    if (sign == "=") return order == 0;
    if (sign == "<>") return order != 0;
    if (left->as_object().begin()->key() != right->as_object().begin()->key()) return false;
    if (sign == "<") return order < 0;
    if (sign == "<=") return order <= 0;
    if (sign == ">") return order > 0;
    if (sign == ">=") return order >= 0;
    throw Invalid("unexpected " + sign);
  }

  Operand sum() {
    auto total = operand();
    while (word_ == "+" || word_ == "-") {
      const bool plus = word_ == "+";
      next();
      const auto other = whole_number(operand());
      const auto result = whole_number(total) + (plus ? other : -other);
      total = json::object{{"N", std::to_string(result)}};
    }
    return total;
  }

  Operand operand() {
    if (take("if_not_exists")) {
      expect("(");
      auto value = operand();
      expect(",");
      auto otherwise = operand();
      expect(")");
      return value ? value : otherwise;
    }
    if (take("list_append")) {
      expect("(");
      auto list = operand();
      expect(",");
      const auto more = operand();
      expect(")");
      if (!list || !more) throw Invalid("an operand that the item has not");
      auto& all = list->as_object().at("L").as_array();
      for (const auto& each : more->as_object().at("L").as_array()) all.push_back(each);
      return list;
    }
    if (word_.starts_with(':')) {
      const auto* value =
          expression_.values != nullptr ? expression_.values->if_contains(word_) : nullptr;
      if (value == nullptr) throw Invalid("no value for " + std::string(word_));
      next();
      return *value;
    }
    const auto* value = item_.if_contains(attribute());
    return value != nullptr ? Operand(*value) : Operand();
  }

  std::string attribute() {
    if (word_.empty() || !is_word(word_.front()) || word_.find('.') != std::string_view::npos)
      throw Invalid("no attribute: " + std::string(word_));
    std::string name(word_);
    if (name.starts_with('#')) {
      const auto* full =
          expression_.names != nullptr ? expression_.names->if_contains(name) : nullptr;
      if (full == nullptr) throw Invalid("no name for " + name);
      name = full->as_string();
    }
    next();
    return name;
  }

  std::string_view text_;
  std::string_view word_;
  const Expression& expression_;
  const Item& item_;
};

}  // namespace

int compared(const json::value& one, const json::value& other) {
  const auto& left = *one.as_object().begin();
  const auto& right = *other.as_object().begin();
  if (left.key() != right.key()) return left.key() < right.key() ? -1 : 1;
  if (left.key() == "N") {
    const double difference = number_of(left.value()) - number_of(right.value());
    return difference < 0 ? -1 : difference > 0 ? 1 : 0;
  }
  if (left.key() == "S" || left.key() == "B") {
    const auto order = left.value().as_string().compare(right.value().as_string());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  return left.value() == right.value() ? 0 : -1;
}

bool holds(const Expression& condition, const Item& item) {
  return condition.text.empty() || Parser(condition, item).condition();
}

void apply(const Expression& update, Item& item) {
  const Item before = item;  // every operand is of the item as it was
  Parser(update, before).update(item);
}

}  // namespace stub
