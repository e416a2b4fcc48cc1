// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is deploying into an environment of this machine, and how it is stopped. A deploy command
// registers itself for as long as it runs; a rollback finds it there, asks it to end, and kills it
// when it does not. A configured command stops what other tools run. Usable from any thread.

#include <string>
#include <utility>
#include <vector>

#include "adapters/local/files.hpp"
#include "adapters/local/process_identity.hpp"
#include "domain/deployment.hpp"
#include "ports/delivery.hpp"
#include "ports/inspection.hpp"

namespace stepback::local {

struct PipelineConfig {
  std::string state_directory;
  // Run at each stop, besides: arguments with {environment}; STEPBACK_REASON in its environment. It
  // ends with 0 when nothing runs any more, with 75 when it is to be asked again.
  std::vector<std::string> stop_command;
  std::vector<std::pair<std::string, std::string>> variables;
  Duration stop_limit = seconds(20);
  Duration grace = seconds(10);  // between asking a deployment to end and killing it
  Duration look = seconds(2);    // how long one stop() waits for what it asked to end
};

// This process deploys. The entry goes with the object; one that a crash leaves behind names a
// process that is gone.
class RunningDeployment {
 public:
  static Result<RunningDeployment> begin(const std::string& state_directory,
                                         const Environment& environment,
                                         const DeploymentId& deployment);

  RunningDeployment(RunningDeployment&& other) noexcept
      : path_(std::exchange(other.path_, std::string())) {}
  RunningDeployment& operator=(RunningDeployment&&) = delete;
  ~RunningDeployment();

 private:
  explicit RunningDeployment(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty: passed on
};

class LocalPipeline final : public Pipeline, public PipelineView {
 public:
  LocalPipeline(PipelineConfig config, const Clock& clock);

  // Passes over this process: a deployment that failed rolls itself back.
  Result<std::string> stop(const Environment& environment, const std::string& reason) override;
  Result<PipelineState> state(const Environment& environment) override;
  // A stage for each deployment that runs.
  Result<PipelineSeen> look_at_pipeline(const Environment& environment) override;

 private:
  struct Entry {
    std::string path;
    ProcessIdentity process;
    std::string deployment;
  };
  Result<std::vector<Entry>> running(const Environment& environment) const;
  Result<> ask_to_end(const Entry& entry);  // or kills it, if it was asked long ago
  bool ends_before(const Entry& entry, Duration deadline) const;
  Result<> run_stop_command(const Environment& environment, const std::string& reason);

  PipelineConfig config_;
  const Clock& clock_;
};

}  // namespace stepback::local
