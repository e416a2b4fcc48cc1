// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port Infrastructure by a command, such as `cdk deploy`, run in a fresh work tree of the
// repository at the version to go back to. What was asked for and what became of it is kept in
// `<state>/infrastructure/<environment>.json`, and who runs it beside that, so that after a crash
// look() can tell, and no second one starts beside the first. Usable from several threads and
// processes at once.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/local/command_record.hpp"
#include "adapters/local/files.hpp"
#include "ports/delivery.hpp"

namespace stepback::local {

// Arguments may have {environment}, {version} and {infrastructure_version}; they run in the work
// tree, with STEPBACK_ENVIRONMENT, _VERSION, _INFRASTRUCTURE_VERSION and _OPERATION.
struct InfrastructureSource {
  Environment environment;
  std::string repository;            // a git repository on this machine
  std::vector<std::string> install;  // before `run`; nothing when empty
  std::vector<std::string> run;
  std::vector<std::pair<std::string, std::string>> variables;  // for both, besides
  Duration timeout = minutes(4);                               // for all of it
};

struct InfrastructureCommandConfig {
  std::string directory;  // for the state: "<state>/infrastructure"
  std::vector<InfrastructureSource> sources;
};

class InfrastructureCommand final : public Infrastructure {
 public:
  InfrastructureCommand(InfrastructureCommandConfig config, const Clock& clock)
      : config_(std::move(config)), clock_(clock) {}

  bool configured() const override { return !config_.sources.empty(); }

  // Returns when it has ended. The same key again is done at once if it was done. unavailable: an
  // earlier one still runs. invalid: not configured for this environment, no such version, or the
  // command failed.
  Result<InfrastructureReport> revert(const InfrastructureChange& change) override;

  // not_started also for one that failed or was cut short by a crash: it may be asked for again.
  // One that outlives its own deadline is killed for that.
  Result<InfrastructureReport> look(const InfrastructureChange& change) override;

 private:
  struct State {
    std::string key;
    std::string progress;  // started, done, failed
    std::string detail;
    Duration deadline{};  // on the clock that all processes of a boot share
  };
  struct Run;

  Result<const InfrastructureSource*> source_of(const InfrastructureChange& change) const;
  std::string path_of(const Environment& environment, std::string_view what) const;
  Result<std::optional<State>> read(const Environment& environment) const;
  Result<> write(const Environment& environment, const State& state) const;
  // Nothing runs any more: success. under_way is unavailable, with who runs.
  Result<> await_earlier(const InfrastructureChange& change, const std::optional<State>& state);
  Result<std::string> carry_out(const Run& run);
  Result<> add_tree(const Run& run);
  void remove_tree(const Run& run);
  Result<> run_in_tree(const Run& run, const std::vector<std::string>& arguments,
                       std::string_view what);

  InfrastructureCommandConfig config_;
  const Clock& clock_;
};

}  // namespace stepback::local
