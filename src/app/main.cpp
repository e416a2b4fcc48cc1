// SPDX-License-Identifier: Apache-2.0
// One program: `stepback serve` is the server; started by AWS Lambda it is the function; everything
// else is the command line.

#include <pwd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "app/assembly.hpp"
#include "app/demo.hpp"
#include "app/demo_service.hpp"
#include "app/function.hpp"
#include "app/known_names.hpp"
#include "app/place.hpp"
#include "app/schema.hpp"
#include "app/serve.hpp"
#include "app/tokens.hpp"
#include "base/pool.hpp"
#include "entry/api/description.hpp"
#include "entry/cli/cli.hpp"
#include "signals/read.hpp"

namespace {

using namespace stepback;

std::atomic<int> interrupts = 0;

// Only marks it; a thread of its own waits for the mark where something must be woken.
void on_interrupt(int) { ++interrupts; }

void handle_signals() {
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

// Longer than a turn takes, and less than the 5 s after which others would kill us.
constexpr timespec stop_patience{.tv_sec = 4, .tv_nsec = 500'000'000};

// What outlasts the patience (a receiver that never answers, a long command) is left as by a crash,
// which everything here survives. A second signal means: at once.
void end_in_time(const sigset_t& stopping, const Assembly& assembly,
                 const std::atomic<bool>& served) {
  while (sigtimedwait(&stopping, nullptr, &stop_patience) < 0 && errno == EINTR) {
  }
  if (served) return;
  assembly.log().warning("stopped while something was under way", {});
  std::_Exit(0);
}

// A server blocks its signals and takes them here, so that stopping is an ordinary call.
std::jthread wait_for_stop(Assembly& assembly, const std::atomic<bool>& served) {
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGINT);
  sigaddset(&stopping, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stopping, nullptr);
  return start_thread("signals", [stopping, &assembly, &served](std::stop_token) {
    int which = 0;
    sigwait(&stopping, &which);
    assembly.waiter().stop();
    if (!served) end_in_time(stopping, assembly, served);
  });
}

std::string user_name() {
  const char* login = getlogin();
  if (login != nullptr) return login;
  const char* named = getenv("USER");
  return named != nullptr && is_plain_token(named) ? named : "uid-" + std::to_string(getuid());
}

int terminal_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

cli::Terminal terminal(const Variables& variables) {
  return {.in = std::cin,
          .out = std::cout,
          .err = std::cerr,
          .in_is_terminal = isatty(STDIN_FILENO) != 0,
          .out_is_terminal = isatty(STDOUT_FILENO) != 0,
          .width = terminal_width(),
          .color_allowed = isatty(STDOUT_FILENO) != 0,
          .user = user_name(),
          .environment = {variables.begin(), variables.end()},
          .interrupted = &interrupts};
}

struct Program {
  Variables variables = variables_of_process();
  std::unique_ptr<Assembly> assembly;

  Result<Config> configuration(const GlobalOptions& options) const {
    const auto path = TRY(configuration_path(options.configuration, variables));
    return load_config(path, variables);
  }

  Result<Assembly*> assemble(const GlobalOptions& options, LogLevel least) {
    if (!assembly) {
      const auto form =
          options.log_as_text || least == LogLevel::warning ? Log::Form::text : Log::Form::json;
      auto config = TRY(configuration(options));
      const bool has_function = !config.aws.queue.empty() && least == LogLevel::warning;
      assembly = TRY(
          Assembly::make(std::move(config), variables,
                         {.log = {.form = form, .least = options.debug ? LogLevel::debug : least},
                          .leaves_it_to_the_function = has_function}));
    }
    return assembly.get();
  }

  int run_server(const GlobalOptions& options, const ServeOptions& serving_options) {
    auto made = assemble(options, LogLevel::info);
    if (!made) {
      std::cerr << "stepback: cannot serve\n    " << made.error().message
                << "\n    try: stepback config check\n";
      return made.error().code == Code::invalid || made.error().code == Code::not_found ? 6 : 7;
    }
    std::atomic<bool> served = false;
    const auto signals = wait_for_stop(**made, served);
    const int status = serve(**made, variables, serving_options.listen, std::cout, std::cerr);
    served = true;
    kill(getpid(), SIGTERM);  // lets the thread that waits for signals end too
    return status;
  }
};

void add_token_commands(cli::Application& made, Program& program) {
  made.add_token = [&](const GlobalOptions& options, const std::string& name,
                       CallerRole role) -> Result<std::string> {
    const auto config = TRY(program.configuration(options));
    return add_token(config.server.tokens, name, role, SystemClock().now());
  };
  made.tokens = [&](const GlobalOptions& options) -> Result<TokenRecords> {
    const auto config = TRY(program.configuration(options));
    return read_tokens(config.server.tokens);
  };
  made.remove_token = [&](const GlobalOptions& options, const std::string& name) -> Result<> {
    const auto config = TRY(program.configuration(options));
    return remove_token(config.server.tokens, name);
  };
}

cli::Application application(Program& program) {
  cli::Application made;
  made.engine = [&](const GlobalOptions& options) -> Result<Engine*> {
    Assembly* assembly = TRY(program.assemble(options, LogLevel::warning));
    return &assembly->engine();
  };
  made.show_configuration = [&](const GlobalOptions& options) -> Result<std::string> {
    const auto config = TRY(program.configuration(options));
    std::string text;
    for (const auto& setting : describe(config)) {
      text += setting.path + ": " + setting.value + "   # " + setting.origin + "\n";
    }
    return text;
  };
  made.check_configuration = [&](const GlobalOptions& options) -> Result<std::string> {
    const auto config = TRY(program.configuration(options));
    return config.file + " is valid: " + std::to_string(config.environments.size()) +
           " environments";
  };
  made.configuration_schema = [] { return std::string(config_schema()); };
  made.rules_in = [&](const std::string& path) -> Result<BacktestRules> {
    const auto config = TRY(load_config(path, program.variables));
    return BacktestRules{config.names(), config.alarm_rules, config.policy};
  };
  made.api_description = [] { return std::string(api_description()); };
  made.serve = [&](const GlobalOptions& options, const ServeOptions& serving_options) {
    return program.run_server(options, serving_options);
  };
  made.demo = [&](const DemoOptions& options) {
    return options.scenario.empty() ? start_demo(program.variables, std::cout, std::cerr)
                                    : run_demo(options, std::cout, std::cerr);
  };
  made.break_demo = [&](const std::string& environment) {
    return break_demo(environment, program.variables, std::cout, std::cerr);
  };
  made.stop_demo = [&] { return stop_demo(program.variables, std::cout, std::cerr); };
  made.known_names = [&](const std::string& configuration) {
    return known_names(configuration, program.variables);
  };
  made.init = write_first_configuration;
  made.read_event = [](std::string_view bytes) -> Result<Signal> {
    auto signal = TRY(read_one_signal(bytes, {.origin = EventOrigin::hand_made}));
    if (signal.at == Instant{}) signal.at = SystemClock().now();
    return signal;
  };
  made.backup = [&](const GlobalOptions& options, const std::string& path) -> Result<std::string> {
    Assembly* assembly = TRY(program.assemble(options, LogLevel::warning));
    TRY(assembly->backup(path));
    return "wrote " + path;
  };
  add_token_commands(made, program);
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  handle_signals();
  Program program;
  // The platform says by this where invocations come from; no person sets it.
  if (program.variables.contains("AWS_LAMBDA_RUNTIME_API")) return run_function(program.variables);
  auto made = application(program);
  auto where = terminal(program.variables);
  return cli::run(argc, argv, where, made);
}
