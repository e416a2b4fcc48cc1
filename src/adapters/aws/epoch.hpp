// SPDX-License-Identifier: Apache-2.0
#pragma once

// Times as JSON services write them: seconds since 1970 with a fraction. Some emulators write a
// text instead; both are read. Inner to this room; any thread.

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.hpp"

namespace stepback::aws {

// Whole seconds: exact, and never in the form 1.7E9.
inline std::int64_t to_epoch(Instant at) { return at.ms / 1000; }

// None when the field is not there.
inline Result<std::optional<Instant>> epoch_in(const json::Reader& object, std::string_view key) {
  if (!object.has(key)) return std::nullopt;
  const auto number = object.number(key);
  if (!number) return TRY(object.optional_instant(key));
  constexpr double latest = 253'402'300'799;  // the year 9999
  if (!(*number >= 0 && *number <= latest))
    return fail(object.wrong(key, "expected seconds since 1970"));
  return Instant{std::llround(*number * 1000)};
}

}  // namespace stepback::aws
