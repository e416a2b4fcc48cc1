// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

namespace stepback {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::not_found: return "not_found";
    case Code::conflict: return "conflict";
    case Code::denied: return "denied";
    case Code::unavailable: return "unavailable";
    case Code::timeout: return "timeout";
    case Code::corrupt: return "corrupt";
    case Code::internal: return "internal";
  }
  std::unreachable();
}

bool is_retriable(Code code) { return code == Code::unavailable || code == Code::timeout; }

}  // namespace stepback
