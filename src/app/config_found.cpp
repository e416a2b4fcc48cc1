// SPDX-License-Identifier: Apache-2.0
#include "app/config_found.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace stepback {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_entries = 1000;   // of a folder: a machine is looked at, not searched
constexpr std::size_t longest_unit = 65536;  // bytes
constexpr std::string_view only_environment = "production";

// What may stand in the configuration as it is: nobody has to trust the names of folders.
bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./@").contains(c);
  });
}

// The rule that the configuration has for the name of a service, and of an environment.
bool is_name(std::string_view text) {
  return text.size() <= 32 && is_plain(text) && text[0] >= 'a' && text[0] <= 'z' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    if (found.size() == most_entries) break;
    found.push_back(each->path());
  }
  std::ranges::sort(found);
  return found;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(longest_unit, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::string unit_that_mentions(const std::string& link, const std::string& units) {
  for (const auto& each : entries_of(units)) {
    const auto name = each.filename().string();
    const auto text = name.ends_with(".service") && is_plain(name) ? text_of(each) : "";
    for (auto at = text.find(link); at != std::string::npos; at = text.find(link, at + 1)) {
      const auto after = at + link.size();
      if (after == text.size() || std::string_view("/ \n\"'").contains(text[after])) return name;
    }
  }
  return {};
}

// A folder with releases and a link to one of them.
std::optional<FoundPlace> place_in(const fs::path& folder, std::string_view environment,
                                   const std::string& units) {
  std::error_code error;
  const auto link = folder / "current";
  const auto releases = folder / "releases";
  if (!fs::is_symlink(link, error) || !fs::is_directory(releases, error)) return std::nullopt;
  const auto target = fs::weakly_canonical(link, error);
  if (error || target.parent_path() != fs::weakly_canonical(releases, error)) return std::nullopt;
  if (!is_plain(link.native()) || !is_name(environment)) return std::nullopt;
  return FoundPlace{.environment = std::string(environment),
                    .releases = releases.string(),
                    .current = link.string(),
                    .unit = unit_that_mentions(link.string(), units)};
}

// Test before staging before production, by the names that people give them.
int rank_of(std::string_view environment) {
  constexpr std::array words{"dev", "test", "qa", "int", "stag", "pre", "prod", "live"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (environment.starts_with(words[i])) return static_cast<int>(i);
  }
  return 3;
}

std::optional<FoundService> service_in(const fs::path& folder, const std::string& units) {
  const auto name = folder.filename().string();
  if (!is_name(name)) return std::nullopt;
  FoundService service{.name = name, .places = {}};
  if (auto place = place_in(folder, only_environment, units)) {
    service.places.push_back(*std::move(place));
    return service;
  }
  for (const auto& each : entries_of(folder)) {
    if (auto place = place_in(each, each.filename().string(), units))
      service.places.push_back(*std::move(place));
  }
  if (service.places.empty()) return std::nullopt;
  std::ranges::stable_sort(service.places, {},
                           [](const FoundPlace& each) { return rank_of(each.environment); });
  return service;
}

constexpr std::string_view beginning =
    R"(# Stepback's configuration. Every setting: man stepback.yaml, stepback config schema
# What is in force, and from where: stepback config show
version: 1
)";

constexpr std::string_view nothing_found = R"(service: shop

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
)";

constexpr std::string_view to_be_filled_in = R"(
# Not to be seen from outside the service: fill in where it answers, and what tells that it is ill.
defaults:
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
)";

constexpr std::string_view ending = R"(
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

std::string described(const FoundService& service) {
  auto text = fmt::format(
      "service: {}\n\n# Found on this machine. In promotion order: the last one is where users "
      "are.\nenvironments:\n",
      service.name);
  for (const auto& place : service.places) {
    text += fmt::format("  - name: {}\n", place.environment);
    if (&place == &service.places.back()) text += "    protected: true\n";
    text += fmt::format(
        "    application:\n      kind: symlink\n      releases: {}\n      current: {}\n",
        place.releases, place.current);
    text += place.unit.empty()
                ? "      # afterSwitch: [systemctl, restart, ...]   no unit mentions the link\n"
                : fmt::format("      afterSwitch: [systemctl, restart, {}]\n", place.unit);
  }
  return text;
}

}  // namespace

std::vector<FoundService> look_around(const WhereToLook& where) {
  std::vector<FoundService> found;
  for (const auto& root : where.roots) {
    for (const auto& folder : entries_of(root)) {
      if (auto service = service_in(folder, where.units)) found.push_back(*std::move(service));
    }
  }
  std::ranges::stable_sort(found, std::ranges::greater(),
                           [](const FoundService& each) { return each.places.size(); });
  return found;
}

std::string first_configuration(const std::vector<FoundService>& found) {
  std::string text(beginning);
  if (found.empty()) return text + std::string(nothing_found) + std::string(ending);
  text += described(found.front()) + std::string(to_be_filled_in);
  for (std::size_t i = 1; i < found.size(); ++i) {
    text += fmt::format("# Also here, for a configuration of its own: {} in {}\n", found[i].name,
                        found[i].places.front().current);
  }
  return text + std::string(ending);
}

}  // namespace stepback
