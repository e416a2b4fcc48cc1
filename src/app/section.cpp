// SPDX-License-Identifier: Apache-2.0
#include "app/section.hpp"

#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/spelling.hpp"

namespace stepback {
namespace {

// What stands for something that is known later; {environment} is the only one filled in here.
const std::vector<std::string> slots{"environment", "version", "infrastructure_version",
                                     "digest",      "release", "event"};
constexpr std::string_view environment_slot = "{environment}";

std::string replaced(std::string text, std::string_view what, std::string_view instead) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), instead);
    at += instead.size();
  }
  return text;
}

// "{enviroment}" would be taken literally and found out in the middle of a rollback.
std::optional<std::pair<std::string, std::string>> misspelt_slot(std::string_view text) {
  for (auto open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return std::nullopt;
    const std::string name(text.substr(open + 1, close - open - 1));
    const auto meant = nearest(name, slots);
    if (meant && *meant != name) return std::pair(name, *meant);
  }
  return std::nullopt;
}

}  // namespace

const json::Value* Section::find(std::string_view key) const {
  const json::Value* found = value_->is_object() ? value_->get_object().if_contains(key) : nullptr;
  return found != nullptr && !found->is_null() ? found : nullptr;
}

std::optional<Section> Section::child(std::string_view key) const {
  const json::Value* found = find(key);
  if (found == nullptr) return std::nullopt;
  return Section(*file_, *found, path_ + step_to(key), environment_);
}

std::vector<Section> Section::children(std::string_view key) const {
  std::vector<Section> sections;
  const json::Value* found = find(key);
  if (found == nullptr || !found->is_array()) return sections;
  for (std::size_t i = 0; i < found->get_array().size(); ++i) {
    sections.emplace_back(*file_, found->get_array()[i],
                          fmt::format("{}{}/{}", path_, step_to(key), i), environment_);
  }
  return sections;
}

Section Section::for_environment(std::string environment) const {
  return Section(*file_, *value_, path_, std::move(environment));
}

void Section::wrong(std::string_view key, std::string what) const {
  file_->findings.add(file_->document.mark(path_ + step_to(key)), std::move(what));
}

std::string Section::fill(std::string_view key, std::string_view text) const {
  if (const auto misspelt = misspelt_slot(text)) {
    wrong(key, fmt::format("{} stands for nothing; did you mean \"{{{}}}\"?",
                           in_quotes("{" + misspelt->first + "}"), misspelt->second));
  }
  if (environment_.empty()) return std::string(text);
  return replaced(std::string(text), environment_slot, environment_);
}

void Section::read(std::string_view key, std::string& into) const {
  const json::Value* found = find(key);
  if (found != nullptr && found->is_string()) into = fill(key, found->get_string());
}

void Section::read(std::string_view key, bool& into) const {
  const json::Value* found = find(key);
  if (found != nullptr && found->is_bool()) into = found->get_bool();
}

void Section::read(std::string_view key, int& into) const {
  const json::Value* found = find(key);
  if (found != nullptr && found->is_int64()) into = static_cast<int>(found->get_int64());
}

void Section::read(std::string_view key, double& into) const {
  const json::Value* found = find(key);
  if (found == nullptr) return;
  if (found->is_int64()) into = static_cast<double>(found->get_int64());
  if (found->is_double()) into = found->get_double();
}

void Section::read(std::string_view key, Duration& into) const {
  std::string text;
  read(key, text);
  if (text.empty()) return;
  if (const auto duration = parse_duration(text)) {
    into = *duration;
  } else {
    wrong(key, fmt::format("{} is longer than any wait here", in_quotes(text)));
  }
}

void Section::read(std::string_view key, std::optional<Duration>& into) const {
  Duration duration{};
  read(key, duration);
  if (duration > Duration(0)) into = duration;
}

void Section::read(std::string_view key, std::vector<std::string>& into) const {
  const json::Value* found = find(key);
  if (found == nullptr || !found->is_array()) return;
  into.clear();
  for (const auto& element : found->get_array()) {
    if (element.is_string()) into.push_back(fill(key, element.get_string()));
  }
}

void Section::read(std::string_view key, std::vector<int>& into) const {
  const json::Value* found = find(key);
  if (found == nullptr) return;
  into.clear();
  if (found->is_int64()) into.push_back(static_cast<int>(found->get_int64()));
  if (!found->is_array()) return;
  for (const auto& element : found->get_array()) {
    if (element.is_int64()) into.push_back(static_cast<int>(element.get_int64()));
  }
}

std::string Section::absolute(const std::string& path) const {
  const auto normal = (std::filesystem::path(file_->directory) / path).lexically_normal().string();
  return normal.size() > 1 && normal.ends_with('/') ? normal.substr(0, normal.size() - 1) : normal;
}

void Section::read_path(std::string_view key, std::string& into) const {
  std::string path;
  read(key, path);
  if (!path.empty()) into = absolute(path);
}

std::vector<std::pair<std::string, json::Value>> Section::members(std::string_view key) const {
  std::vector<std::pair<std::string, json::Value>> result;
  const json::Value* found = find(key);
  if (found == nullptr || !found->is_object()) return result;
  for (const auto& entry : found->get_object()) {
    result.emplace_back(std::string(entry.key()), entry.value());
  }
  return result;
}

}  // namespace stepback
