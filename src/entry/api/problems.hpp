// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is answered when something cannot be: the one table from error codes to HTTP statuses, and a
// problem document with what is wrong and a command that helps.

#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "http/message.hpp"

namespace stepback {

constexpr int http_status(Code code) {
  switch (code) {
    case Code::invalid: return 400;
    case Code::not_found: return 404;
    case Code::conflict: return 409;
    case Code::denied: return 403;
    case Code::unavailable: return 503;
    case Code::timeout: return 504;
    case Code::corrupt: return 500;
    case Code::internal: return 500;
  }
  std::unreachable();
}

constexpr std::string_view attempt_after(Code code) {
  switch (code) {
    case Code::invalid: return "stepback help formats";
    case Code::not_found: return "stepback status";
    case Code::conflict: return "stepback watch";
    case Code::denied: return "stepback hold list";
    case Code::unavailable: return "stepback doctor";
    case Code::timeout: return "stepback doctor";
    case Code::corrupt: return "stepback audit verify";
    case Code::internal: return "stepback audit verify";
  }
  std::unreachable();
}

inline http::Response refusal(const Error& error, std::string_view attempt = {}) {
  return http::problem(http_status(error.code), error.message,
                       attempt.empty() ? attempt_after(error.code) : attempt);
}

}  // namespace stepback
