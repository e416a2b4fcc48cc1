// SPDX-License-Identifier: Apache-2.0
#pragma once

// ENSURE: an assertion that stays on in release builds. A broken invariant stops the process;
// the store carries on after the restart. Not for input from outside: that gets a Result.

namespace stepback {
[[noreturn]] void broken(const char* condition, const char* file, int line);
}  // namespace stepback

#define ENSURE(condition) \
  (static_cast<bool>(condition) ? void(0) : ::stepback::broken(#condition, __FILE__, __LINE__))
