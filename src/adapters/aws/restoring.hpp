// SPDX-License-Identifier: Apache-2.0
#pragma once

// A release's files on S3: seen in lists, proven by their checksums, and copied on the server to
// where they run from. No byte of a file passes through us, but for a store that keeps no SHA-256.
// Every deed here may be done again. Inner to this room; the deeds run on several threads.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/release_place.hpp"

namespace stepback::aws {

struct FileSeen {
  std::string etag;
  std::uint64_t size = 0;
  bool is_there = false;
  bool is_archived = false;
};

struct TreeSeen {
  std::vector<FileSeen> files;      // in the order of the release's
  std::vector<std::string> extras;  // what the release does not have
};

// What a list said, put beside the release. `wanted` waits for the release, for the first page is
// fetched while the manifest is; none: nobody wants to know any more.
Result<TreeSeen> list_tree(S3& s3, const Tree& tree,
                           const std::function<const ReleaseContent*()>& wanted);

// What is wrong with the first file that is not as it was recorded, as far as a list can tell.
struct Difference {
  std::size_t file = 0;
  std::string what;
  bool is_gone = false;
  bool is_archived = false;
};
std::optional<Difference> first_difference(const ReleaseContent& release, const TreeSeen& seen);

// corrupt, naming the file: its bytes are not those that were recorded.
Result<> prove(S3& s3, const ObjectName& name, const ReleaseFile& file, const ObjectFacts& facts);

// Proves every file whose ETag is not yet among `proven` (in the files' order; filled in here).
struct Proving {
  const Tree& tree;
  const ReleaseContent& release;
  const TreeSeen& seen;
  std::vector<std::string>& proven;
};
Result<> prove_all(S3& s3, const Proving& proving);

struct Restore {
  const Tree& from;
  const Tree& to;
  const ReleaseContent& release;
  const std::vector<std::string>& proven;  // the ETags that the sources have, and must keep
  std::vector<std::string>& copied;        // those that the copies were given are put here
  std::vector<std::size_t> files;          // which to copy
  std::vector<std::string> extras;         // which to delete
  std::function<Result<>()> may_go_on;     // asked before each request, by any thread
};
Result<> restore(S3& s3, const Restore& restore);

}  // namespace stepback::aws
