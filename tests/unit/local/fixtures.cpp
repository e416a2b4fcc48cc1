// SPDX-License-Identifier: Apache-2.0
#include "unit/local/fixtures.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace stepback::local {

bool TemporaryDirectory::has(std::string_view name) const {
  return std::filesystem::exists(std::filesystem::symlink_status(path(name)));
}

void TemporaryDirectory::make(std::string_view name) const {
  std::filesystem::create_directories(path(name));
}

void TemporaryDirectory::write(std::string_view name, std::string_view text) const {
  std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
  std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
}

void TemporaryDirectory::append(std::string_view name, std::string_view text) const {
  std::ofstream(path(name), std::ios::binary | std::ios::app) << text;
}

std::string TemporaryDirectory::read(std::string_view name) const {
  std::ifstream file(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Command python(std::string_view program) {
  return {.arguments = {"/usr/bin/python3", "-S", "-c", std::string(program)}};
}

bool is_gone_soon(pid_t process) {
  for (int tries = 0; tries < 500; ++tries) {
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    if (!std::getline(stat, text)) return true;
    if (text.find(") Z ") != std::string::npos) return true;
    ::poll(nullptr, 0, 10);
  }
  return false;
}

}  // namespace stepback::local
