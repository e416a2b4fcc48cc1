// SPDX-License-Identifier: Apache-2.0
#pragma once

// DemoStage: the folder, the ports, the configuration, the releases and the child processes that a
// demo plays with. Everything ends with the object, unless it is left running for another command
// to take up. One thread.

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "base/result.hpp"

namespace stepback {

class DemoStage {
 public:
  // `directory` empty: a fresh one, removed at the end unless `keep`.
  static Result<std::unique_ptr<DemoStage>> set_up(const std::string& directory, bool keep);
  // One that was left running. not_found: there is none.
  static Result<std::unique_ptr<DemoStage>> take_up(const std::string& directory);
  ~DemoStage();
  DemoStage(const DemoStage&) = delete;
  DemoStage& operator=(const DemoStage&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::string configuration() const { return (folder_ / "stepback.yaml").string(); }
  const Environments& environments() const { return environments_; }

  // A directory to deploy from. It turns bad so long after the worker's start, in that environment.
  struct Badness {
    Duration after;
    std::string in = "production";
  };
  Result<std::string> build(const std::string& version, const std::optional<Badness>& badness);
  // The world outside turns against these versions in one environment.
  Result<> break_versions(const Environment& environment, const std::vector<std::string>& versions);

  Result<> start_server();
  void kill_server();  // SIGKILL: it has no chance to tidy up
  bool server_runs() const;
  int server_port() const { return ports_.at("server"); }
  // The server and the service go on when this object ends.
  Result<> leave_running();
  // All of it ends with this object after all, and its folder too.
  void end_all() {
    left_running_ = false;
    remove_ = true;
  }
  // The program itself with these arguments; its output goes where ours goes. Its exit status.
  Result<int> run(const std::vector<std::string>& arguments) const;

  struct Answer {
    std::string version;
    bool healthy = false;
  };
  // What the running process of an environment says, asked over HTTP.
  Result<Answer> ask(const Environment& environment) const;

 private:
  DemoStage() = default;
  Result<> write_configuration() const;
  void stop_server();
  std::string root(const Environment& environment) const {
    return (folder_ / environment.name).string();
  }

  std::filesystem::path folder_;
  bool remove_ = false;
  bool left_running_ = false;
  std::string program_;
  std::string worker_;
  Environments environments_{{"test"}, {"staging"}, {"production"}};
  std::map<std::string, int> ports_;
  pid_t server_ = 0;
};

}  // namespace stepback
