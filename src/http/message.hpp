// SPDX-License-Identifier: Apache-2.0
#pragma once

// Requests and responses of HTTP/1.1 as values. The server hands a Request to a handler and gets a
// Response; the client sends a Call (client.hpp) and gets one. Plain values, any thread.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stepback::http {

enum class Method { get, head, post, put, patch, remove, other };  // remove is written DELETE

std::string_view name_of(Method method);  // "GET"
Method method_of(std::string_view name);

// Names compare without regard to case; the order is kept. All text lies in one buffer, because a
// server fills one of these for every request.
class Headers {
 public:
  using Entry = std::pair<std::string_view, std::string_view>;

  Headers() = default;
  Headers(std::initializer_list<Entry> entries);

  // A control character becomes a space: no value can begin a header of its own.
  void add(std::string_view name, std::string_view value);

  std::optional<std::string_view> find(std::string_view name) const;    // the first of that name
  bool has_token(std::string_view name, std::string_view token) const;  // "Connection: close, x"
  std::size_t size() const { return spans_.size(); }
  Entry operator[](std::size_t index) const;
  void clear();

  bool operator==(const Headers&) const = default;

 private:
  struct Span {
    std::uint32_t start, name, value;  // where it begins, and the two lengths
    bool operator==(const Span&) const = default;
  };
  std::string text_;
  std::vector<Span> spans_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

struct Request {
  Method method = Method::get;
  std::string path;   // "/api/v1/rollbacks/rb-1", as it was sent: still percent-encoded
  std::string query;  // what follows the "?"
  Headers headers;
  std::string body;
  std::string peer;                                           // the address it came from
  std::vector<std::pair<std::string, std::string>> captures;  // what {name} stood for, decoded

  std::string_view capture(std::string_view name) const;  // empty if the route has no such part
  std::optional<std::string> parameter(std::string_view name) const;  // of the query, decoded
  bool operator==(const Request&) const = default;
};

struct Response {
  int status = 200;
  std::string type;  // Content-Type; none when empty
  Headers headers;
  std::string body;

  bool operator==(const Response&) const = default;
};

std::string_view reason_of(int status);  // "Not Found"; empty for a number that has no name

Response json_response(int status, std::string body);
Response text_response(int status, std::string body);

// RFC 9457: application/problem+json with the status, its name, and what is wrong in this case;
// and, as `try`, what may help.
Response problem(int status, std::string_view detail, std::string_view attempt = {});

// "%2F" becomes "/". Nothing when an escape is broken or stands for a NUL byte.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space = false);

}  // namespace stepback::http
