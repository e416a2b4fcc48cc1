// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port LiveVersion: asks the service itself which version runs, over HTTP or by a command, and
// adds the number under which the pointer was last written. Usable from any thread.

#include <string>
#include <vector>

#include "domain/environment.hpp"
#include "ports/delivery.hpp"
#include "ports/observation.hpp"

namespace stepback::local {

// An address or a command; with neither, only the pointer is read, which is less proof.
struct VersionSource {
  Environment environment;
  std::string url;
  std::string version_pointer = "/version";  // into the JSON of the answer
  std::string digest_pointer;                // empty: the answer does not say
  std::vector<std::string> command;          // prints the version in its first line
  Duration timeout = seconds(5);
};

struct LiveVersionsConfig {
  std::vector<VersionSource> sources;
};

class LiveVersions final : public LiveVersion {
 public:
  LiveVersions(LiveVersionsConfig config, Artifacts& artifacts, const Clock& clock)
      : config_(std::move(config)), artifacts_(artifacts), clock_(clock) {}

  // What could not be asked is not an error: `seen` is false and `detail` says why. An error is
  // that of the pointer.
  Result<VersionSeen> read(const Environment& environment) override;

 private:
  Result<> ask_url(const VersionSource& source, VersionSeen& seen);
  Result<> ask_command(const VersionSource& source, VersionSeen& seen);

  LiveVersionsConfig config_;
  Artifacts& artifacts_;
  const Clock& clock_;
};

}  // namespace stepback::local
