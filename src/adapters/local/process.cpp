// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/process.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ranges>

#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr std::string_view usual_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t most_tail_bytes = 8 * 1024;
constexpr Duration begin_limit = seconds(5);  // for the system to find and load the program
constexpr Duration longest_limit = hours(24);
constexpr Duration kill_limit = seconds(1);  // for the system to end what was killed

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

Result<> must_be_sound(const Command& command) {
  if (command.arguments.empty() || command.arguments[0].empty()) {
    return fail(Code::invalid, "a command needs a program");
  }
  bool sound = std::ranges::none_of(command.arguments, has_nul) && !has_nul(command.directory);
  for (const auto& [name, content] : command.environment) {
    sound = sound && !name.empty() && name.find('=') == std::string::npos;
    sound = sound && !has_nul(name) && !has_nul(content);
  }
  if (sound) return {};
  return fail(Code::invalid, "an argument or variable of " + one_line(command.arguments[0]) +
                                 " has a character that none can have");
}

bool is_program(const std::string& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

Result<std::string> find_program(const std::string& name, std::string_view path) {
  if (name.starts_with('/')) return name;
  if (name.find('/') != std::string::npos) {
    return fail(Code::invalid,
                "a program is an absolute path or a name without slashes, not " + one_line(name));
  }
  for (const auto part : std::views::split(path, ':')) {
    const std::string directory(part.begin(), part.end());
    if (!directory.starts_with('/')) continue;  // never from where we happen to stand
    std::string candidate = directory + "/" + name;
    if (is_program(candidate)) return candidate;
  }
  return fail(Code::not_found, fmt::format("no program {} in {}", one_line(name), path));
}

// Above the standard streams, so that dup2 in the child never meets its own source.
Result<Descriptor> above_streams(Descriptor descriptor) {
  if (descriptor.number() > STDERR_FILENO) return descriptor;
  Descriptor moved(::fcntl(descriptor.number(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved.is_open()) return fail(system_error("copy", "a descriptor", errno));
  return moved;
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> above_streams(std::array<int, 2> ends) {
  Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  pipe.read = TRY(above_streams(std::move(pipe.read)));
  pipe.write = TRY(above_streams(std::move(pipe.write)));
  return pipe;
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(system_error("make", "a pipe", errno));
  return above_streams(ends);
}

// A pipe whose writer gets an error instead of a signal when the reader is gone.
Result<Pipe> make_gate() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(system_error("make", "a pair of sockets", errno));
  }
  return above_streams(ends);
}

// What the child reads: a file in memory, so that nobody has to feed a pipe.
Result<Descriptor> make_input(const std::string& text) {
  Descriptor input(text.empty() ? ::open("/dev/null", O_RDONLY | O_CLOEXEC)
                                : ::memfd_create("input", MFD_CLOEXEC));
  if (!input.is_open()) return fail(system_error("open", "the input of a command", errno));
  TRY(write_all(input, text, "the input of a command"));
  if (!text.empty() && ::lseek(input.number(), 0, SEEK_SET) != 0) {
    return fail(system_error("rewind", "the input of a command", errno));
  }
  return above_streams(std::move(input));
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs, laid out beforehand: after the fork it may not allocate.
struct Launch {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* directory;  // null: stays
  int input;
  int output;
  int errors;
  int gate;
  int gate_of_parent;
  int failure;
  pid_t parent;
};

[[noreturn]] void begin(const Launch& launch) {
  // If the thread that waits for us is gone, nobody would end us at the deadline.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) ::_exit(127);
  ::setpgid(0, 0);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &usual, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  ::close(launch.gate_of_parent);  // else our own copy would keep the gate from ever closing
  char byte = 0;
  while (true) {
    const ssize_t got = ::read(launch.gate, &byte, 1);
    if (got == 1) break;
    if (got == 0 || errno != EINTR) ::_exit(127);
  }
  bool well = ::dup2(launch.input, STDIN_FILENO) >= 0;
  well = well && ::dup2(launch.output, STDOUT_FILENO) >= 0;
  well = well && ::dup2(launch.errors, STDERR_FILENO) >= 0;
  well = well && (launch.directory == nullptr || ::chdir(launch.directory) == 0);
  well = well && ::syscall(SYS_close_range, 3U, UINT_MAX, 1U << 2 /* close on exec */) == 0;
  if (well) ::execve(launch.program, launch.arguments, launch.environment);
  const int number = errno;
  [[maybe_unused]] const auto told = ::write(launch.failure, &number, sizeof number);
  ::_exit(127);
}

bool is_readable(int descriptor, Duration limit) {
  pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(limit.count())) > 0;
}

}  // namespace

Result<> must_succeed(const Ended& ended, std::string_view what) {
  if (ended.succeeded()) return {};
  std::string_view said = ended.output;
  if (said.size() > 400) said.remove_prefix(said.size() - 400);
  while (said.ends_with('\n')) said.remove_suffix(1);
  const std::string saying = said.empty() ? "and said nothing" : "saying: " + one_line(said, 420);
  if (ended.timed_out) {
    return fail(Code::timeout, fmt::format("{} did not end within its limit and was killed after "
                                           "{}, {}",
                                           what, to_short(ended.took), saying));
  }
  if (!ended.status) {
    return fail(Code::invalid,
                fmt::format("{} was ended by signal {}, {}", what, ended.signal, saying));
  }
  const bool again = *ended.status == try_again_status;
  return fail(again ? Code::unavailable : Code::invalid,
              fmt::format("{} ended with status {}{}, {}", what, *ended.status,
                          again ? " (try again later)" : "", saying));
}

Result<Child> Child::prepare(Command command, const Clock& clock) {
  TRY(must_be_sound(command));
  std::vector<std::string> environment;
  std::string path(usual_path);
  for (const auto& [name, content] : command.environment) {
    if (name == "PATH") {
      path = content;
    } else {
      environment.push_back(name + "=" + content);
    }
  }
  environment.push_back("PATH=" + path);
  const std::string program = TRY(find_program(command.arguments[0], path));
  std::vector<std::string> arguments = command.arguments;
  const std::vector<char*> argument_list = pointers_to(arguments);
  const std::vector<char*> environment_list = pointers_to(environment);

  const Descriptor input = TRY(make_input(command.input));
  Descriptor nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!nothing.is_open()) return fail(system_error("open", "/dev/null", errno));
  nothing = TRY(above_streams(std::move(nothing)));
  Pipe output = TRY(make_pipe());
  Pipe gate = TRY(make_gate());
  Pipe failure = TRY(make_pipe());
  ::fcntl(output.read.number(), F_SETFL, O_NONBLOCK);

  command.limit = std::min(command.limit, longest_limit);
  Child child(std::move(command), clock);
  const Launch launch{
      .program = program.c_str(),
      .arguments = argument_list.data(),
      .environment = environment_list.data(),
      .directory = child.command_.directory.empty() ? nullptr : child.command_.directory.c_str(),
      .input = input.number(),
      .output = output.write.number(),
      .errors = child.command_.drop_errors ? nothing.number() : output.write.number(),
      .gate = gate.read.number(),
      .gate_of_parent = gate.write.number(),
      .failure = failure.write.number(),
      .parent = ::getpid()};
  const pid_t id = ::fork();
  if (id < 0) return fail(system_error("start", child.command_.arguments[0], errno));
  if (id == 0) begin(launch);
  ::setpgid(id, id);  // on both sides: whoever comes first
  child.id_ = id;
  child.process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id, 0U)));
  if (!child.process_.is_open()) {
    const int number = errno;
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
    return fail(system_error("watch", child.command_.arguments[0], number));
  }
  child.gate_ = std::move(gate.write);
  child.failure_ = std::move(failure.read);
  child.output_ = std::move(output.read);
  child.began_ = clock.steady();
  return child;
}

