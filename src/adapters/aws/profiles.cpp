// SPDX-License-Identifier: Apache-2.0
// The files that awscli keeps: ~/.aws/config and ~/.aws/credentials.
#include "adapters/aws/credentials.hpp"
#include "adapters/aws/surroundings.hpp"

namespace stepback::aws {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// "[profile kiro]" and "[kiro]" name the same; other kinds ("sso-session x") keep their word.
std::string section_name(std::string_view inside) {
  inside = trimmed(inside);
  constexpr std::string_view word = "profile";
  if (inside.starts_with(word) && inside.size() > word.size() &&
      blanks.find(inside[word.size()]) != std::string_view::npos) {
    inside = trimmed(inside.substr(word.size()));
  }
  if (inside.size() > 1 && (inside.front() == '"' || inside.front() == '\'') &&
      inside.back() == inside.front()) {
    inside = inside.substr(1, inside.size() - 2);
  }
  return std::string(inside);
}

// "value  # remark": a remark begins behind white space.
std::string_view without_remark(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && blanks.find(value[i - 1]) != std::string_view::npos)
      return trimmed(value.substr(0, i));
  }
  return trimmed(value);
}

Result<std::string> file_or_nothing(const std::string& path, const Surroundings& around) {
  auto text = around.read_file(path);
  if (!text && text.error().code == Code::not_found) return std::string();
  return text;
}

}  // namespace

std::map<std::string, Profile> read_profiles(std::string_view text) {
  std::map<std::string, Profile> profiles;
  Profile* section = nullptr;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    const auto content = trimmed(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    if (content.front() == '[') {
      section = &profiles[section_name(content.substr(1, content.find(']') - 1))];
      continue;
    }
    const bool nested = blanks.find(line.front()) != std::string_view::npos;
    const auto equals = content.find('=');
    if (section == nullptr || nested || equals == std::string_view::npos) continue;
    (*section)[std::string(trimmed(content.substr(0, equals)))] =
        without_remark(content.substr(equals + 1));
  }
  return profiles;
}

Result<Profile> profile_named(const std::string& name, const Surroundings& around) {
  const auto folder = around.home + "/.aws/";
  const auto config = variable(around, "AWS_CONFIG_FILE").value_or(folder + "config");
  const auto keys =
      variable(around, "AWS_SHARED_CREDENTIALS_FILE").value_or(folder + "credentials");
  auto in_config = read_profiles(TRY(file_or_nothing(config, around)));
  auto in_keys = read_profiles(TRY(file_or_nothing(keys, around)));
  if (!in_config.contains(name) && !in_keys.contains(name))
    return fail(Code::not_found, "no profile is called " + name + " in " + config + " or " + keys);
  Profile both = std::move(in_keys[name]);
  both.merge(in_config[name]);
  return both;
}

std::string region_of(const Surroundings& around) {
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (const auto region = variable(around, name)) return *region;
  const auto profile = profile_named(profile_name(around), around);
  if (!profile || !profile->contains("region")) return {};
  return profile->at("region");
}

}  // namespace stepback::aws
