// SPDX-License-Identifier: Apache-2.0
#pragma once

// Help on topics that are no command: one screen each. Constant text, any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stepback::cli {

std::optional<std::string_view> help_topic(std::string_view name);
std::vector<std::string> topic_names();

}  // namespace stepback::cli
