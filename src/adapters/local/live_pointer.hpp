// SPDX-License-Identifier: Apache-2.0
#pragma once

// The live pointer of an environment: the link `current`, and beside it `current.stamp`, which
// carries the number of the last accepted write and what has been settled. Whoever writes holds
// lock(); whoever only looks needs none. Used by `releases`.

#include <cstdint>
#include <string>

#include "adapters/local/command_record.hpp"
#include "adapters/local/files.hpp"
#include "domain/deployment.hpp"

namespace stepback::local {

struct PointerStamp {
  std::string version;  // as of the last switch that moved the link; it may be ahead after a crash
  std::string digest;
  std::uint64_t operation = 0;  // the highest number accepted: only grows
  std::uint64_t switched = 0;   // the number of the last switch that began
  std::uint64_t settled = 0;    // the number of the last switch that succeeded, to its very end
};

class LivePointer {
 public:
  static Result<LivePointer> open(const std::string& root);

  Result<FileLock> lock() const;
  CommandRecord command(const Clock& clock) const;  // what may still follow an earlier switch

  Result<PointerStamp> read_stamp() const;  // all empty when it was never written
  Result<> write_stamp(const PointerStamp& stamp) const;

  // The release it leads to; empty when there is no link. corrupt: it leads to something else.
  Result<std::string> version() const;
  // One rename: whoever looks sees the old release or the new one. corrupt: the release is no
  // longer the directory that `tree` is open on.
  Result<> move_to(const Version& version, const Descriptor& tree) const;

 private:
  LivePointer(std::string root, Descriptor handle)
      : root_(std::move(root)), handle_(std::move(handle)) {}
  Result<> must_lead_to(const std::string& name, const Descriptor& tree) const;

  std::string root_;
  Descriptor handle_;
};

}  // namespace stepback::local
