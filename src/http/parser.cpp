// SPDX-License-Identifier: Apache-2.0
#include "http/parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

namespace stepback::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::string_view;

std::string_view view(string_view text) { return {text.data(), text.size()}; }

// Beast takes no step back from a request whose coding it does not know: it would read the body as
// the next request.
bool has_unknown_coding(const Headers& headers, bool chunked) {
  return headers.find("Transfer-Encoding").has_value() && !chunked;
}

std::string_view meaning_of(const error_code& error) {
  using Error = beast::http::error;
  if (error == Error::header_limit) return "the header is too large";
  if (error == Error::body_limit) return "the body is too large";
  if (error == Error::partial_message) return "the message was cut off";
  if (error == Error::bad_version) return "it is not HTTP/1.1";
  if (error == Error::bad_content_length || error == Error::multiple_content_length) {
    return "the Content-Length is wrong";
  }
  if (error == Error::bad_chunk || error == Error::bad_chunk_extension) return "a chunk is wrong";
  if (error == Error::bad_transfer_encoding) return "the Transfer-Encoding is wrong";
  return "it is not HTTP";
}

Progress refusal(std::size_t used, const error_code& error) {
  using Error = beast::http::error;
  const bool is_too_large = error == Error::body_limit;
  const int status = is_too_large ? 413 : error == Error::header_limit ? 431 : 400;
  return {.used = used,
          .done = false,
          .wrong = meaning_of(error),
          .status = status,
          .is_too_large = is_too_large};
}

Progress wrong_coding(std::size_t used) {
  return {.used = used,
          .done = false,
          .wrong = "the Transfer-Encoding is not known",
          .status = 501,
          .is_too_large = false};
}

Progress wrong_host(std::size_t used) {
  return {.used = used,
          .done = false,
          .wrong = "there must be one Host header",
          .status = 400,
          .is_too_large = false};
}

// What both directions do the same way.
template <bool is_request>
class Reading : public beast::http::basic_parser<is_request> {
 public:
  explicit Reading(MessageLimits limits) {
    this->header_limit(static_cast<std::uint32_t>(limits.header));
    this->body_limit(limits.body);
    this->eager(true);
  }

  Headers headers;
  std::string body;

 private:
  void on_field_impl(beast::http::field, string_view name, string_view value,
                     error_code&) override {
    if (!is_header_over_) headers.add(view(name), view(value));  // trailers are passed over
  }
  void on_header_impl(error_code&) override { is_header_over_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) body.reserve(static_cast<std::size_t>(*length));  // at most the limit
  }
  std::size_t on_body_impl(string_view part, error_code&) override {
    body.append(part.data(), part.size());
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override {
    body.append(part.data(), part.size());
    return part.size();
  }
  void on_finish_impl(error_code&) override {}

  bool is_header_over_ = false;
};

class RequestReading final : public Reading<true> {
 public:
  using Reading::Reading;
  Method method = Method::other;
  std::string target;
  bool is_http_1_1 = false;

 private:
  void on_request_impl(beast::http::verb, string_view name, string_view text, int version,
                       error_code&) override {
    method = method_of(view(name));
    target.assign(text.data(), text.size());
    is_http_1_1 = version == 11;
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
};

class ResponseReading final : public Reading<false> {
 public:
  using Reading::Reading;
  int status = 0;

 private:
  void on_request_impl(beast::http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { status = code; }
};

// The path and the query of a target in any of its forms; a proxy's form names the host as well.
void split_target(std::string_view target, Request& request) {
  if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != target.npos) {
    const auto path = target.find_first_of("/?", scheme + 3);
    target = path == target.npos ? "/" : target.substr(path);
  }
  const auto question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
}

std::size_t count_of(const Headers& headers, std::string_view name) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (equal_ignoring_case(headers[i].first, name)) ++count;
  }
  return count;
}

}  // namespace

struct RequestParser::Parser {
  explicit Parser(MessageLimits l) : limits(l) { reading.emplace(l); }

  MessageLimits limits;
  std::optional<RequestReading> reading;  // Beast's parsers are for one message each
};

