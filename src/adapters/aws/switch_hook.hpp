// SPDX-License-Identifier: Apache-2.0
#pragma once

// What follows the switch of an environment's pointer, where changing files is not enough: a build
// that deploys them, a function that is pointed at another version. Called by whoever switched,
// after the pointer was written and before it is recorded as settled; any thread.
//
// It may be called any number of times with the same key, also by a process that takes over after a
// crash: it begins what was not begun and looks at what was. under_way means: call again, a little
// later; nothing in it waits. not_started means that nothing of this key will happen any more, and
// that only a new key may begin anew. An error is the end of it, with the reason.

#include <functional>

#include "ports/delivery.hpp"

namespace stepback::aws {

struct SwitchHook {
  std::function<Result<Progress>(const Switch& change)> begin_or_look;
};

}  // namespace stepback::aws
