// SPDX-License-Identifier: Apache-2.0
// rtbench [OPTION VALUE]... -- COMMAND [ARGUMENT...]: Lambda's Runtime API (2018-06-01) for one
// runtime, which it starts as its child and measures from outside, once:
//
//   --event FILE     the event, always the same     --warmup N   so many without measuring (0)
//   --cgroup FOLDER  where it is put when it has    --events N   then so many, measured (0)
//                    asked for its first event: as  --patience S with one event (120)
//                    Lambda gives full speed to the
//                    start, and a share afterwards
//
// Prints a document: *_ms from the start of the process until it asked for its first event (init)
// and until its answer to that had come (first), by the clock and in CPU time; event_us, the median
// of the warm events; memory_*_kb, the peak until then.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../stub/message.hpp"

extern char** environ;

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::map<std::string, std::string> values;
  std::vector<char*> command;

  long number(const std::string& name, long otherwise) const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : stub::number_in(found->second, otherwise);
  }
};

Options read_options(std::span<char*> words) {
  Options options;
  std::size_t i = 1;
  for (; i + 1 < words.size() && std::string_view(words[i]) != "--"; i += 2)
    options.values[std::string(words[i]).substr(2)] = words[i + 1];
  for (++i; i < words.size(); ++i) options.command.push_back(words[i]);
  return options;
}

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double cpu_milliseconds(pid_t process) {
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

long memory_peak_kb(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmHWM:"))
      return stub::number_in(std::string_view(line).substr(line.find_first_of("0123456789")));
  return 0;
}

// What the runtime asks, one request after the other, on whichever connection it has.
class Api {
 public:
  struct Asked {
    std::string head;
    std::string body;
  };

  bool open() {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(socket_, any, size) != 0 || listen(socket_, 64) != 0) return false;
    if (getsockname(socket_, any, &size) != 0) return false;
    port_ = ntohs(address.sin_port);
    return true;
  }
  int port() const { return port_; }

  std::optional<Asked> next(Clock::time_point until) {
    while (true) {
      if (auto asked = take()) return asked;
      if (!fill(until)) return std::nullopt;
    }
  }

  void say(std::string_view text) {
    while (!text.empty()) {
      const auto count = send(connection_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  std::optional<Asked> take() {
    const auto end = in_.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    const std::string_view all(in_);
    const auto rest = all.substr(end + 4);
    const stub::Request lines{
        .method = "", .path = "", .query = {}, .head = all.substr(0, end + 2), .body = ""};
    auto size = static_cast<std::size_t>(stub::number_in(lines.header("content-length")));
    Asked asked{.head = in_.substr(0, end), .body = ""};
    if (stub::same_letters(lines.header("transfer-encoding"), "chunked")) {
      auto body = stub::without_chunks(rest, size);
      if (!body) return std::nullopt;
      asked.body = *std::move(body);
    } else {
      if (rest.size() < size) return std::nullopt;
      asked.body = rest.substr(0, size);
    }
    in_.erase(0, end + 4 + size);
    return asked;
  }

  bool fill(Clock::time_point until) {
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
      std::array<pollfd, 2> both{{{socket_, POLLIN, 0}, {connection_, POLLIN, 0}}};
      if (left <= 0 || poll(both.data(), both.size(), static_cast<int>(left)) <= 0) return false;
      if (both[1].revents != 0) {
        std::array<char, 65536> room;
        const auto count = recv(connection_, room.data(), room.size(), 0);
        if (count > 0) {
          in_.append(room.data(), static_cast<std::size_t>(count));
          return true;
        }
        drop();
      }
      if (both[0].revents != 0) {
        drop();
        connection_ = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        const int yes = 1;
        setsockopt(connection_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      }
    }
  }
  void drop() {
    if (connection_ >= 0) close(connection_);
    connection_ = -1;
    in_.clear();
  }

  int socket_ = -1;
  int connection_ = -1;
  int port_ = 0;
  std::string in_;
};

std::optional<pid_t> start(const Options& options, int port) {
  auto command = options.command;
  command.push_back(nullptr);
  auto api = "AWS_LAMBDA_RUNTIME_API=127.0.0.1:" + std::to_string(port);
  std::vector<char*> variables;
  for (char** each = environ; *each != nullptr; ++each) variables.push_back(*each);
  variables.push_back(api.data());
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);  // ours is a document
  pid_t process = 0;
  const int failed =
      posix_spawnp(&process, command.front(), &actions, nullptr, command.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? std::optional(process) : std::nullopt;
}

struct Figures {
  double init_ms = 0;
  double first_ms = 0;
  double cpu_init_ms = 0;
  double cpu_first_ms = 0;
  double cpu_event_us = 0;
  long memory_init_kb = 0;
  long memory_first_kb = 0;
  std::vector<double> events_us;
  std::string answer;
};

// Has one event handled; false: it was not, and why has been said.
bool handle(Api& api, const std::string& event, long number, Clock::time_point until,
            std::string& answer) {
  api.say("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: " + std::to_string(number) +
          "\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\nLambda-Runtime-Invoked-Function-Arn: "
          "arn:aws:lambda:us-east-1:123456789012:function:bench\r\nContent-Type: "
          "application/json\r\nContent-Length: " +
          std::to_string(event.size()) + "\r\n\r\n" + event);
  const auto asked = api.next(until);
  const bool fine =
      asked && asked->head.starts_with("POST ") &&
      asked->head.substr(0, asked->head.find('\r')).find("/error") == std::string::npos;
  if (!fine) {
    std::fprintf(stderr, "rtbench: %s\n", asked ? asked->body.c_str() : "no answer in time");
    return false;
  }
  answer = asked->body;
  return true;
}

bool measure(Api& api, const Options& options, const std::string& event, pid_t process,
             Clock::time_point begin, Figures& figures) {
  const auto warmup = options.number("warmup", 0);
  const auto last = warmup + options.number("events", 0);
  const auto patience = std::chrono::seconds(options.number("patience", 120));
  double cpu_before = 0;
  for (long number = 0; number <= last; ++number) {
    const auto until = Clock::now() + patience;
    const auto asked = api.next(until);
    if (!asked || !asked->head.starts_with("GET ")) {
      std::fprintf(stderr, "rtbench: it did not ask for an event: %s\n",
                   asked ? asked->body.c_str() : "");
      return false;
    }
    if (number == 0) {
      figures.init_ms = milliseconds_since(begin);
      figures.cpu_init_ms = cpu_milliseconds(process);
      figures.memory_init_kb = memory_peak_kb(process);
      if (const auto cgroup = options.values.find("cgroup"); cgroup != options.values.end())
        std::ofstream(cgroup->second + "/cgroup.procs") << process << std::flush;
    }
    if (number == warmup + 1) cpu_before = cpu_milliseconds(process);
    const auto given = Clock::now();
    if (!handle(api, event, number, until, figures.answer)) return false;
    if (number == 0) {
      figures.first_ms = milliseconds_since(begin);
      figures.cpu_first_ms = cpu_milliseconds(process);
      figures.memory_first_kb = memory_peak_kb(process);
    }
    if (number > warmup) figures.events_us.push_back(milliseconds_since(given) * 1e3);
    api.say(
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n"
        "{\"status\":\"OK\"}\n");
  }
  if (!figures.events_us.empty())
    figures.cpu_event_us = (cpu_milliseconds(process) - cpu_before) * 1e3 /
                           static_cast<double>(figures.events_us.size());
  return true;
}

double median_of(std::vector<double>& all) {
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

void print(Figures& figures) {
  std::printf(
      "{\"init_ms\":%.3f,\"first_ms\":%.3f,\"cpu_init_ms\":%.3f,\"cpu_first_ms\":%.3f,"
      "\"memory_init_kb\":%ld,\"memory_first_kb\":%ld,\"event_us\":%.2f,\"cpu_event_us\":%.2f,"
      "\"answer\":%s}\n",
      figures.init_ms, figures.first_ms, figures.cpu_init_ms, figures.cpu_first_ms,
      figures.memory_init_kb, figures.memory_first_kb, median_of(figures.events_us),
      figures.cpu_event_us, figures.answer.empty() ? "null" : figures.answer.c_str());
}

}  // namespace

int main(int count, char** words) {
  const auto options = read_options({words, static_cast<std::size_t>(count)});
  std::string event;
  if (const auto path = options.values.find("event"); path != options.values.end()) {
    std::ifstream file(path->second);
    event.assign(std::istreambuf_iterator(file), {});
  }
  if (event.empty() || options.command.empty()) {
    std::fprintf(stderr, "usage: rtbench --event FILE [OPTION VALUE]... -- COMMAND...\n");
    return 2;
  }
  Api api;
  if (!api.open()) {
    std::perror("rtbench: listening");
    return 1;
  }
  const auto begin = Clock::now();
  const auto process = start(options, api.port());
  if (!process) {
    std::fprintf(stderr, "rtbench: %s does not start\n", options.command.front());
    return 1;
  }
  Figures figures;
  const bool done = measure(api, options, event, *process, begin, figures);
  kill(*process, SIGKILL);
  waitpid(*process, nullptr, 0);
  if (done) print(figures);
  return done ? 0 : 1;
}