RequestParser::RequestParser(MessageLimits limits) : parser_(std::make_unique<Parser>(limits)) {}

RequestParser::~RequestParser() = default;

Progress RequestParser::feed(std::string_view bytes) {
  RequestReading& reading = *parser_->reading;
  error_code error;
  const std::size_t used = reading.put({bytes.data(), bytes.size()}, error);
  if (error == beast::http::error::need_more) {
    // A line that never ends, in a chunk's header or a trailer, is not Beast's to bound.
    if (bytes.size() - used > parser_->limits.header) {
      return refusal(used, beast::http::error::header_limit);
    }
    error = {};
  }
  if (error) return refusal(used, error);
  if (reading.is_header_done()) {
    if (has_unknown_coding(reading.headers, reading.chunked())) return wrong_coding(used);
    const std::size_t hosts = count_of(reading.headers, "Host");
    if (hosts > 1 || (hosts == 0 && reading.is_http_1_1)) return wrong_host(used);
  }
  return {.used = used, .done = reading.is_done(), .wrong = {}, .status = 0, .is_too_large = false};
}

Request RequestParser::take() {
  RequestReading& reading = *parser_->reading;
  Request request;
  request.method = reading.method;
  split_target(reading.target, request);
  request.headers = std::move(reading.headers);
  request.body = std::move(reading.body);
  parser_->reading.emplace(parser_->limits);
  return request;
}

bool RequestParser::has_begun() const { return parser_->reading->got_some(); }

bool RequestParser::has_header() const { return parser_->reading->is_header_done(); }

bool RequestParser::keeps_alive() const {
  return parser_->reading->is_http_1_1 && parser_->reading->keep_alive();
}

bool RequestParser::wants_continue() const {
  return parser_->reading->headers.has_token("Expect", "100-continue");
}

struct ResponseParser::Parser {
  Parser(MessageLimits l, bool head) : limits(l), answers_head(head) { begin(); }

  void begin() {
    reading.emplace(limits);
    reading->skip(answers_head);
  }

  MessageLimits limits;
  bool answers_head;
  std::optional<ResponseReading> reading;
};

ResponseParser::ResponseParser(MessageLimits limits, bool answers_head)
    : parser_(std::make_unique<Parser>(limits, answers_head)) {}

ResponseParser::~ResponseParser() = default;

Progress ResponseParser::feed(std::string_view bytes) {
  Progress progress{.used = 0, .done = false, .wrong = {}, .status = 502, .is_too_large = false};
  while (progress.used < bytes.size()) {
    ResponseReading& reading = *parser_->reading;
    const std::string_view rest = bytes.substr(progress.used);
    error_code error;
    const std::size_t used = reading.put({rest.data(), rest.size()}, error);
    progress.used += used;
    if (error == beast::http::error::need_more) {
      if (rest.size() - used <= parser_->limits.header) return progress;
      error = beast::http::error::header_limit;
    }
    if (error) return refusal(progress.used, error);
    if (reading.is_header_done() && has_unknown_coding(reading.headers, reading.chunked())) {
      return wrong_coding(progress.used);
    }
    if (!reading.is_done()) return progress;
    if (reading.status < 100 || reading.status > 199) {
      progress.done = true;
      return progress;
    }
    parser_->begin();
  }
  return progress;
}

Progress ResponseParser::finish() {
  ResponseReading& reading = *parser_->reading;
  error_code error;
  if (reading.got_some()) {
    reading.put_eof(error);
  } else {
    error = beast::http::error::partial_message;
  }
  if (error) return refusal(0, error);
  return {.used = 0, .done = true, .wrong = {}, .status = 0, .is_too_large = false};
}

Response ResponseParser::take() {
  ResponseReading& reading = *parser_->reading;
  Response response;
  response.status = reading.status;
  response.headers = std::move(reading.headers);
  response.type = response.headers.find("Content-Type").value_or("");
  response.body = std::move(reading.body);
  return response;
}

bool ResponseParser::keeps_alive() const { return parser_->reading->keep_alive(); }

}  // namespace stepback::http
