// SPDX-License-Identifier: Apache-2.0
// stepback-worker serve|restart|stop --root DIR --environment NAME --port N
#include <charconv>
#include <cstdio>
#include <string_view>

#include "control.hpp"

namespace {

int port_named(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port < 65'536 ? port : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  worker::ServiceOptions options;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view key = argv[i];
    if (key == "--root") options.root = argv[i + 1];
    if (key == "--environment") options.environment = argv[i + 1];
    if (key == "--port") options.port = port_named(argv[i + 1]);
  }
  if (!options.root.empty() && options.port > 0) {
    if (command == "restart") return worker::restart(options);
    if (command == "stop") return worker::stop(options);
    const auto release = worker::read_release(options.root / "current");
    if (command == "serve" && release) return worker::serve(options, *release);
  }
  std::fprintf(
      stderr, "usage: stepback-worker serve|restart|stop --root DIR --environment NAME --port N\n");
  return 2;
}
