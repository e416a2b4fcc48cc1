// SPDX-License-Identifier: Apache-2.0
#pragma once

// Settings: every key of the configuration with what it takes, read from its JSON Schema, in the
// schema's order. Used by the manual. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace stepback::cli {

struct SettingKey {
  std::string path;     // "environments[].health[].url"
  std::string takes;    // "text", "one of low, medium, high"
  std::string meaning;  // may be empty
};

std::vector<SettingKey> settings_in(std::string_view schema);

}  // namespace stepback::cli
