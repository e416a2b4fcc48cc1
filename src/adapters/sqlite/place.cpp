// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/place.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

namespace stepback::sqlite {
namespace {

std::unexpected<Error> failed(std::string_view deed, const std::string& path, int error) {
  const bool is_denied = error == EACCES || error == EPERM || error == EROFS;
  const bool is_missing = error == ENOENT || error == ENOTDIR;
  const Code code = is_denied ? Code::denied : is_missing ? Code::not_found : Code::unavailable;
  return fail(code, fmt::format("{} {}: {}", deed, path,
                                std::error_code(error, std::generic_category()).message()));
}

struct RemoteDisk {
  std::uint64_t magic;
  std::string_view name;
};
// The numbers are the kernel's (linux/magic.h and the file systems' own sources).
constexpr std::array remote_disks{
    RemoteDisk{0x6969, "NFS"},      RemoteDisk{0x517B, "SMB"},       RemoteDisk{0xFF534D42, "CIFS"},
    RemoteDisk{0xFE534D42, "SMB2"}, RemoteDisk{0x5346414F, "AFS"},   RemoteDisk{0x6B414653, "AFS"},
    RemoteDisk{0x73757245, "Coda"}, RemoteDisk{0x564C, "NCP"},       RemoteDisk{0x00C36400, "Ceph"},
    RemoteDisk{0x01161970, "GFS2"}, RemoteDisk{0x0BD00BD0, "Lustre"}};

Result<> check_is_local(const std::string& folder) {
  struct statfs disk{};
  if (::statfs(folder.c_str(), &disk) != 0) return failed("looking at", folder, errno);
  // The kernel's field is signed here and there; the numbers have 32 bits.
  const auto magic = static_cast<std::uint32_t>(disk.f_type);
  for (const auto& remote : remote_disks) {
    if (remote.magic != magic) continue;
    return fail(Code::invalid, fmt::format("{} is on {}: the store needs a disk of this machine",
                                           folder, remote.name));
  }
  return {};
}

Result<> make_folders(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::exists(folder)) return {};
  TRY(make_folders(folder.parent_path()));
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return failed("making", folder.string(), errno);
  }
  return {};
}

// A new name in a folder is on the disk only when the folder is.
Result<> flush_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed("opening", folder, errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0) return failed("flushing", folder, error);
  return {};
}

}  // namespace

Result<> make_place(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) TRY(make_folders(folder));
  TRY(check_is_local(folder));
  // Before SQLite does, so that it is never readable for others; the log and the index beside it
  // get the same rights.
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    if (errno == EEXIST) return {};
    return failed("making", path, errno);
  }
  ::close(descriptor);
  return flush_folder(folder);
}

Result<Identity> identity_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return failed("looking at", path, errno);
  return Identity{static_cast<std::uint64_t>(status.st_dev),
                  static_cast<std::uint64_t>(status.st_ino)};
}

Result<std::uint64_t> free_bytes(const std::string& path) {
  struct statvfs disk{};
  if (::statvfs(path.c_str(), &disk) != 0) return failed("looking at", path, errno);
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

}  // namespace stepback::sqlite
