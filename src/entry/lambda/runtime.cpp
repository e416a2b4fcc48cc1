// SPDX-License-Identifier: Apache-2.0
#include "entry/lambda/runtime.hpp"

#include <fmt/core.h>

#include <charconv>

#include "base/json.hpp"

namespace stepback {
namespace {

constexpr std::string_view version = "2018-06-01";
constexpr std::size_t largest_event = std::size_t{8} * 1024 * 1024;
constexpr Duration as_long_as_it_takes = hours(24 * 365);  // frozen in between
constexpr Duration to_answer = seconds(10);

std::string error_document(const Error& error) {
  std::string body = R"({"errorMessage":)";
  json::append_quoted(body, error.message);
  body += R"(,"errorType":)";
  json::append_quoted(body, name_of(error.code));
  return body + R"(,"stackTrace":[]})";
}

}  // namespace

Error Runtime::serve(const Handle& handle) {
  for (;;) {
    auto invocation = next();
    if (!invocation) return invocation.error();
    const auto answer = handle(*invocation);
    const auto path = fmt::format("invocation/{}/", invocation->id);
    if (!answer)
      log_.error("invocation failed",
                 {{"request", invocation->id}, {"why", answer.error().message}});
    const auto sent = answer ? post(path + "response", *answer)
                             : post(path + "error", error_document(answer.error()),
                                    std::string(name_of(answer.error().code)));
    // Whoever invoked it will ask again; what was done is on record.
    if (!sent)
      log_.warning("the answer did not arrive",
                   {{"request", invocation->id}, {"why", sent.error().message}});
  }
}

void Runtime::refuse_to_start(const Error& error) {
  log_.error("the function cannot start", {{"why", error.message}});
  const auto sent = post("init/error", error_document(error), std::string(name_of(error.code)));
  if (!sent) log_.warning("nobody was told", {{"why", sent.error().message}});
}

Result<Invocation> Runtime::next() {
  http::Call call{.within = as_long_as_it_takes, .most_bytes = largest_event};
  call.url =
      TRY(http::parse_url(fmt::format("http://{}/{}/runtime/invocation/next", address_, version)));
  auto response = TRY(client_.send(call));
  const auto id = response.headers.find("Lambda-Runtime-Aws-Request-Id");
  if (response.status != 200 || !id)
    return fail(Code::corrupt,
                fmt::format("the runtime answered {} without an invocation", response.status));
  Invocation invocation{
      .id = std::string(*id), .body = std::move(response.body), .deadline = never};
  if (const auto deadline = response.headers.find("Lambda-Runtime-Deadline-Ms"))
    std::from_chars(deadline->data(), deadline->data() + deadline->size(), invocation.deadline.ms);
  return invocation;
}

Result<> Runtime::post(const std::string& path, std::string body, const std::string& error_type) {
  http::Call call{.method = http::Method::post, .body = std::move(body), .within = to_answer};
  call.url = TRY(http::parse_url(fmt::format("http://{}/{}/runtime/{}", address_, version, path)));
  call.headers.add("Content-Type", "application/json");
  if (!error_type.empty()) call.headers.add("Lambda-Runtime-Function-Error-Type", error_type);
  const auto response = TRY(client_.send(call));
  if (response.status / 100 != 2)
    return fail(Code::unavailable, fmt::format("the runtime answered {}", response.status));
  return {};
}

}  // namespace stepback
