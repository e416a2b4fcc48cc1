// SPDX-License-Identifier: Apache-2.0
#pragma once

// The commands of a pipeline's stages, as processes of this machine. Each has its output kept in a
// file of its run's folder, with the beginning and the end of what it said. Usable from any thread.

#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "ports/work.hpp"

namespace stepback::local {

struct WorkConfig {
  std::string state_directory;
  // What a command finds in its environment besides the stage's own: PATH, HOME and the like.
  std::vector<std::pair<std::string, std::string>> variables;
};

class LocalWork final : public Work {
 public:
  LocalWork(WorkConfig config, const Clock& clock) : config_(std::move(config)), clock_(clock) {}

  Result<WorkEnd> carry_out(const WorkOrder& order, const std::function<bool()>& go_on) override;

 private:
  Result<std::string> keep_output(const WorkOrder& order, const std::string& output) const;

  WorkConfig config_;
  const Clock& clock_;
};

}  // namespace stepback::local
