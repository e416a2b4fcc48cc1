// SPDX-License-Identifier: Apache-2.0
#pragma once

// Section: one map of the configuration file while it is read into values. What is absent leaves
// the default that is there; what is wrong becomes a finding at its place. {environment} is filled
// into every text of a section that belongs to one. Used by the configuration's reader only.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/findings.hpp"
#include "app/yaml.hpp"
#include "base/json.hpp"
#include "base/names.hpp"
#include "base/time.hpp"

namespace stepback {

class Section {
 public:
  // What all sections of a file share; must outlive them.
  struct File {
    const YamlDocument& document;
    Findings& findings;
    std::string directory;  // where relative paths begin
  };

  Section(const File& file, const json::Value& value, std::string path, std::string environment)
      : file_(&file),
        value_(&value),
        path_(std::move(path)),
        environment_(std::move(environment)) {}

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::optional<Section> child(std::string_view key) const;
  std::vector<Section> children(std::string_view key) const;  // of a list of maps
  Section for_environment(std::string environment) const;     // the same one, filled in for it

  void read(std::string_view key, std::string& into) const;
  void read(std::string_view key, bool& into) const;
  void read(std::string_view key, int& into) const;
  void read(std::string_view key, double& into) const;
  void read(std::string_view key, Duration& into) const;
  void read(std::string_view key, std::optional<Duration>& into) const;
  void read(std::string_view key, std::vector<std::string>& into) const;
  void read(std::string_view key, std::vector<int>& into) const;  // one number, or a list of them
  void read_path(std::string_view key, std::string& into) const;  // made absolute
  std::string absolute(const std::string& path) const;

  template <class E>
  void read_choice(std::string_view key, E& into) const {
    std::string text;
    read(key, text);
    if (const auto value = named<E>(text)) into = *value;  // the schema has refused others
  }

  // The members of a map whose keys are free: [key, value].
  std::vector<std::pair<std::string, json::Value>> members(std::string_view key) const;

  void wrong(std::string what) const { file_->findings.add(mark(), std::move(what)); }
  void wrong(std::string_view key, std::string what) const;
  TextPlace mark() const { return file_->document.mark(path_); }
  const std::string& path() const { return path_; }
  const std::string& environment() const { return environment_; }

 private:
  const json::Value* find(std::string_view key) const;
  std::string fill(std::string_view key, std::string_view text) const;

  const File* file_;
  const json::Value* value_;
  std::string path_;
  std::string environment_;  // empty: of all
};

}  // namespace stepback
