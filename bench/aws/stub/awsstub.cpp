// SPDX-License-Identifier: Apache-2.0
// awsstub [--delay-ms N] [--rate N] [--tls CERTIFICATE KEY]: as much of AWS as one rollback talks
// to, on loopback and in memory, fast enough that the client is what is measured. It checks no
// signature, but wants one. Prints its two ports (AWS, its own), and ends with its standard input.
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>
#include <thread>

#include "server.hpp"
#include "world.hpp"

namespace {

struct Options {
  std::chrono::milliseconds delay{};
  double rate = 0;
  ssl_ctx_st* tls = nullptr;
};

Options read_options(std::span<char*> words) {
  Options options;
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--delay-ms")
      options.delay = std::chrono::milliseconds(stub::number_in(words[++i]));
    if (word == "--rate") options.rate = static_cast<double>(stub::number_in(words[++i]));
    if (word == "--tls" && i + 2 < words.size()) {
      options.tls = stub::server_tls(words[i + 1], words[i + 2]);
      i += 2;
    }
  }
  return options;
}

stub::Answer safely(auto answer, const stub::Request& request) {
  try {
    return answer(request);
  } catch (const std::exception& error) {
    auto refused = stub::s3_refusal(400, "InvalidRequest", error.what());
    refused.kind = "unknown " + request.path;
    return refused;
  }
}

void end_with_the_input() {
  std::array<char, 64> room{};
  while (read(STDIN_FILENO, room.data(), room.size()) > 0) continue;
  _exit(0);
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = read_options({words, static_cast<std::size_t>(count)});
  stub::Meter meter;
  stub::World world("", meter, options.rate);
  stub::Server server;
  stub::Listener services{.answer =
                              [&](const stub::Request& request) {
                                if (request.header("authorization").empty()) {
                                  auto refused = stub::s3_refusal(403, "AccessDenied", "unsigned");
                                  refused.kind = "unsigned";
                                  return refused;
                                }
                                return safely([&](const auto& r) { return world.answer(r); },
                                              request);
                              },
                          .delay = options.delay,
                          .tls = options.tls,
                          .meter = &meter};
  stub::Listener admin{.answer = [&](const stub::Request& request) {
    return safely([&](const auto& r) { return world.answer_admin(r); }, request);
  }};
  if (!server.listen(services) || !server.listen(admin)) {
    std::perror("awsstub: listening");
    return 1;
  }
  world.set_address((options.tls != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") +
                    std::to_string(services.port));
  std::printf("%d %d\n", services.port, admin.port);
  std::fflush(stdout);
  std::thread(end_with_the_input).detach();
  server.run();
}
