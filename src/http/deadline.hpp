// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one deadline of a whole attempt. Everything the client waits for, it waits for here, beside
// a timer of the kernel's: so an attempt ends at its deadline and never later, however the peer
// behaves. One thread.

#include <poll.h>

#include <span>
#include <string_view>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback::http {

enum class Waited {
  ready,    // a descriptor can be read or written, or has failed
  not_yet,  // `at_most` went by
  expired,  // the deadline has passed
};

class Deadline {
 public:
  static Result<Deadline> start(Duration within);

  // For the first of up to 16 descriptors; sets what each is ready for.
  Waited wait(std::span<pollfd> descriptors, Duration at_most) const;
  Waited wait(int descriptor, short events, Duration at_most = hours(24)) const;
  Duration left() const;

  Error passed(std::string_view stage) const;  // "timed out after 2s while connecting"

 private:
  Deadline(Descriptor timer, Duration within) : timer_(std::move(timer)), within_(within) {}

  Descriptor timer_;
  Duration within_;
};

}  // namespace stepback::http
