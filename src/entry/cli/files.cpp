// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/files.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace stepback::cli {
namespace {

std::unexpected<Error> failed(const std::string& deed, const std::string& path) {
  const int number = errno;
  const auto code = number == ENOENT                      ? Code::not_found
                    : number == EACCES || number == EPERM ? Code::denied
                                                          : Code::unavailable;
  return fail(code, fmt::format("{} {}: {}", deed, path,
                                number == 0 ? "it is not a file" : std::strerror(number)));
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed("opening", path);
  std::string bytes(limit + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad() || std::filesystem::is_directory(path)) return failed("reading", path);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > limit)
    return fail(Code::invalid, fmt::format("{} is larger than {} bytes", path, limit));
  return bytes;
}

Result<> write_file(const std::string& path, const std::string& bytes) {
  const auto beside = path + ".new";
  errno = 0;
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << bytes;
    file.close();
    if (!file) return failed("writing", beside);
  }
  std::error_code problem;
  std::filesystem::rename(beside, path, problem);
  if (problem) return fail(Code::unavailable, "writing " + path + ": " + problem.message());
  return {};
}

}  // namespace stepback::cli
