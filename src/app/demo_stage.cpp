// SPDX-License-Identifier: Apache-2.0
#include "app/demo_stage.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/json.hpp"
#include "base/waiter.hpp"
#include "http/client.hpp"

extern char** environ;

namespace stepback {
namespace {

namespace fs = std::filesystem;

constexpr Duration patience = seconds(2);
constexpr const char* running_file = "running.json";

Result<> write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file) return fail(Code::denied, "writing " + path.string());
  return {};
}

// A port that was free a moment ago.
int free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(probe);
  return bound ? ntohs(address.sin_port) : 0;
}

std::string own_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).string();
}

Result<std::string> find_worker(const fs::path& beside) {
  for (const auto& place : {beside / "stepback-worker", beside / "examples/worker/stepback-worker",
                            fs::path("/usr/lib/stepback/stepback-worker")}) {
    if (access(place.c_str(), X_OK) == 0) return place.string();
  }
  return fail(Code::not_found,
              "stepback-worker, the demo's sample service, is not beside " + beside.string());
}

struct Streams {
  std::string output;  // a file for both; empty: ours
};

// With a log of its own it gets a session of its own too: it does not end with a terminal.
Result<pid_t> spawn(const std::vector<std::string>& arguments, const Streams& streams) {
  std::vector<char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (!streams.output.empty()) {
    posix_spawn_file_actions_addopen(&actions, 1, streams.output.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  if (!streams.output.empty()) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, arguments[0].c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return fail(Code::unavailable, "starting " + arguments[0] + ": " + std::strerror(failed));
  return pid;
}

Result<http::Response> get(int port, const std::string& path) {
  http::Client client;
  const auto url = TRY(http::parse_url(fmt::format("http://127.0.0.1:{}{}", port, path)));
  return client.send({.url = url, .within = patience});
}

}  // namespace

Result<std::unique_ptr<DemoStage>> DemoStage::set_up(const std::string& directory, bool keep) {
  auto stage = std::unique_ptr<DemoStage>(new DemoStage());
  stage->program_ = own_program();
  stage->worker_ = TRY(find_worker(fs::path(stage->program_).parent_path()));
  std::error_code error;
  if (directory.empty()) {
    const std::string to_fill(6, 'X');  // by mkdtemp
    std::string pattern = (fs::temp_directory_path(error) / ("stepback-demo-" + to_fill)).string();
    if (mkdtemp(pattern.data()) == nullptr)
      return fail(Code::denied, "making " + pattern + ": " + std::strerror(errno));
    stage->folder_ = pattern;
    stage->remove_ = !keep;
  } else {
    stage->folder_ = fs::absolute(directory);
    if (fs::exists(stage->folder_ / "state", error)) {
      return fail(Code::conflict, stage->folder_.string() + " has been used for a demo already");
    }
    fs::create_directories(stage->folder_, error);
  }
  for (const auto& environment : stage->environments_) {
    fs::create_directories(stage->root(environment), error);
    stage->ports_[environment.name] = free_port();
  }
  stage->ports_["server"] = free_port();
  TRY(stage->write_configuration());
  return stage;
}

// A number may have gone to another process meanwhile.
bool DemoStage::server_runs() const {
  if (server_ <= 0) return false;
  std::ifstream file(fmt::format("/proc/{}/cmdline", server_), std::ios::binary);
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  return line.contains(configuration());
}

Result<std::unique_ptr<DemoStage>> DemoStage::take_up(const std::string& directory) {
  auto stage = std::unique_ptr<DemoStage>(new DemoStage());
  stage->left_running_ = true;  // what cannot be taken up is left as it is
  stage->folder_ = directory;
  stage->program_ = own_program();
  stage->worker_ = TRY(find_worker(fs::path(stage->program_).parent_path()));
  std::ifstream file(stage->folder_ / running_file);
  if (!file) return fail(Code::not_found, "no demo is running");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto value = TRY(json::parse(text));
  const json::Reader running(value);
  stage->server_ = static_cast<pid_t>(TRY(running.integer("process")));
  const auto ports = TRY(running.object("ports"));
  const auto members = TRY(ports.members());
  for (const auto& [name, port] : members)
    stage->ports_[name] = static_cast<int>(TRY(port.as_integer()));
  return stage;
}

Result<> DemoStage::leave_running() {
  json::Object ports;
  for (const auto& [name, port] : ports_) ports[name] = port;
  json::Object running;
  running["process"] = static_cast<std::int64_t>(server_);
  running["ports"] = std::move(ports);
  TRY(write_file(folder_ / running_file, json::write(json::Value(std::move(running)))));
  left_running_ = true;
  return {};
}

void DemoStage::stop_server() {
  if (!server_runs()) return;
  kill(server_, SIGTERM);
  if (waitpid(server_, nullptr, 0) == server_) return;
  // It is another command's child: nobody tells us that it ended.
  ThreadWaiter waiter;
  for (int look = 0; look < 100 && server_runs(); ++look) waiter.wait(Duration(50));
}

DemoStage::~DemoStage() {
  if (left_running_) return;
  stop_server();
  for (const auto& environment : environments_) {
    const auto stopped =
        spawn({worker_, "stop", "--root", root(environment), "--environment", environment.name,
               "--port", std::to_string(ports_[environment.name])},
              {});
    if (stopped) waitpid(*stopped, nullptr, 0);
  }
  std::error_code error;
  if (remove_) fs::remove_all(folder_, error);
}

// Waits are short, so that a demo is; everything else is as it would be in earnest.
Result<> DemoStage::write_configuration() const {
  std::string text = fmt::format(R"(version: 1
service: demo
state: {0}/state
server: {{ listen: "127.0.0.1:{1}" }}
policy:
  budget: 60s
  handOverReserve: 1s
  settle: 3s
  lookEvery: 200ms
  quiet: 1s
  alarmGrace: 3s
  retryPause: 300ms
  pollEvery: 200ms
  bake: 8s
  maxEventAge: 8s
  brakeCount: 5
notify:
  - {{ kind: file, path: {0}/notices.jsonl }}
environments:
)",
                                 folder_.string(), ports_.at("server"));
  for (const auto& environment : environments_) {
    text += fmt::format(R"(  - name: {0}
    application:
      kind: symlink
      releases: {1}/releases
      current: {1}/current
      afterSwitch: [{2}, restart, --root, {1}, --environment, {0}, --port, "{3}"]
    health:
      - {{ name: worker, url: "http://127.0.0.1:{3}/health", attempts: 3, timeout: 1s }}
    version: {{ url: "http://127.0.0.1:{3}/version", digestPointer: /digest }}
    alarms:
      - name: kiro-worker-{0}-health
        url: http://127.0.0.1:{3}/health
        timeout: 1s
        period: 500ms
        evaluationPeriods: 3
        datapointsToAlarm: 2
)",
                        environment.name, root(environment), worker_, ports_.at(environment.name));
  }
  return write_file(configuration(), text);
}

