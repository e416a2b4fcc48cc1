// SPDX-License-Identifier: Apache-2.0
#include "http/message.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"

namespace stepback::http {
namespace {

struct MethodName {
  Method method;
  std::string_view name;
};
constexpr std::array method_names{
    MethodName{Method::get, "GET"},     MethodName{Method::head, "HEAD"},
    MethodName{Method::post, "POST"},   MethodName{Method::put, "PUT"},
    MethodName{Method::patch, "PATCH"}, MethodName{Method::remove, "DELETE"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

}  // namespace

std::string_view name_of(Method method) {
  for (const auto& known : method_names) {
    if (known.method == method) return known.name;
  }
  return "OTHER";
}

Method method_of(std::string_view name) {
  for (const auto& known : method_names) {
    if (known.name == name) return known.method;
  }
  return Method::other;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

Headers::Headers(std::initializer_list<Entry> entries) {
  for (const auto& [name, value] : entries) add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
  const auto length = [](std::string_view text) { return static_cast<std::uint32_t>(text.size()); };
  spans_.push_back({length(text_), length(name), length(value)});
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; };
  const std::size_t start = text_.size();
  text_.append(name).append(value);
  std::replace_if(text_.begin() + static_cast<std::ptrdiff_t>(start), text_.end(), is_control, ' ');
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (equal_ignoring_case((*this)[i].first, name)) return (*this)[i].second;
  }
  return std::nullopt;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (std::size_t i = 0; i < size(); ++i) {
    auto [found, list] = (*this)[i];
    if (!equal_ignoring_case(found, name)) continue;
    for (bool more = true; more;) {
      const auto comma = list.find(',');
      if (equal_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
      more = comma != std::string_view::npos;
      if (more) list.remove_prefix(comma + 1);
    }
  }
  return false;
}

Headers::Entry Headers::operator[](std::size_t index) const {
  const auto& [start, name, value] = spans_[index];
  const std::string_view text = text_;
  return {text.substr(start, name), text.substr(start + name, value)};
}

void Headers::clear() {
  text_.clear();
  spans_.clear();
}

std::string_view Request::capture(std::string_view name) const {
  for (const auto& [key, value] : captures) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (std::string_view rest = query; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    if (percent_decoded(pair.substr(0, equals), true) != name) continue;
    return percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
  }
  return std::nullopt;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "";
  }
}

Response json_response(int status, std::string body) {
  return {.status = status, .type = "application/json", .headers = {}, .body = std::move(body)};
}

Response text_response(int status, std::string body) {
  return {.status = status,
          .type = "text/plain; charset=utf-8",
          .headers = {},
          .body = std::move(body)};
}

Response problem(int status, std::string_view detail, std::string_view attempt) {
  json::Object body{{"type", "about:blank"},
                    {"title", reason_of(status)},
                    {"status", status},
                    {"detail", detail}};
  if (!attempt.empty()) body["try"] = attempt;
  return {.status = status,
          .type = "application/problem+json",
          .headers = {},
          .body = json::write(json::Value(body))};
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
      if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

}  // namespace stepback::http
