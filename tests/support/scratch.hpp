// SPDX-License-Identifier: Apache-2.0
#pragma once

// Scratch: a folder of its own for one test, gone with everything in it at the end.

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "base/ensure.hpp"

namespace stepback::testing {

class Scratch {
 public:
  Scratch() : Scratch(std::filesystem::temp_directory_path()) {}

  // Where flushing costs nothing, if there is such a place: for tests with very many flushes that
  // are not about them.
  static Scratch in_memory() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code error;
    const bool there = std::filesystem::is_directory(memory, error);
    return Scratch(there ? memory : std::filesystem::temp_directory_path());
  }

  static Scratch with_copy_of(const std::filesystem::path& file) {
    return Scratch(file.parent_path().parent_path(), file);
  }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  explicit Scratch(const std::filesystem::path& parent) {
    std::string name = (parent / "stepback-").string() + std::string(6, 'X');  // mkdtemp's to fill
    ENSURE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  Scratch(const std::filesystem::path& parent, const std::filesystem::path& file)
      : Scratch(parent) {
    std::filesystem::copy_file(file, path_ / file.filename());
  }

  std::filesystem::path path_;
};

}  // namespace stepback::testing
