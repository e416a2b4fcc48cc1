// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a release of the sample worker says of itself: a file `release.conf` of key=value lines in
// its directory. The worker reads it from where it really runs, never from what it was told.

#include <filesystem>
#include <optional>
#include <string>

namespace worker {

struct Release {
  std::string version;
  std::string digest;               // of the manifest beside the release, empty when there is none
  std::optional<int> bad_after_ms;  // answers 500 from so long after its start ...
  std::string bad_in;               // ... in this environment only; empty: everywhere
  bool ignores_sigterm = false;
};

// `directory` may be a symbolic link; it is resolved first.
std::optional<Release> read_release(const std::filesystem::path& directory);

// Versions listed in the file `broken` beside `current` answer 500: the world outside turning bad.
bool is_broken(const std::filesystem::path& root, const std::string& version);

}  // namespace worker
