// SPDX-License-Identifier: Apache-2.0
#pragma once

// Archive: the files of `stepback rca`, each complete in itself, so that they say the same when the
// sources are gone; and their chain, where each line carries the digest of a file and of the line
// before it, so that a changed, missing or added file is seen. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/query.hpp"

namespace stepback::cli {

struct ArchiveFile {
  std::string name;
  std::string bytes;
};

std::vector<ArchiveFile> archive_of(const Evidence& evidence);

inline constexpr std::string_view chain_name = "chain.jsonl";

struct Chain {
  std::string text;  // one line for each file, in their order
  std::string end;   // of the last line: whoever knows it knows them all
};
Chain chain_of(const std::vector<ArchiveFile>& files);

struct Proof {
  std::string end;                       // of the chain
  std::vector<std::string> differences;  // what is not as it says, a line for each
};
// corrupt: the chain itself cannot be read, or was changed.
Result<Proof> prove(std::string_view chain, const std::vector<ArchiveFile>& files);

}  // namespace stepback::cli
