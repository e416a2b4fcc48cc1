// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which addresses a configuration may name for probes and webhooks. Requests to them leave from a
// machine that others may not reach, so what gives out credentials, and every spelling that looks
// like one host and is another, is refused. Pure; used by the configuration's reader.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace stepback {

Result<> check_address(std::string_view url);

struct Listening {
  std::string host;
  std::uint16_t port = 0;
  bool is_loopback = false;
};

// "127.0.0.1:8431", "[::1]:8431", "localhost:8431". Port 0 means any that is free.
Result<Listening> parse_listening(std::string_view text);

}  // namespace stepback
