// SPDX-License-Identifier: Apache-2.0
#pragma once

// ENSURE: an assertion that stays on in release builds. A broken invariant stops the process;
// the store carries on after the restart. Not for input from outside: that gets a Result.

namespace stepback {
[[noreturn]] void broken(const char* condition, const char* file, int line);

// For tests that show an assertion holding: called instead of stopping the process, and must not
// return. Set before any thread is started; null restores the default.
using BrokenHandler = void (*)(const char* condition);
void set_broken_handler(BrokenHandler handler);
}  // namespace stepback

#define ENSURE(condition) \
  (static_cast<bool>(condition) ? void(0) : ::stepback::broken(#condition, __FILE__, __LINE__))
