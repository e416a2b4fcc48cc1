// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each environment has of its own (the root of its releases, its command after the switch, its
// way of stopping a deployment) as one port for all. Passes on, decides nothing. Any thread.

#include <map>
#include <memory>

#include "adapters/local/pipeline.hpp"
#include "adapters/local/releases.hpp"
#include "app/config.hpp"

namespace stepback {

class ReleasesByEnvironment final : public Artifacts, public Publisher {
 public:
  ReleasesByEnvironment(const Config& config, const Clock& clock);

  Result<ArtifactReport> check(const Environment& environment, const Version& version,
                               const Digest& digest, bool thorough) override;
  Result<Pointer> pointer(const Environment& environment) override;
  Result<> stamp(const Environment& environment, std::uint64_t operation) override;
  Result<std::string> switch_to(const Switch& change) override;
  Result<Digest> publish(const Environment& environment, const Version& version,
                         const std::string& from_directory) override;

 private:
  Result<local::Releases*> of(const Environment& environment);

  std::map<Environment, local::Releases> releases_;
};

class PipelinesByEnvironment final : public Pipeline {
 public:
  PipelinesByEnvironment(const Config& config, const Clock& clock);

  Result<std::string> stop(const Environment& environment, const std::string& reason) override;
  Result<std::string> state(const Environment& environment) override;

 private:
  Result<local::LocalPipeline*> of(const Environment& environment);

  std::map<Environment, local::LocalPipeline> pipelines_;
};

}  // namespace stepback
