// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port Pipeline by CodePipeline: finds what still deploys into an environment, stops it, and if
// asked to, keeps the next execution out while a rollback runs. Called by the plan's first step and
// by people who ask for the state; any thread.
//
// Stopping carries no operation number and no token, and needs none: it changes nothing that runs,
// an execution that has stopped stays stopped, and stop() says success only after it has looked
// again and seen none. A request of ours that arrives late can only stop one more execution of a
// pipeline whose environment is ours. A crash in between leaves some stopped and some not; the next
// stop() goes on from there.

#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/service.hpp"
#include "ports/delivery.hpp"
#include "ports/inspection.hpp"

namespace stepback::aws {

enum class StopMode {
  abandon,  // what is in progress is left as it is
  finish,   // actions that are in progress end first
};

struct PipelineSource {
  Environment environment{};
  std::string pipeline = "kiro-pipeline-{environment}";
  StopMode mode = StopMode::abandon;
  std::string frozen_stage{};  // nothing enters it while a rollback runs; empty: no freeze
};

struct CodePipelinesConfig {
  std::vector<PipelineSource> sources;
  // The execution that this process is itself an action of: passed over, as one that failed rolls
  // itself back. Empty: it is none.
  std::string own_execution{};
};

class CodePipelines final : public Pipeline, public PipelineView {
 public:
  static constexpr Dialect dialect{
      .id = "codepipeline", .signing = "", .target = "CodePipeline_20150709", .version = "1.1"};

  CodePipelines(CodePipelinesConfig config, Service& service)
      : config_(std::move(config)), service_(service) {}

  // unavailable: still stopping. not_found: no such pipeline, or no such stage to freeze. denied:
  // by the role. An environment without a pipeline has nothing to stop.
  Result<std::string> stop(const Environment& environment, const std::string& reason) override;
  Result<PipelineState> state(const Environment& environment) override;
  Result<PipelineSeen> look_at_pipeline(const Environment& environment) override;

  // Lets executions in again, if it was stop() that keeps them out; a person's own freeze stays.
  // Any number of times; nothing to do is success.
  Result<> thaw(const Environment& environment);

 private:
  struct Seen;

  const PipelineSource* source_of(const Environment& environment) const;
  Result<Seen> look(const std::string& pipeline);
  Result<> look_at_stages(Seen& seen);
  Result<> look_at_list(Seen& seen);
  Result<> freeze(const PipelineSource& source, const Seen& seen, const std::string& reason);
  Result<bool> stop_one(const PipelineSource& source, const Seen& seen,
                        const std::string& execution, const std::string& reason);

  CodePipelinesConfig config_;
  Service& service_;
};

// What CodePipeline refused, with what to check: for the rooms that speak to it.
std::unexpected<Error> pipeline_refused(const Refusal& refusal, const std::string& pipeline,
                                        std::string_view deed);

}  // namespace stepback::aws
