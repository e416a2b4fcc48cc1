// SPDX-License-Identifier: Apache-2.0
#pragma once

// Releases on one machine, and the ports Artifacts, Publisher and Shelf over them. Each environment
// has a root:
//
//   releases/<version>/            what was published, never changed afterwards
//   releases/<version>.manifest    every path, size, SHA-256 and mode; its hash is the Digest
//   current -> releases/<version>  the live pointer, replaced by one rename
//   current.stamp                  the pointer's number (operation), and what has been settled
//   current.lock, current.command  who is at it, and the command that may still run
//
// A switch first raises the number, then moves the pointer, then runs the command that makes the
// service take the new release; only then it is settled. An older number is refused from the first
// of these on, whatever dies in between. Usable from several threads and processes at once.

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/local/live_pointer.hpp"
#include "adapters/local/release_directory.hpp"
#include "ports/delivery.hpp"
#include "ports/inspection.hpp"

namespace stepback::local {

struct ReleasesConfig {
  std::string root;  // absolute, with {environment}
  // Runs after the switch: arguments with {environment}, {version}, {digest} and {release}. It has
  // STEPBACK_ENVIRONMENT, _VERSION, _DIGEST, _OPERATION and _RELEASE_DIR in its environment.
  std::vector<std::string> after_switch;
  std::vector<std::pair<std::string, std::string>> variables;  // for it, besides
  std::string directory;                                       // where it runs; empty: as we do
  Duration after_switch_limit = seconds(30);
  Duration grace = seconds(3);  // between asking it to end and killing it
};

class Releases final : public Artifacts, public Publisher, public Shelf {
 public:
  Releases(ReleasesConfig config, const Clock& clock);

  Result<ArtifactReport> check(const Environment& environment, const Version& version,
                               const Digest& digest, bool thorough) override;
  Result<Pointer> pointer(const Environment& environment) override;
  // Also unavailable while the command of an earlier switch still runs.
  Result<> stamp(const Environment& environment, std::uint64_t operation) override;
  // The same number again, with the same release, carries on where the first one stopped.
  Result<std::string> switch_to(const Switch& change) override;

  // Copies a directory in as a release, to be seen whole or not at all. invalid names what a
  // release can't hold.
  Result<Digest> publish(const Environment& environment, const Version& version,
                         const std::string& from_directory) override;
  Result<std::vector<Shelved>> list(const Environment& environment, std::size_t limit) override;
  Result<Shelved> find(const Environment& environment, const Version& version) override;
  Result<Missing> missing(const Environment& environment, const Version& version) override;
  // not_found: what is deleted on one machine is gone.
  Result<std::string> restore(const Environment& environment, const Version& version) override;
  Result<ShelfRules> rules(const Environment& environment) override;
  Result<Digest> digest_of(const Environment& environment, const std::string& directory) override;
  // Removes every other release but the live one. Returns how many went.
  Result<int> prune(const Environment& environment, const std::set<Version>& keep);

 private:
  Result<std::string> root_of(const Environment& environment) const;
  Result<> move(const LivePointer& pointer, const Switch& change, const VerifiedRelease& release);
  Result<Child> begin_command(const LivePointer& pointer, const Switch& change,
                              const Digest& digest, Duration deadline);
  Result<std::string> settle(const LivePointer& pointer, const Switch& change, Child child);

  ReleasesConfig config_;
  const Clock& clock_;
};

}  // namespace stepback::local
