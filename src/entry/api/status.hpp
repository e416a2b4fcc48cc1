// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one table from error codes to HTTP statuses.

#include <utility>

#include "base/result.hpp"

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

}  // namespace stepback
