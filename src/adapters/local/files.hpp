// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files that outlive a crash, and the locks and handles that go with them: what the other rooms of
// this folder keep their state in. State files are 0600 in directories of 0700; a replaced file is
// either the old one or the new one, whatever dies. Usable from any thread.

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback::local {

// The error that errno stands for, with the deed and the thing: "open /x/y: Permission denied".
Error system_error(std::string_view deed, std::string_view thing, int number);

inline constexpr std::size_t most_state_bytes = 1024 * 1024;

inline constexpr mode_t private_mode = 0700;
inline constexpr mode_t shared_mode = 0755;  // what the service itself must read

Result<> make_directories(const std::string& path, mode_t mode = private_mode);  // the missing ones
Result<Descriptor> open_directory(const std::string& path);
Result<> sync_directory(const std::string& path);

// The whole file. not_found when there is none; corrupt when it is longer than `most`, or not a
// regular file.
Result<std::string> read_file(const std::string& path, std::size_t most = most_state_bytes);
Result<std::string> read_descriptor(const Descriptor& file, const std::string& path,
                                    std::size_t most);

// Written beside it, flushed and renamed, with the directory flushed too: durable on success.
Result<> replace_file(const std::string& path, std::string_view bytes);
Result<> write_all(const Descriptor& file, std::string_view bytes, const std::string& path);
Result<> remove_file(const std::string& path);  // none there is success

// Names in a directory, without "." and "..", sorted. None when there is no such directory.
Result<std::vector<std::string>> names_in(const std::string& path);

// A lock on a file of its own, held by this object: between threads as between processes, and let
// go when the process dies. The file stays where it is.
class FileLock {
 public:
  // unavailable when somebody else still has it after `patience`.
  static Result<FileLock> take(const std::string& path, Duration patience = Duration(0));

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}

  Descriptor file_;
};

}  // namespace stepback::local
