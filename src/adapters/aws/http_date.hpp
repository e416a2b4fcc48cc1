// SPDX-License-Identifier: Apache-2.0
#pragma once

// The time in a header of HTTP. Inner to this room; pure.

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace stepback::aws {

// "Tue, 27 Jan 2026 10:18:04 GMT", the only form that is sent today.
std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace stepback::aws