Result<std::string> DemoStage::build(const std::string& version,
                                     const std::optional<Badness>& badness) {
  const auto directory = folder_ / "builds" / version;
  std::error_code error;
  fs::create_directories(directory / "static", error);
  std::string conf = "version=" + version + "\n";
  if (badness)
    conf += fmt::format("bad_after_ms={}\nbad_in={}\n", badness->after.count(), badness->in);
  TRY(write_file(directory / "release.conf", conf));
  TRY(write_file(directory / "static" / "page.html", "<p>This is " + version + ".</p>\n"));
  return directory.string();
}

Result<> DemoStage::break_versions(const Environment& environment,
                                   const std::vector<std::string>& versions) {
  std::string lines;
  for (const auto& version : versions) lines += version + "\n";
  return write_file(fs::path(root(environment)) / "broken", lines);
}

Result<> DemoStage::start_server() {
  server_ = TRY(spawn({program_, "serve", "--config", configuration()},
                      {.output = (folder_ / "server.log").string()}));
  return {};
}

void DemoStage::kill_server() {
  if (server_ <= 0) return;
  kill(server_, SIGKILL);
  waitpid(server_, nullptr, 0);
  server_ = 0;
}

Result<int> DemoStage::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> whole{program_};
  whole.insert(whole.end(), arguments.begin(), arguments.end());
  whole.insert(whole.end(), {"--config", configuration()});
  const auto pid = TRY(spawn(whole, {}));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<DemoStage::Answer> DemoStage::ask(const Environment& environment) const {
  const int port = ports_.at(environment.name);
  const auto said = TRY(get(port, "/version"));
  const auto version = TRY(json::parse(said.body));
  Answer answer{.version = TRY(json::Reader(version).text("version"))};
  answer.healthy = TRY(get(port, "/health")).status == 200;
  return answer;
}

}  // namespace stepback
