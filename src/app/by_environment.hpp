// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each environment has of its own (where its versions lie, how a deployment is stopped, who
// reverts its infrastructure, who sees its alarms) as one port for all. Passes on, decides nothing.
// Any thread.

#include <map>
#include <memory>
#include <vector>

#include "adapters/local/pipeline.hpp"
#include "adapters/local/releases.hpp"
#include "app/config.hpp"
#include "ports/inspection.hpp"
#include "ports/observation.hpp"

namespace stepback {

// What answers elsewhere than on this machine; null where nothing does.
struct Elsewhere {
  Artifacts* artifacts = nullptr;
  Publisher* publisher = nullptr;
  Pipeline* pipeline = nullptr;
  Infrastructure* builds = nullptr;
  Infrastructure* stacks = nullptr;
  LiveVersion* functions = nullptr;
  LiveVersion* served = nullptr;  // what was put on S3 to be served
  Alarms* alarms = nullptr;
  Logs* logs = nullptr;
  Shelf* shelf = nullptr;
  LogReader* log_reader = nullptr;
  PipelineView* pipeline_view = nullptr;
  AlarmHistory* alarm_history = nullptr;
  Wiring* wiring = nullptr;
};

class ReleasesByEnvironment final : public Artifacts, public Publisher, public Shelf {
 public:
  ReleasesByEnvironment(const Config& config, const Clock& clock, const Elsewhere& elsewhere);

  Result<ArtifactReport> check(const Environment& environment, const Version& version,
                               const Digest& digest, bool thorough) override;
  Result<Pointer> pointer(const Environment& environment) override;
  Result<> stamp(const Environment& environment, std::uint64_t operation) override;
  Result<std::string> switch_to(const Switch& change) override;
  Result<Digest> publish(const Environment& environment, const Version& version,
                         const std::string& from_directory) override;
  std::string location(const Environment& environment, const Version& version) const override;
  Result<std::vector<Shelved>> list(const Environment& environment, std::size_t limit) override;
  Result<Shelved> find(const Environment& environment, const Version& version) override;
  Result<Missing> missing(const Environment& environment, const Version& version) override;
  Result<std::string> restore(const Environment& environment, const Version& version) override;
  Result<ShelfRules> rules(const Environment& environment) override;
  Result<Digest> digest_of(const Environment& environment, const std::string& directory) override;

 private:
  struct Place {
    Artifacts* artifacts = nullptr;
    Publisher* publisher = nullptr;
    Shelf* shelf = nullptr;
  };
  Result<Place> of(const Environment& environment) const;

  std::map<Environment, local::Releases> releases_;
  std::map<Environment, Place> places_;
};

class PipelinesByEnvironment final : public Pipeline, public PipelineView {
 public:
  PipelinesByEnvironment(const Config& config, const Clock& clock, const Elsewhere& elsewhere);

  Result<std::string> stop(const Environment& environment, const std::string& reason) override;
  Result<PipelineState> state(const Environment& environment) override;
  Result<PipelineSeen> look_at_pipeline(const Environment& environment) override;

 private:
  // A deployment by our own command is stopped as well as the pipeline that may have called it.
  struct Place {
    Pipeline* here = nullptr;
    Pipeline* elsewhere = nullptr;
    PipelineView* view = nullptr;
  };
  Result<Place> of(const Environment& environment) const;

  std::map<Environment, local::LocalPipeline> pipelines_;
  std::map<Environment, Place> places_;
};

class InfrastructureByEnvironment final : public Infrastructure {
 public:
  InfrastructureByEnvironment(const Config& config, Infrastructure& command,
                              const Elsewhere& elsewhere);

  bool configured() const override { return !places_.empty(); }
  Result<InfrastructureReport> revert(const InfrastructureChange& change) override;
  Result<InfrastructureReport> look(const InfrastructureChange& change) override;

 private:
  Infrastructure& of(const Environment& environment) const;

  Infrastructure& command_;  // answers for those that have none, too
  std::map<Environment, Infrastructure*> places_;
};

class VersionsByEnvironment final : public LiveVersion {
 public:
  VersionsByEnvironment(const Config& config, LiveVersion& asked, const Elsewhere& elsewhere);

  Result<VersionSeen> read(const Environment& environment) override;

 private:
  LiveVersion& asked_;
  std::map<Environment, LiveVersion*> places_;
};

// All of them: an alarm that nobody could look at is an error of the whole.
class AlarmsTogether final : public Alarms {
 public:
  AlarmsTogether(Alarms& probes, const Config& config, const Elsewhere& elsewhere);

  Result<std::vector<AlarmSeen>> list(const Environment& environment) override;

 private:
  Alarms& probes_;
  std::map<Environment, Alarms*> places_;
};

class LogsTogether final : public Logs {
 public:
  LogsTogether(Logs& files, const Elsewhere& elsewhere) : files_(files), groups_(elsewhere.logs) {}

  Result<std::vector<LogsSeen>> look(const Environment& environment, Instant cutover,
                                     Duration look_back) override;

 private:
  Logs& files_;
  Logs* groups_;  // null: none
};

}  // namespace stepback
