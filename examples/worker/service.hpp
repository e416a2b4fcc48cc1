// SPDX-License-Identifier: Apache-2.0
#pragma once

// The service itself: one thread, one request at a time, on 127.0.0.1.

#include <filesystem>
#include <string>

#include "release.hpp"

namespace worker {

struct ServiceOptions {
  std::filesystem::path root;  // of the environment: holds `current` and `releases`
  std::string environment;
  int port = 0;
};

// Serves until SIGTERM. Returns the exit status.
int serve(const ServiceOptions& options, const Release& release);

}  // namespace worker
