// SPDX-License-Identifier: Apache-2.0
#include "control.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace worker {
namespace {

constexpr int kind_wait_ms = 1000;
constexpr int start_wait_ms = 5000;

bool gone_within(int process, int ms) {
  pollfd waiting{.fd = process, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, ms) == 1;
}

bool answers(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool connected =
      connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(connection);
  return connected;
}

// The child becomes a session of its own and outlives whoever restarted it.
void start_detached(const ServiceOptions& options) {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  const int nowhere = open("/dev/null", O_RDWR);
  for (const int stream : {0, 1, 2}) dup2(nowhere, stream);
  close_range(3, ~0U, 0);
  const auto release = read_release(options.root / "current");
  _exit(release ? serve(options, *release) : 1);
}

}  // namespace

int stop(const ServiceOptions& options) {
  pid_t pid = 0;
  std::ifstream(options.root / "worker.pid") >> pid;
  if (pid <= 1) return 0;
  const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return 0;  // it has ended already
  syscall(SYS_pidfd_send_signal, process, SIGTERM, nullptr, 0);
  if (!gone_within(process, kind_wait_ms)) {
    syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0);
    gone_within(process, kind_wait_ms);
  }
  close(process);
  return 0;
}

int restart(const ServiceOptions& options) {
  if (!read_release(options.root / "current")) {
    std::fprintf(stderr, "worker: %s has no readable release\n",
                 (options.root / "current").c_str());
    return 1;
  }
  stop(options);
  start_detached(options);
  while (wait(nullptr) > 0) {
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(start_wait_ms);
  while (std::chrono::steady_clock::now() < until) {
    if (answers(options.port)) return 0;
    poll(nullptr, 0, 5);
  }
  std::fprintf(stderr, "worker: nothing answers on port %d\n", options.port);
  return 1;
}

}  // namespace worker
