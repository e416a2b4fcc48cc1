// SPDX-License-Identifier: Apache-2.0
#pragma once

// CodePipeline's own way back: has a stage run again what an earlier execution ran there. Used
// after the switch, for services that only their pipeline can deploy. Any thread; nothing in it
// waits.
//
// RollbackStage takes no token, so it is sent once and never repeated: before it, and after an
// answer that was lost, the stage itself is asked. What runs there last being a rollback to the
// same execution is ours to follow, whoever began it, also after a crash; one that failed is begun
// anew only by a process that did not see it fail under this key. Nothing is sent while an
// execution is in the stage, which takes one at a time, nor for twenty seconds after an answer was
// lost: that makes every earlier request answered or dead. A process that dies between sending and
// hearing may leave one more, to the same execution.
//
// It needs a pipeline of type V2, in which the structure has not changed since the execution.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/aws/codepipeline.hpp"
#include "adapters/aws/switch_hook.hpp"

namespace stepback::aws {

struct StageSource {
  Environment environment{};
  std::string pipeline = "kiro-pipeline-{environment}";
  std::string stage = "Deploy";
  // The execution is found by the version among its source revisions (a commit, or its first seven
  // characters and more). Off, for sources that know no commits: the newest that succeeded in the
  // stage and is not there now, so it goes back by one, whatever the version.
  bool by_revision = true;
};

class PipelineRollback {
 public:
  // A Service of CodePipelines::dialect.
  PipelineRollback(std::vector<StageSource> sources, Service& service, const Clock& clock)
      : sources_(std::move(sources)), service_(service), clock_(clock) {}

  // See SwitchHook. not_found: no execution with this version succeeded there. invalid: it failed,
  // or CodePipeline can't go back to it. An environment without a source: done.
  Result<Progress> begin_or_look(const Switch& change);

 private:
  struct Stage;      // as it is now
  struct Execution;  // of the list

  Result<Progress> follow(const std::string& execution, const StageSource& source,
                          const std::string& pipeline);
  Result<Stage> look(const StageSource& source, const std::string& pipeline);
  Result<std::vector<Execution>> executions(const StageSource& source, const std::string& pipeline,
                                            bool succeeded);
  Result<bool> goes_back_to(const std::string& target, const StageSource& source,
                            const std::string& pipeline, const Stage& stage);
  Result<std::string> target_of(const StageSource& source, const std::string& pipeline,
                                const Stage& stage, const Version& version);
  Result<Progress> begin(const StageSource& source, const std::string& pipeline,
                         const std::string& target, const std::string& key);

  std::pair<std::string, bool> known(const std::string& key);
  void note(const std::string& key, const std::string& execution);

  struct Begun {
    std::string execution;  // empty: its answer was lost
    Duration sent{};
  };
  std::vector<StageSource> sources_;
  Service& service_;
  const Clock& clock_;
  std::mutex mutex_;                    // guards what follows
  std::map<std::string, Begun> begun_;  // by key
};

SwitchHook stage_after_switch(PipelineRollback& rollback);

}  // namespace stepback::aws
