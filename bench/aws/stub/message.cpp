// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace stub {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

int digit_of(char c) {
  int value = 16;
  std::from_chars(&c, &c + 1, value, 16);
  return value;
}

}  // namespace

bool same_letters(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

long number_in(std::string_view text, long otherwise) {
  long number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view Request::header(std::string_view name) const {
  for (std::size_t at = 0; at < head.size();) {
    const auto end = std::min(head.find("\r\n", at), head.size());
    const auto line = head.substr(at, end - at);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        same_letters(line.substr(0, name.size()), name)) {
      const auto value = line.find_first_not_of(' ', name.size() + 1);
      return value == std::string_view::npos ? std::string_view() : line.substr(value);
    }
    at = end + 2;
  }
  return {};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  const auto found =
      std::ranges::find_if(query, [&](const auto& each) { return each.first == name; });
  if (found == query.end()) return std::nullopt;
  return found->second;
}

std::string decoded(std::string_view text, bool plus_is_space) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      plain += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
      i += 2;
    } else {
      plain += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string code;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-_.~/").find(c) != std::string_view::npos) {
      code += c;
    } else {
      code += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return code;
}

std::string in_xml(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::vector<std::pair<std::string, std::string>> read_pairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('&', at), text.size());
    const auto pair = text.substr(at, end - at);
    const auto equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(decoded(pair.substr(0, equals), true),
                       equals < pair.size() ? decoded(pair.substr(equals + 1), true) : "");
    at = end + 1;
  }
  return pairs;
}

std::optional<std::string> without_chunks(std::string_view text, std::size_t& size) {
  std::string plain;
  for (std::size_t at = 0;;) {
    const auto end = text.find("\r\n", at);
    if (end == std::string_view::npos) return std::nullopt;
    std::size_t length = 0;
    std::from_chars(text.data() + at, text.data() + end, length, 16);
    at = end + 2;
    if (length == 0) {  // trailers may follow, then an empty line
      const auto last = text.substr(at, 2) == "\r\n" ? at : text.find("\r\n\r\n", at);
      if (last == std::string_view::npos) return std::nullopt;
      size = last == at ? at + 2 : last + 4;
      return plain;
    }
    if (text.size() < at + length + 2) return std::nullopt;
    plain += text.substr(at, length);
    at += length + 2;
  }
}

Request read_request(std::string_view head, std::string_view body) {
  const auto line_end = head.find("\r\n");
  const auto line = head.substr(0, line_end);
  const auto first = std::min(line.find(' '), line.size());
  const auto second = std::min(line.rfind(' '), line.size());
  const auto target =
      line.substr(std::min(first + 1, second), second - std::min(first + 1, second));
  const auto mark = std::min(target.find('?'), target.size());
  Request request{.method = line.substr(0, first),
                  .path = decoded(target.substr(0, mark)),
                  .query = read_pairs(target.substr(std::min(mark + 1, target.size()))),
                  .head = head.substr(std::min(line_end, head.size() - 2) + 2),
                  .body = ""};
  std::size_t size = 0;
  if (same_letters(request.header("transfer-encoding"), "chunked")) {
    request.body = without_chunks(body, size).value_or("");
  } else {
    request.body = body;
  }
  if (request.header("content-encoding").find("aws-chunked") != std::string_view::npos ||
      request.header("x-amz-content-sha256").starts_with("STREAMING-"))
    request.body = without_chunks(request.body + "\r\n", size).value_or("");
  return request;
}

}  // namespace stub
