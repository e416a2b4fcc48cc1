// SPDX-License-Identifier: Apache-2.0
#include "app/place.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "app/config_found.hpp"

namespace stepback {
namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "stepback.yaml";

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::string value_of(const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? "" : found->second;
}

// From here upwards, as far as the repository reaches.
std::string found_upwards() {
  std::error_code error;
  for (auto folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    if (is_file(folder / file_name)) return (folder / file_name).string();
    if (fs::exists(folder / ".git", error) || folder == folder.root_path()) return "";
  }
  return "";
}

}  // namespace

Result<std::string> configuration_path(const std::string& asked_for, const Variables& variables) {
  if (!asked_for.empty()) return asked_for;
  if (auto named = value_of(variables, "STEPBACK_CONFIG"); !named.empty()) return named;
  if (auto found = found_upwards(); !found.empty()) return found;
  auto own = value_of(variables, "XDG_CONFIG_HOME");
  if (own.empty()) own = value_of(variables, "HOME") + "/.config";
  for (const auto& folder : {own + "/stepback", std::string("/etc/stepback")}) {
    if (is_file(fs::path(folder) / file_name)) return (fs::path(folder) / file_name).string();
  }
  const auto demo = fs::path(demo_folder(variables)) / file_name;
  if (is_file(demo)) return demo.string();
  return fail(Code::not_found,
              "no stepback.yaml here or above, in " + own + "/stepback or in /etc/stepback");
}

std::string demo_folder(const Variables& variables) {
  auto states = value_of(variables, "XDG_STATE_HOME");
  if (states.empty()) states = value_of(variables, "HOME") + "/.local/state";
  return states + "/stepback/demo";
}

Result<std::string> write_first_configuration(const std::string& path) {
  const auto found = look_around({});
  const auto text = first_configuration(found);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file < 0 && errno == EEXIST)
    return fail(Code::conflict, path + " is there already and was left as it is");
  if (file < 0) return fail(Code::denied, "writing " + path + ": " + std::strerror(errno));
  const auto written = write(file, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  if (!whole) return fail(Code::unavailable, "writing " + path + ": " + std::strerror(errno));
  if (found.empty())
    return "wrote " + path + ": fill in your paths, then run stepback config check";
  return "wrote " + path + " from what is in " + found.front().places.front().current +
         " and beside it: look it over, then run stepback config check";
}

}  // namespace stepback
