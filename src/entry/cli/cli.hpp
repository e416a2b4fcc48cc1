// SPDX-License-Identifier: Apache-2.0
#pragma once

// The command line of Stepback. app/main hands it the terminal and the application; it hands back
// the exit code. Help, the version and mistakes in the command line touch neither configuration nor
// engine. One thread calls it; while it waits, a runner it started may use others.

#include <atomic>
#include <functional>
#include <istream>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "domain/access.hpp"
#include "domain/backtest.hpp"
#include "domain/signal.hpp"
#include "engine/engine.hpp"
#include "entry/cli/options.hpp"

namespace stepback::cli {

struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  int width = 80;
  bool color_allowed = false;
  std::string user;
  std::map<std::string, std::string> environment;
  // How often the person asked to stop (Ctrl-C), counted by main's signal handler. May be null.
  const std::atomic<int>* interrupted = nullptr;
};

// What things are called, as far as this machine can tell at once.
struct KnownNames {
  std::vector<std::string> environments;
  std::vector<std::string> versions;
  std::vector<std::string> ids;  // of rollbacks and deployments
  std::vector<std::string> alarms;
};

// What the command line needs of the application.
struct Application {
  // Reads the configuration and assembles, once.
  std::function<Result<Engine*>(const GlobalOptions&)> engine;
  std::function<Result<std::string>(const GlobalOptions&)> show_configuration;
  std::function<Result<std::string>(const GlobalOptions&)> check_configuration;
  std::function<std::string()> configuration_schema;
  std::function<std::string()> api_description;  // OpenAPI, as JSON
  // What another configuration would judge by. invalid: it is none.
  std::function<Result<BacktestRules>(const std::string& path)> rules_in;
  std::function<int(const GlobalOptions&, const ServeOptions&)> serve;
  std::function<int(const DemoOptions&)> demo;
  std::function<int(const std::string& environment)> break_demo;
  std::function<int()> stop_demo;
  std::function<KnownNames(const std::string& configuration)> known_names;
  std::function<Result<std::string>(const std::string& path)> init;
  std::function<Result<Signal>(std::string_view bytes)> read_event;
  std::function<Result<std::string>(const GlobalOptions&, const std::string& path)> backup;
  // Who may use the server: the token itself, to be shown once; all of them; one taken back.
  std::function<Result<std::string>(const GlobalOptions&, const std::string& name, CallerRole)>
      add_token;
  std::function<Result<TokenRecords>(const GlobalOptions&)> tokens;
  std::function<Result<>(const GlobalOptions&, const std::string& name)> remove_token;
};

// The exit code; see `stepback help exit-codes`.
int run(int argc, const char* const* argv, Terminal& terminal, Application& application);

}  // namespace stepback::cli
