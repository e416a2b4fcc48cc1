// SPDX-License-Identifier: Apache-2.0
#pragma once

// CodeBuild: a build that takes an environment's infrastructure back, or that deploys a version's
// files after the switch. Any thread; nothing in it waits, a build under way is looked at again.
//
// A build carries our key twice: as its idempotency token, which CodeBuild honours for five
// minutes, and as its variable STEPBACK_KEY, by which it is found again among the project's newest
// builds. That makes every earlier request answered or dead before another is issued, and one key
// one build:
//   - each try looks for the mark first, and sends the token again within four minutes only, by
//     this process's own clock; later the key is only looked up, and not_started says that it is
//     dead;
//   - a process that takes over looks first; a key that it can't find is under_way for twenty
//     seconds, in which a request on its way arrives or dies, and not_started then, so that the
//     plan issues a new key.
//
// A failed build is an error with its phase and its log: invalid; unavailable when CodeBuild itself
// failed; denied when somebody stopped it.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/service.hpp"
#include "adapters/aws/switch_hook.hpp"
#include "ports/delivery.hpp"

namespace stepback::aws {

struct BuildRequest {
  std::string project;
  std::string source_version{};  // a commit, a tag; empty: the project's own
  std::string key;
  std::uint64_t operation = 0;
  std::vector<std::pair<std::string, std::string>> variables{};  // besides ours
};

class CodeBuilds {
 public:
  static constexpr Dialect dialect{
      .id = "codebuild", .signing = "", .target = "CodeBuild_20161006", .version = "1.1"};

  CodeBuilds(Service& service, const Clock& clock) : service_(service), clock_(clock) {}

  // Begins the build of this key, or looks at it. timeout: it may have begun; find() tells.
  Result<InfrastructureReport> start_or_find(const BuildRequest& request);
  // Begins nothing. under_way: it runs, a request for it may still arrive, or the project still
  // builds something else.
  Result<InfrastructureReport> find(const std::string& project, const std::string& key);

 private:
  struct Known {
    Duration heard{};              // when this process first heard of the key, on its own clock
    std::optional<Duration> sent;  // when it first asked for the build
    Duration asked{};              // and last
    std::string build;
  };

  struct Found {
    std::string build;        // empty: none carries the key
    bool others_run = false;  // of those that were looked at
  };
  Result<Found> search(const std::string& project, const std::string& key);
  Result<std::vector<std::string>> newest(const std::string& project, std::string& next);
  Result<json::Value> get(const std::vector<std::string>& ids);
  Result<InfrastructureReport> report(const std::string& id);
  Known& known(const std::string& key);   // under the lock
  bool may_send(const std::string& key);  // and notes that it is sent
  bool may_arrive(const std::string& key);
  void remember(const std::string& key, const std::string& id);

  Service& service_;
  const Clock& clock_;
  std::mutex mutex_;                    // guards what follows
  std::map<std::string, Known> known_;  // by key; kept for an hour
};

struct BuildSource {
  Environment environment{};
  std::string project = "kiro-worker-{environment}";
  std::string source_version = "{version}";  // or {infrastructure_version}
  std::vector<std::pair<std::string, std::string>> variables{};
};

// The port Infrastructure by a build, of class T: a token within a window.
class InfrastructureByBuild final : public Infrastructure {
 public:
  InfrastructureByBuild(std::vector<BuildSource> sources, CodeBuilds& builds)
      : sources_(std::move(sources)), builds_(builds) {}

  bool configured() const override { return !sources_.empty(); }
  Result<InfrastructureReport> revert(const InfrastructureChange& change) override;
  Result<InfrastructureReport> look(const InfrastructureChange& change) override;

 private:
  Result<BuildRequest> request_for(const InfrastructureChange& change) const;

  std::vector<BuildSource> sources_;
  CodeBuilds& builds_;
};

// Starts a build after the switch. An environment without a source has nothing to build: done. What
// it refers to must outlive it.
SwitchHook build_after_switch(std::vector<BuildSource> sources, CodeBuilds& builds);

}  // namespace stepback::aws
