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
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "stepback-XXXXXX").string();
    ENSURE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
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
  std::filesystem::path path_;
};

}  // namespace stepback::testing
