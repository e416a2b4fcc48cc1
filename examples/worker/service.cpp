// SPDX-License-Identifier: Apache-2.0
#include "service.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace worker {
namespace {

std::atomic<bool> stopping = false;

struct Service {
  const ServiceOptions& options;
  const Release& release;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;

  bool healthy() const {
    if (is_broken(options.root, release.version)) return false;
    if (!release.bad_after_ms) return true;
    if (!release.bad_in.empty() && release.bad_in != options.environment) return true;
    const auto age = std::chrono::steady_clock::now() - started;
    return age < std::chrono::milliseconds(*release.bad_after_ms);
  }

  std::string health() {
    const bool well = healthy();
    if (!well) ++errors;
    return answer(well ? "200 OK" : "500 Internal Server Error", "application/json",
                  well ? R"({"status":"ok"})" : R"({"status":"failing"})");
  }

  std::string version() const {
    return answer(
        "200 OK", "application/json",
        "{\"version\":\"" + release.version + "\",\"digest\":\"" + release.digest + "\"}");
  }

  std::string metrics() const {
    return answer(
        "200 OK", "text/plain; version=0.0.4",
        "# TYPE worker_requests_total counter\nworker_requests_total " + std::to_string(requests) +
            "\n# TYPE worker_errors_total counter\nworker_errors_total " + std::to_string(errors) +
            "\n# TYPE worker_healthy gauge\nworker_healthy " + (healthy() ? "1" : "0") +
            "\n# TYPE worker_version_info gauge\nworker_version_info{version=\"" + release.version +
            "\"} 1\n");
  }

  static std::string answer(const std::string& status, const std::string& type,
                            const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
           body;
  }

  std::string respond(const std::string& request) {
    ++requests;
    if (request.starts_with("GET /health ")) return health();
    if (request.starts_with("GET /version ")) return version();
    if (request.starts_with("GET /metrics ")) return metrics();
    return answer("404 Not Found", "text/plain", "not here\n");
  }
};

void on_terminate(int) { stopping = true; }

void handle_signals(bool ignore_terminate) {
  struct sigaction action{};
  action.sa_handler = ignore_terminate ? SIG_IGN : on_terminate;
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
}

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 64) != 0) {
    std::fprintf(stderr, "worker: port %d: %s\n", port, std::strerror(errno));
    close(listener);
    return -1;
  }
  return listener;
}

std::string read_head(int connection) {
  std::string request;
  char buffer[2048];
  while (request.find("\r\n\r\n") == std::string::npos && request.size() < 16'384) {
    const auto count = recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) break;
    request.append(buffer, static_cast<std::size_t>(count));
  }
  return request;
}

}  // namespace

int serve(const ServiceOptions& options, const Release& release) {
  handle_signals(release.ignores_sigterm);
  const int listener = listen_on(options.port);
  if (listener < 0) return 1;
  const auto pid_file = options.root / "worker.pid";
  std::ofstream(pid_file) << getpid() << "\n";
  Service service{options, release};
  while (!stopping) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const timeval patience{.tv_sec = 2, .tv_usec = 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto response = service.respond(read_head(connection));
    // A client that has gone needs no answer.
    (void)!send(connection, response.data(), response.size(), MSG_NOSIGNAL);
    close(connection);
  }
  close(listener);
  return 0;
}

}  // namespace worker
