// SPDX-License-Identifier: Apache-2.0
#pragma once

// SimLooking: what people look at in a pretend account: shelves, logs, pipelines, alarms' turns,
// sources, wiring. What it tells is set beforehand. One thread.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ports/inspection.hpp"

namespace stepback {

class SimLooking final : public Shelf,
                         public LogReader,
                         public PipelineView,
                         public AlarmHistory,
                         public Repository,
                         public Wiring {
 public:
  std::map<Environment, std::vector<Shelved>> shelves;  // newest first
  std::map<std::string, Missing> gone;                  // by version
  ShelfRules shelf_rules;
  std::vector<std::string> restored;
  std::map<std::string, Digest> contents;             // of directories
  std::map<Environment, std::vector<LogLine>> lines;  // oldest first
  std::map<Environment, PipelineSeen> pipelines;
  std::map<Environment, std::vector<AlarmTurn>> turned;
  std::map<Environment, std::vector<SourceCommit>> sources;
  std::map<Environment, std::vector<WireSeen>> wires;
  bool down = false;  // nothing can be looked at

  Result<std::vector<Shelved>> list(const Environment& environment, std::size_t limit) override;
  Result<Shelved> find(const Environment& environment, const Version& version) override;
  Result<Missing> missing(const Environment& environment, const Version& version) override;
  Result<std::string> restore(const Environment& environment, const Version& version) override;
  Result<ShelfRules> rules(const Environment& environment) override;
  Result<Digest> digest_of(const Environment& environment, const std::string& directory) override;
  Result<std::vector<LogLine>> read_lines(const LogQuery& query) override;
  Result<PipelineSeen> look_at_pipeline(const Environment& environment) override;
  Result<std::vector<AlarmTurn>> turns(const Environment& environment, Instant since,
                                       Instant until) override;
  bool has_sources(const Environment& environment) override {
    return sources.contains(environment);
  }
  Result<std::vector<SourceCommit>> commits(const Environment& environment, Instant since,
                                            std::size_t limit) override;
  Result<std::string> differences(const Environment& environment, const Version& from,
                                  const Version& to) override;
  Result<bool> knows(const Environment& environment, const Version& version) override;
  std::vector<WireSeen> look_at_wiring(const Environment& environment) override;
};

}  // namespace stepback
