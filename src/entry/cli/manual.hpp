// SPDX-License-Identifier: Apache-2.0
#pragma once

// Manual: every command, flag, topic and setting as pages for man and as one page of Markdown, from
// what the parser and the configuration's reader go by. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stepback::cli {

// "stepback.1", "stepback-hold-add.1", ..., "stepback.yaml.5".
std::vector<std::string> manual_pages();

// One of those, as man reads it; nothing if there is no such page. `schema` is that of the
// configuration.
std::optional<std::string> manual_page(std::string_view name, std::string_view schema);

// docs/reference/cli.md
std::string command_reference();
// docs/reference/configuration.md
std::string configuration_reference(std::string_view schema);

}  // namespace stepback::cli
