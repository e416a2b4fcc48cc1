// SPDX-License-Identifier: Apache-2.0
#include "release.hpp"

#include <charconv>
#include <fstream>
#include <iterator>

#include "base/digest.hpp"

namespace worker {
namespace {

std::optional<std::string> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Release> read_release(const std::filesystem::path& directory) {
  std::error_code error;
  const auto real = std::filesystem::canonical(directory, error);
  std::ifstream file(real / "release.conf");
  if (error || !file) return std::nullopt;
  Release release;
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find('=');
    if (at == std::string::npos) continue;
    const auto key = line.substr(0, at);
    const auto value = line.substr(at + 1);
    if (key == "version") release.version = value;
    if (key == "bad_after_ms") release.bad_after_ms = number(value);
    if (key == "bad_in") release.bad_in = value;
    if (key == "ignores_sigterm") release.ignores_sigterm = value == "yes";
  }
  const auto manifest = content_of(real.parent_path() / (real.filename().string() + ".manifest"));
  if (manifest) release.digest = stepback::sha256_hex(*manifest);
  return release;
}

bool is_broken(const std::filesystem::path& root, const std::string& version) {
  std::ifstream file(root / "broken");
  for (std::string line; std::getline(file, line);) {
    if (line == version) return true;
  }
  return false;
}

}  // namespace worker
