// SPDX-License-Identifier: Apache-2.0
#pragma once

// Liveness: whether the process that holds a lease is known to be dead, so that nobody waits for
// the lease to lapse. Only a hint: safety rests on revisions and operation numbers.

#include <string>

namespace stepback {

class Liveness {
 public:
  virtual ~Liveness() = default;
  virtual bool is_dead(const std::string& holder) = 0;
};

}  // namespace stepback
