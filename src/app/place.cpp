// SPDX-License-Identifier: Apache-2.0
#include "app/place.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace stepback {
namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "stepback.yaml";

constexpr std::string_view first_configuration =
    R"(# Stepback's configuration. Every setting: stepback config schema
# What is in force, and from where: stepback config show
version: 1
service: shop

# In promotion order: the last one is where users are.
environments:
  - name: test
  - name: staging
  - name: production
    protected: true

# Each environment has these, with its own name filled in; it may have its own instead.
defaults:
  application:
    kind: symlink
    releases: /srv/shop/{environment}/releases   # a folder for each version
    current: /srv/shop/{environment}/current     # the link that is switched last
    # afterSwitch: [systemctl, reload, "shop-{environment}"]
  health:
    - { name: home, url: "http://127.0.0.1:8080/{environment}/health" }
  version:
    url: "http://127.0.0.1:8080/{environment}/version"
  alarms:
    # Named as the rules expect: it triggers a rollback while a deployment is fresh, and judges it.
    - name: "kiro-worker-{environment}-health"
      url: "http://127.0.0.1:8080/{environment}/health"
      period: 10s
      evaluationPeriods: 3
      datapointsToAlarm: 2

policy:
  automatic: false   # shadow mode: says what it would have done. Turn it on when you trust it.
  bake: 60m          # a version may be gone back to when it has been well for so long
  settle: 60s        # after a rollback, before it may be called validated

notify:
  - { kind: file, path: /var/lib/stepback/notices.jsonl }
# - { kind: webhook, url: "https://chat.example.com/hook", token: "env:CHAT_TOKEN" }

contacts:
  - { name: on-call, reach: "fill this in" }
)";

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
  return fail(Code::not_found,
              "no stepback.yaml here or above, in " + own + "/stepback or in /etc/stepback");
}

Result<std::string> write_first_configuration(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file < 0 && errno == EEXIST)
    return fail(Code::conflict, path + " is there already and was left as it is");
  if (file < 0) return fail(Code::denied, "writing " + path + ": " + std::strerror(errno));
  const auto written = write(file, first_configuration.data(), first_configuration.size());
  const bool whole =
      written == static_cast<ssize_t>(first_configuration.size()) && fsync(file) == 0;
  close(file);
  if (!whole) return fail(Code::unavailable, "writing " + path + ": " + std::strerror(errno));
  return "wrote " + path + ": fill in your paths, then run stepback config check";
}

}  // namespace stepback
