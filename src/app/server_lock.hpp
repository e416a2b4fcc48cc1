// SPDX-License-Identifier: Apache-2.0
#pragma once

// ServerLock: held by a server for its life, so that commands on the same state know whether one
// works there. The kernel lets it go when the process dies, however it dies.

#include <string>

#include "base/result.hpp"

namespace stepback {

class ServerLock {
 public:
  static Result<ServerLock> take(const std::string& state_directory);
  static bool is_taken(const std::string& state_directory);

  ServerLock(ServerLock&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  ServerLock& operator=(ServerLock&&) = delete;
  ~ServerLock();

 private:
  explicit ServerLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace stepback
