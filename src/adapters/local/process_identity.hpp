// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which process it is, so that another one that got the same number later is not mistaken for it:
// the number, when it started, in which boot and in which process namespace. Written into records
// by one process and read by another. Usable from any thread.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace stepback::local {

struct ProcessIdentity {
  pid_t id = 0;
  std::uint64_t started = 0;  // ticks since the boot
  std::string world;          // the boot, and the namespace in which the number counts

  bool operator==(const ProcessIdentity&) const = default;
};

Result<ProcessIdentity> identity_of(pid_t id);  // not_found: it has ended
ProcessIdentity own_identity();

// Not to be told: it lives in another namespace of this machine (a container beside ours).
enum class Life { alive, gone, not_to_be_told };
Life life_of(const ProcessIdentity& process);  // ended and not yet waited for counts as gone

// The living processes of the group that `leader` led: those that began since, and that have
// `mark` in their environment if the leader itself is gone.
std::vector<pid_t> members_of_group(const ProcessIdentity& leader, const std::string& mark);

json::Value encode(const ProcessIdentity& process);
Result<ProcessIdentity> decode_process(const json::Reader& from);

}  // namespace stepback::local
