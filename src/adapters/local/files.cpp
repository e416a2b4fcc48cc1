// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "base/random.hpp"

namespace stepback::local {
namespace {

constexpr int lock_pause_ms = 5;

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Code code_of(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return Code::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return Code::denied;
    case EEXIST:
    case ENOTEMPTY: return Code::conflict;
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
    case EXDEV: return Code::invalid;
    default: return Code::unavailable;  // a full disk, too many files, a failing device
  }
}

}  // namespace

Error system_error(std::string_view deed, std::string_view thing, int number) {
  return {code_of(number),
          fmt::format("{} {}: {}", deed, thing, std::generic_category().message(number))};
}

Result<> make_directories(const std::string& path, mode_t mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) {
      return fail(system_error("make directory", part, errno));
    }
    if (end == std::string::npos) return {};
  }
}

Result<Descriptor> open_directory(const std::string& path) {
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return fail(system_error("open directory", path, errno));
  return directory;
}

Result<> sync_directory(const std::string& path) {
  const Descriptor directory = TRY(open_directory(path));
  if (::fsync(directory.number()) != 0) return fail(system_error("flush directory", path, errno));
  return {};
}

Result<std::string> read_descriptor(const Descriptor& file, const std::string& path,
                                    std::size_t most) {
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return fail(system_error("look at", path, errno));
  if (!S_ISREG(facts.st_mode)) return fail(Code::corrupt, path + " is not a regular file");
  std::string bytes;
  char part[16 * 1024];
  while (true) {
    const ssize_t got = ::read(file.number(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("read", path, errno));
    if (got == 0) return bytes;
    bytes.append(part, static_cast<std::size_t>(got));
    if (bytes.size() > most) {
      return fail(Code::corrupt, fmt::format("{} is longer than {} bytes", path, most));
    }
  }
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  // Not blocking, so that a pipe put in the file's place holds nobody up.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) return fail(system_error("open", path, errno));
  return read_descriptor(file, path, most);
}

Result<> write_all(const Descriptor& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file.number(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(system_error("write", path, errno));
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<> replace_file(const std::string& path, std::string_view bytes) {
  const std::string beside = fmt::format("{}.{:016x}.new", path, entropy());
  {
    const Descriptor file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return fail(system_error("create", beside, errno));
    Result<> written = write_all(file, bytes, beside);
    if (written && ::fsync(file.number()) != 0)
      written = fail(system_error("flush", beside, errno));
    if (!written) {
      ::unlink(beside.c_str());
      return written;
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(beside.c_str());
    return fail(system_error("replace", path, number));
  }
  return sync_directory(parent_of(path));
}

Result<> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail(system_error("remove", path, errno));
  }
  return {};
}

Result<std::vector<std::string>> names_in(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) {
    if (errno == ENOENT) return std::vector<std::string>{};
    return fail(system_error("list", path, errno));
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return fail(system_error("list", path, errno));
  std::ranges::sort(names);
  return names;
}

Result<FileLock> FileLock::take(const std::string& path, Duration patience) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return fail(system_error("open lock", path, errno));
  // flock has no deadline of its own, and a stopped holder must not stop us too: so we ask again,
  // a bounded number of times. Those who hold it do so for milliseconds.
  for (Duration waited{};; waited += Duration(lock_pause_ms)) {
    if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) return FileLock(std::move(file));
    if (errno != EWOULDBLOCK && errno != EINTR) return fail(system_error("lock", path, errno));
    if (waited >= patience) {
      return fail(Code::unavailable, path + " is locked: somebody else is at it, try again");
    }
    ::poll(nullptr, 0, lock_pause_ms);
  }
}

}  // namespace stepback::local
