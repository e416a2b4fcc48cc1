// SPDX-License-Identifier: Apache-2.0
#pragma once

// The record of a command that can't carry an operation number, such as a restart. It is written
// before the command begins, so that whoever comes later, in this process or another, can tell
// whether an earlier one still runs: nobody issues the next before that one has ended or is known
// to be dead. Its file is guarded by a lock that the caller holds around each call.

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/local/process.hpp"
#include "adapters/local/process_identity.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback::local {

class CommandRecord {
 public:
  CommandRecord(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

  // Success: no earlier command runs. One whose engine is dead, or whose time is over, is killed
  // for that, with its group. unavailable: one still runs, or would not die yet.
  Result<> make_way();

  // Writes down who it is, then lets it begin. The caller waits for it without the lock.
  Result<Child> begin(Command command, std::uint64_t operation, const std::string& key);
  // It has ended: forgets it, unless the record has passed to another one meanwhile.
  Result<> end(pid_t id);

  struct Running {
    std::uint64_t operation = 0;
    std::string key;
    std::string program;
  };
  Result<std::optional<Running>> running();  // only looks

 private:
  struct Entry {
    ProcessIdentity process;
    ProcessIdentity owner;
    std::uint64_t operation = 0;
    std::string key;
    std::string mark;
    Duration deadline{};  // on the clock that all processes of a boot share
    std::string program;
  };
  Result<std::optional<Entry>> read();
  bool may_run(const Entry& entry) const;
  Result<> put_down(const Entry& entry);

  std::string path_;
  const Clock& clock_;
};

}  // namespace stepback::local
