// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port Repository by git on this machine: the folders that the configuration names, or the one
// that the configuration file itself lies in. Nothing is fetched, nothing is changed, no hook and
// no helper of the repository runs. Usable from any thread.

#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "ports/inspection.hpp"

namespace stepback::local {

struct Command;

struct GitRepositoryConfig {
  std::map<Environment, std::string> repositories;  // its folder, absolute
  Duration limit = seconds(20);                     // of one question
};

class GitRepository final : public Repository {
 public:
  GitRepository(GitRepositoryConfig config, const Clock& clock)
      : config_(std::move(config)), clock_(clock) {}

  bool has_sources(const Environment& environment) override {
    return config_.repositories.contains(environment);
  }
  Result<std::vector<SourceCommit>> commits(const Environment& environment, Instant since,
                                            std::size_t limit) override;
  Result<std::string> differences(const Environment& environment, const Version& from,
                                  const Version& to) override;
  Result<bool> knows(const Environment& environment, const Version& version) override;

 private:
  Result<std::string> ask(const Environment& environment, std::vector<std::string> arguments);

  GitRepositoryConfig config_;
  const Clock& clock_;
};

// The folder of the repository that a path lies in; empty: in none.
std::string repository_around(const std::string& directory);

}  // namespace stepback::local
