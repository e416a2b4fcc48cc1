// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/liveness.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/id.hpp"
#include "base/random.hpp"

namespace stepback::local {
namespace {

constexpr std::size_t longest_host = 40;
constexpr std::size_t longest_holder = 100;

std::string path_of(const std::string& state_directory, const std::string& holder) {
  return state_directory + "/workers/" + holder + ".lock";
}

}  // namespace

std::string own_host() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  std::string host;
  for (const char c : std::string_view(name.data())) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (host.size() < longest_host) host += is_plain ? c : '-';
  }
  return host.empty() || host[0] == '-' ? "host" + host : host;
}

Result<Presence> Presence::begin(const std::string& state_directory, const std::string& host) {
  const std::string holder = fmt::format("{}-{}-{:016x}", host, ::getpid(), entropy());
  if (!is_plain_token(holder, longest_holder)) {
    return fail(Code::invalid, "the name of this host can't be part of a file's name");
  }
  TRY(make_directories(state_directory + "/workers"));
  const std::string path = path_of(state_directory, holder);
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!lock.is_open()) return fail(system_error("create", path, errno));
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    return fail(system_error("lock", path, errno));
  }
  return Presence(holder, path, std::move(lock));
}

Presence::~Presence() {
  // A file that stays behind is unlocked, and says the same.
  if (lock_.is_open()) ::unlink(path_.c_str());
}

bool WorkerLiveness::is_dead(const std::string& holder) {
  if (!holder.starts_with(host_ + "-") || !is_plain_token(holder, longest_holder)) return false;
  const std::string path = path_of(state_directory_, holder);
  const Descriptor lock(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!lock.is_open()) return errno == ENOENT;
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) return false;
  ::unlink(path.c_str());
  return true;
}

}  // namespace stepback::local
