// SPDX-License-Identifier: Apache-2.0
#pragma once

// Delivery: what the engine needs of the places where versions run. Every act is idempotent and may
// be asked for twice. conflict means: a newer number was there, nothing was changed.

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "domain/target.hpp"

namespace stepback {

struct PipelineState {
  bool idle = true;  // nothing is deploying
  std::string text;
};

class Pipeline {
 public:
  virtual ~Pipeline() = default;
  // Stops whatever is still deploying into the environment. Nothing running is success; the text
  // says what was found. unavailable: still stopping, ask again.
  virtual Result<std::string> stop(const Environment& environment, const std::string& reason) = 0;
  virtual Result<PipelineState> state(const Environment& environment) = 0;
};

// The live pointer: what the publisher wrote last, and under which number.
struct Pointer {
  Version version;
  Digest digest;
  std::uint64_t operation = 0;  // of the last accepted write; 0: never written
  bool settled = false;         // what follows the switch (a restart) has happened too
  // What follows is done elsewhere (a build, an alias), and may take long. Asking for the same
  // switch under the same number begins nothing twice: it looks how far that is.
  bool follows_elsewhere = false;

  // Whoever issued this number may ask for the same switch again to see how far it is.
  bool is_followed(std::uint64_t issued) const { return operation == issued && follows_elsewhere; }
};

struct Switch {
  Environment environment;
  Version version;
  Digest digest;  // verified against the manifest before and after
  std::uint64_t operation = 0;
  std::string key;   // idempotency key
  Duration limit{};  // for the whole of it
};

struct ArtifactReport {
  ArtifactState state = ArtifactState::present;
  std::string detail;
  int files = 0;
};

class Artifacts {
 public:
  virtual ~Artifacts() = default;
  // Are the release's artifacts there, with this digest? An empty digest asks for presence only.
  // `thorough` reads every byte; else presence, sizes and the manifest's own digest.
  virtual Result<ArtifactReport> check(const Environment& environment, const Version& version,
                                       const Digest& digest, bool thorough) = 0;
  virtual Result<Pointer> pointer(const Environment& environment) = 0;
  // Raises the pointer's number and changes nothing else: no older switch can land afterwards.
  virtual Result<> stamp(const Environment& environment, std::uint64_t operation) = 0;
  // Verify, switch, then what follows the switch. conflict: the pointer carries a higher number.
  // corrupt: the artifacts are not what was recorded; the pointer was not touched. timeout: it was
  // not seen to be over; the pointer tells how far it is.
  virtual Result<std::string> switch_to(const Switch& change) = 0;
};

// Puts a version's files where a deployment, and later a rollback, takes them from.
class Publisher {
 public:
  virtual ~Publisher() = default;
  // Create-only: the same content again is success, other content under the same version is denied.
  virtual Result<Digest> publish(const Environment& environment, const Version& version,
                                 const std::string& from_directory) = 0;
  // Where a version's files lie, for people; empty where nobody would look there.
  virtual std::string location(const Environment& /*environment*/,
                               const Version& /*version*/) const {
    return {};
  }
};

enum class Progress { done, under_way, not_started };

struct InfrastructureReport {
  Progress progress = Progress::done;
  std::string detail;
};

struct InfrastructureChange {
  Environment environment;
  std::string infrastructure_version;  // of the target: a commit, a template
  Version version;
  std::uint64_t operation = 0;
  std::string key;
  Duration limit{};
};

// Cannot carry our number: so nobody issues or observes here before every earlier request is
// answered or known to be dead. `look` says under_way until then.
class Infrastructure {
 public:
  virtual ~Infrastructure() = default;
  virtual bool configured() const = 0;
  virtual Result<InfrastructureReport> revert(const InfrastructureChange& change) = 0;
  virtual Result<InfrastructureReport> look(const InfrastructureChange& change) = 0;
};

}  // namespace stepback
