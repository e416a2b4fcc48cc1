// SPDX-License-Identifier: Apache-2.0
#pragma once

// Short questions to the surroundings. Inner to this room; any thread.

#include <optional>
#include <string>

#include "adapters/aws/credentials.hpp"

namespace stepback::aws {

// A variable that is there and not empty.
inline std::optional<std::string> variable(const Surroundings& around, const std::string& name) {
  const auto found = around.variables.find(name);
  if (found == around.variables.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

inline std::string profile_name(const Surroundings& around) {
  if (!around.profile.empty()) return around.profile;
  for (const auto* name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (const auto profile = variable(around, name)) return *profile;
  return "default";
}

}  // namespace stepback::aws
