// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inspection: what people want to look at when something is wrong, and no rollback decides from:
// what lies where versions are kept, logs, the delivery pipeline, alarms' history, the sources, and
// the wiring that brings events. Everything but Shelf::restore only reads. An error means that it
// could not be looked at.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "base/result.hpp"
#include "domain/alarm.hpp"
#include "domain/deployment.hpp"
#include "domain/wiring.hpp"

namespace stepback {

// --- where versions are kept --------------------------------------------------------------------

struct Shelved {
  Version version;
  Digest digest;  // of its manifest; empty: it has none that can be read
  int files = 0;
  std::uint64_t bytes = 0;
  std::string location;
  std::optional<Instant> written_at;
  std::optional<Instant> expires_at;  // a rule takes it away then
};

enum class Absence { never_there, deleted, expired };
template <>
inline constexpr Names<Absence, Absence::expired> names_of<Absence>{"never", "deleted", "expired"};

struct Missing {
  Absence how = Absence::never_there;
  std::optional<Instant> since;
  bool restorable = false;  // its bytes are still kept behind what says that it is gone
  std::string detail;
};

struct ShelfRules {
  bool keeps_deleted = false;        // what is deleted can be brought back for a while
  std::optional<Duration> kept_for;  // the shortest time after which a rule takes a version away
  std::string detail;
};

class Shelf {
 public:
  virtual ~Shelf() = default;
  virtual Result<std::vector<Shelved>> list(const Environment& environment,
                                            std::size_t limit) = 0;  // newest first
  virtual Result<Shelved> find(const Environment& environment,
                               const Version& version) = 0;  // not_found: it is not there
  // Why a version that is not there is not there.
  virtual Result<Missing> missing(const Environment& environment, const Version& version) = 0;
  // Brings back what was deleted and is still kept. not_found: there is nothing to bring back.
  virtual Result<std::string> restore(const Environment& environment, const Version& version) = 0;
  virtual Result<ShelfRules> rules(const Environment& environment) = 0;
  // What a directory's content would be called as a release; nothing is published.
  virtual Result<Digest> digest_of(const Environment& environment,
                                   const std::string& directory) = 0;
};

// --- logs ---------------------------------------------------------------------------------------

struct LogLine {
  Instant at;
  std::string source;  // the file's or the group's name
  std::string text;
  bool is_error = false;

  bool operator==(const LogLine&) const = default;
};

struct LogQuery {
  Environment environment;
  Instant since;
  Instant until;  // not at it
  bool errors_only = false;
  std::size_t limit = 1000;  // the newest of them
};

class LogReader {
 public:
  virtual ~LogReader() = default;
  virtual Result<std::vector<LogLine>> read_lines(const LogQuery& query) = 0;  // oldest first
};

// --- the delivery pipeline ----------------------------------------------------------------------

struct PipelineStage {
  std::string name;
  std::string state;
  std::string detail;
  std::optional<Instant> at;
};

struct PipelineSeen {
  std::string name;  // empty: none is configured
  bool idle = true;
  std::string text;
  std::vector<PipelineStage> stages;
};

class PipelineView {
 public:
  virtual ~PipelineView() = default;
  virtual Result<PipelineSeen> look_at_pipeline(const Environment& environment) = 0;
};

// --- alarms' history ----------------------------------------------------------------------------

struct AlarmTurn {
  std::string name;
  Instant at;
  AlarmState from = AlarmState::ok;
  AlarmState to = AlarmState::ok;
  std::string reason;

  bool operator==(const AlarmTurn&) const = default;
};

class AlarmHistory {
 public:
  virtual ~AlarmHistory() = default;
  // Changes of state of all alarms of the environment, oldest first.
  virtual Result<std::vector<AlarmTurn>> turns(const Environment& environment, Instant since,
                                               Instant until) = 0;
};

// --- the sources --------------------------------------------------------------------------------

struct SourceCommit {
  std::string id;
  Instant at;
  std::string author;
  std::string subject;
};

class Repository {
 public:
  virtual ~Repository() = default;
  virtual bool has_sources(const Environment& environment) = 0;
  virtual Result<std::vector<SourceCommit>> commits(const Environment& environment, Instant since,
                                                    std::size_t limit) = 0;  // newest first
  // What differs, as a list of files with how much of each. not_found: it does not know one.
  virtual Result<std::string> differences(const Environment& environment, const Version& from,
                                          const Version& to) = 0;
  virtual Result<bool> knows(const Environment& environment, const Version& version) = 0;
};

// --- the wiring ---------------------------------------------------------------------------------

class Wiring {
 public:
  virtual ~Wiring() = default;
  // Each part once; what could not be asked says so in its place.
  virtual std::vector<WireSeen> look_at_wiring(const Environment& environment) = 0;
};

}  // namespace stepback
