// SPDX-License-Identifier: Apache-2.0
#pragma once

// Place: the file and the folder of the store, before and beside SQLite: who may read them, on
// which disk they are, how much room there is.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace stepback::sqlite {

// Makes the folder (0700) and the file (0600) where there are none, and refuses a disk that is on
// another machine: its locks are promises, and the log's shared memory does not work there.
Result<> make_place(const std::string& path);

// Which file it is, so that another one under the same name is noticed.
struct Identity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;

  bool operator==(const Identity&) const = default;
};
Result<Identity> identity_of(const std::string& path);

Result<std::uint64_t> free_bytes(const std::string& path);

}  // namespace stepback::sqlite
