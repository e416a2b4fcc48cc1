// SPDX-License-Identifier: Apache-2.0
#pragma once

// Retention: which old records something still needs. Pure; a store that keeps its records where
// they can't be asked by query uses it.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "domain/deploying.hpp"

namespace stepback {

// All there is, oldest first.
struct Holdings {
  std::vector<Head> heads;
  std::vector<Rollback> rollbacks;
  std::vector<Deployment> deployments;
};

// Ids of what stays, however old: what a head or an active rollback names, what is unfinished and
// what it came from, and the newest `keep_good` good deployments of each environment.
std::set<std::string> needed_deployments(const Holdings& all, int keep_good);
// Ids of what is active, or named by a head, a deployment or an active rollback.
std::set<std::string> needed_rollbacks(const Holdings& all);

// What went from one environment, and the entry that tells of it.
struct Gone {
  std::uint64_t deployments = 0;
  std::uint64_t rollbacks = 0;
  std::uint64_t triggers = 0;
  std::uint64_t notices = 0;
  std::vector<std::string> records;  // their names, as marks have them; where a journal keeps those
};
JournalEntry expiry_entry(const Environment& environment, const Gone& gone, Instant before);

}  // namespace stepback
