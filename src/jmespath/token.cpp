// SPDX-License-Identifier: Apache-2.0
#include "jmespath/token.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace stepback::jmespath {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Sign {
  std::string_view text;
  Word word;
};
// The longer ones first, so that `||` is not two pipes.
constexpr std::array signs{Sign{"[?", Word::open_filter},
                           Sign{"[]", Word::flatten},
                           Sign{"||", Word::either},
                           Sign{"&&", Word::both},
                           Sign{"==", Word::equal},
                           Sign{"!=", Word::unequal},
                           Sign{"<=", Word::less_or_equal},
                           Sign{">=", Word::greater_or_equal},
                           Sign{".", Word::dot},
                           Sign{"*", Word::star},
                           Sign{",", Word::comma},
                           Sign{":", Word::colon},
                           Sign{"@", Word::current},
                           Sign{"&", Word::reference},
                           Sign{"[", Word::open_bracket},
                           Sign{"]", Word::close_bracket},
                           Sign{"{", Word::open_brace},
                           Sign{"}", Word::close_brace},
                           Sign{"(", Word::open_parenthesis},
                           Sign{")", Word::close_parenthesis},
                           Sign{"|", Word::pipe},
                           Sign{"!", Word::negate},
                           Sign{"<", Word::less},
                           Sign{">", Word::greater}};

// `mark` between the quotes stands for itself when a backslash is before it.
std::string unescaped(std::string_view inside, char mark) {
  std::string out;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (inside[at] == '\\' && at + 1 < inside.size() && inside[at + 1] == mark) ++at;
    out += inside[at];
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Outcome<std::vector<Token>> all() {
    std::vector<Token> words;
    for (skip_space(); at_ < text_.size(); skip_space()) words.push_back(TRY(next()));
    words.push_back({.word = Word::end, .position = text_.size()});
    return words;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }

  Outcome<Token> next() {
    const char c = text_[at_];
    if (begins_name(c)) return name();
    if (is_digit(c) || c == '-') return number();
    if (c == '"') return quoted_name();
    if (c == '\'') return raw_text();
    if (c == '`') return literal();
    for (const auto& sign : signs) {
      if (!text_.substr(at_).starts_with(sign.text)) continue;
      const auto position = at_;
      at_ += sign.text.size();
      return Token{.word = sign.word, .position = position, .text = std::string(sign.text)};
    }
    return refuse(
        {.position = at_,
         .what = "this character means nothing here",
         .hint = c == '=' ? "equal is ==" : "a name with other signs goes in \"quotes\""});
  }

  Token name() {
    const auto begin = at_;
    while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
    return {.word = Word::name,
            .position = begin,
            .text = std::string(text_.substr(begin, at_ - begin))};
  }

  Outcome<Token> number() {
    const auto begin = at_++;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    Token token{.word = Word::number,
                .position = begin,
                .text = std::string(text_.substr(begin, at_ - begin))};
    const auto* const last = token.text.data() + token.text.size();
    const auto [end, error] = std::from_chars(token.text.data(), last, token.number);
    if (error == std::errc() && end == last) return token;
    return refuse({.position = begin,
                   .what = token.text + " is no number that an index can be",
                   .hint = "numbers to compare with go in `backticks`"});
  }

  // What is between two marks; a backslash takes the next character with it.
  Outcome<std::string_view> between(char mark, std::string_view of_what) {
    const auto begin = at_++;
    while (at_ < text_.size() && text_[at_] != mark) at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return refuse({.position = begin,
                     .what = fmt::format("{} begins here and never ends", of_what),
                     .hint = fmt::format("end it with {}", mark)});
    }
    const auto inside = text_.substr(begin + 1, at_ - begin - 1);
    ++at_;
    return inside;
  }

  Outcome<Token> quoted_name() {
    const auto begin = at_;
    const auto inside = TRY(between('"', "a quoted name"));
    const auto read = json::parse(text_.substr(begin, inside.size() + 2));
    if (!read) {
      return refuse({.position = begin,
                     .what = "the quoted name is no JSON text",
                     .hint = "text to compare with goes in 'single quotes'"});
    }
    return Token{
        .word = Word::quoted_name, .position = begin, .text = std::string(read->get_string())};
  }

  Outcome<Token> raw_text() {
    const auto begin = at_;
    const auto inside = TRY(between('\'', "a text"));
    return Token{.word = Word::literal,
                 .position = begin,
                 .text = "a text",
                 .literal = json::Value(unescaped(inside, '\''))};
  }

  // JSON. What is none counts as text, as in `running`, which the language allowed once and many
  // who write queries still do.
  Outcome<Token> literal() {
    const auto begin = at_;
    auto inside = unescaped(TRY(between('`', "a literal")), '`');
    inside.erase(0, std::min(inside.find_first_not_of(" \t\r\n"), inside.size()));
    auto read = json::parse(inside);
    if (!read) read = json::parse("\"" + inside + "\"");
    if (!read || inside.empty()) {
      return refuse({.position = begin,
                     .what = "the literal is no JSON",
                     .hint = "as in `1`, `true`, `\"text\"`"});
    }
    return Token{
        .word = Word::literal, .position = begin, .text = "a literal", .literal = *std::move(read)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Outcome<std::vector<Token>> words_of(std::string_view expression) {
  return Reader(expression).all();
}

int strength_of(Word word) {
  switch (word) {
    case Word::pipe: return 1;
    case Word::either: return 2;
    case Word::both: return 3;
    case Word::equal:
    case Word::unequal:
    case Word::less:
    case Word::less_or_equal:
    case Word::greater:
    case Word::greater_or_equal: return 5;
    case Word::flatten: return 9;
    case Word::star: return 20;
    case Word::open_filter: return 21;
    case Word::dot: return 40;
    case Word::negate: return 45;
    case Word::open_brace: return 50;
    case Word::open_bracket: return 55;
    case Word::open_parenthesis: return 60;
    case Word::end:
    case Word::name:
    case Word::quoted_name:
    case Word::number:
    case Word::literal:
    case Word::comma:
    case Word::colon:
    case Word::current:
    case Word::reference:
    case Word::close_bracket:
    case Word::close_brace:
    case Word::close_parenthesis: return 0;
  }
  return 0;
}

}  // namespace stepback::jmespath
