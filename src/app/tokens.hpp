// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tokens: the file that says who may use the server, with hashes only, for its owner alone (0600).
// The command line writes it, whole and at once; the server reads it again when it has changed.

#include <mutex>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/access.hpp"

namespace stepback {

// None where there is no such file. denied: others may read it; corrupt: it is not what we write.
Result<TokenRecords> read_tokens(const std::string& path);
Result<> write_tokens(const std::string& path, const TokenRecords& records);

// The token itself, to be shown once.
Result<std::string> add_token(const std::string& path, const std::string& name, CallerRole role,
                              Instant now);
Result<> remove_token(const std::string& path, const std::string& name);

// What holds now, for many who ask at once. A file that cannot be read lets nobody in.
class TokenFile {
 public:
  explicit TokenFile(std::string path) : path_(std::move(path)) {}
  TokenRecords now();
  Result<> check();  // whether it can be read

 private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = -1;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  Stamp stamp() const;

  const std::string path_;
  std::mutex mutex_;  // guards the two below
  std::optional<Stamp> read_at_;
  TokenRecords records_;
};

}  // namespace stepback
