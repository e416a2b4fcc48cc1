// SPDX-License-Identifier: Apache-2.0
#include "app/server_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace stepback {
namespace {

int open_lock(const std::string& state_directory, int flags) {
  return open((state_directory + "/server.lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags,
              0600);
}

}  // namespace

Result<ServerLock> ServerLock::take(const std::string& state_directory) {
  const int descriptor = open_lock(state_directory, O_CREAT);
  if (descriptor < 0) {
    return fail(Code::denied, state_directory + "/server.lock: " + std::strerror(errno));
  }
  // Shared: several servers may work on one state; the store keeps them from both acting.
  if (flock(descriptor, LOCK_SH | LOCK_NB) != 0) {
    close(descriptor);
    return fail(Code::unavailable, state_directory + "/server.lock: " + std::strerror(errno));
  }
  return ServerLock(descriptor);
}

bool ServerLock::is_taken(const std::string& state_directory) {
  const int descriptor = open_lock(state_directory, 0);
  if (descriptor < 0) return false;
  const bool taken = flock(descriptor, LOCK_EX | LOCK_NB) != 0;
  close(descriptor);
  return taken;
}

ServerLock::~ServerLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace stepback