Child::~Child() {
  if (!process_.is_open()) return;
  ::kill(-id_, SIGKILL);
  if (is_readable(process_.number(), kill_limit)) ::waitpid(id_, nullptr, 0);
}

Result<> Child::let_go() {
  began_ = clock_->steady();
  if (::send(gate_.number(), "g", 1, MSG_NOSIGNAL) != 1) {
    return fail(Code::unavailable, command_.arguments[0] + " was ended before it could begin");
  }
  gate_.close();
  int number = 0;
  if (is_readable(failure_.number(), begin_limit) &&
      ::read(failure_.number(), &number, sizeof number) == sizeof number) {
    ::waitpid(id_, nullptr, 0);
    process_.close();
    return fail(system_error("start", command_.arguments[0], number));
  }
  failure_.close();
  return {};
}

void Child::read_output() {
  std::array<char, 16 * 1024> part{};
  while (output_.is_open()) {
    const ssize_t got = ::read(output_.number(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      output_.close();
      return;
    }
    std::string_view bytes(part.data(), static_cast<std::size_t>(got));
    const std::size_t room = most_output_bytes - most_tail_bytes - head_.size();
    head_ += bytes.substr(0, room);
    bytes.remove_prefix(std::min(room, bytes.size()));
    tail_ += bytes;
    if (tail_.size() > most_tail_bytes) {
      dropped_ += tail_.size() - most_tail_bytes;
      tail_.erase(0, tail_.size() - most_tail_bytes);
    }
  }
}

bool Child::ends_before(Duration deadline) {
  while (true) {
    const Duration left = deadline - clock_->steady();
    if (left <= Duration(0)) return false;
    std::array<pollfd, 2> entries{pollfd{process_.number(), POLLIN, 0},
                                  pollfd{output_.number(), POLLIN, 0}};  // -1 is passed over
    const int ready = ::poll(entries.data(), entries.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0) return false;  // that much time has passed, whatever the clock says
    if (ready < 0) continue;
    if (entries[1].revents != 0) read_output();
    if (entries[0].revents != 0) return true;
  }
}

Result<Ended> Child::reap(bool timed_out) {
  siginfo_t facts{};
  if (::waitid(P_PID, static_cast<id_t>(id_), &facts, WEXITED) != 0) {
    return fail(system_error("wait for", command_.arguments[0], errno));
  }
  process_.close();
  read_output();
  Ended ended{
      .timed_out = timed_out && !stopped_, .stopped = stopped_, .took = clock_->steady() - began_};
  if (facts.si_code == CLD_EXITED) {
    ended.status = facts.si_status;
  } else {
    ended.signal = facts.si_status;
  }
  ended.output = std::move(head_);
  if (dropped_ > 0) ended.output += fmt::format("\n... ({} bytes are left out)\n", dropped_);
  ended.output += tail_;
  return ended;
}

// In parts of a second, where somebody wants to be asked.
bool Child::ends_in_time() {
  const Duration deadline = began_ + command_.limit;
  if (!command_.go_on) return ends_before(deadline);
  while (clock_->steady() < deadline) {
    if (ends_before(std::min(deadline, clock_->steady() + seconds(1)))) return true;
    stopped_ = !command_.go_on();
    if (stopped_) return false;
  }
  return false;
}

Result<Ended> Child::wait() {
  if (ends_in_time()) return reap(false);
  // While it is not reaped its number is its own, so the group can't be anybody else's.
  ::kill(-id_, SIGTERM);
  const bool ended = ends_before(clock_->steady() + command_.grace);
  ::kill(-id_, SIGKILL);
  if (ended || ends_before(clock_->steady() + kill_limit)) return reap(true);
  return fail(Code::timeout, fmt::format("{} (process {}) does not end, even when killed",
                                         command_.arguments[0], id_));
}

Result<Ended> run(const Command& command, const Clock& clock) {
  Child child = TRY(Child::prepare(command, clock));
  TRY(child.let_go());
  return child.wait();
}

}  // namespace stepback::local
