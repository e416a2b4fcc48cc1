// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tree: the commands as the command-line library knows them, each with the draft of its options.
// The bind_ files add them, by the part of the overview they stand in. One thread.

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entry/cli/catalogue.hpp"
#include "entry/cli/options.hpp"

namespace stepback::cli {

struct Tree {
  CLI::App app{"", "stepback"};
  std::map<std::string, CLI::App*, std::less<>> commands;  // by path
  GlobalOptions global;
  std::optional<Command> chosen;

  CLI::App& parent_of(std::string_view path);
  CLI::App& add(std::string_view path);

  // Adds a command; its draft is bound by `bind` and chosen when the command was named.
  template <class Options>
  void add(std::string_view path, void (*bind)(CLI::App&, Options&)) {
    CLI::App& command = add(path);
    // Shared, because the library wants to copy the callback that owns it.
    auto draft = std::make_shared<Options>();
    bind(command, *draft);
    command.callback([this, &command, draft] {
      if (command.get_subcommands().empty()) chosen = *draft;
    });
  }
};

// All of them. The tree stays where it is: the library points into it.
void build(Tree& tree);

std::vector<Flag> flags_of(const CLI::App& app);  // its own, without those of what is above it
std::string path_of(const CLI::App& app);         // "hold add"; empty for the program itself

void add_everyday(Tree& tree);
void add_rollback(Tree& tree);  // which stands among the everyday ones
void add_careful(Tree& tree);
void add_looking(Tree& tree);
void add_pipeline(Tree& tree);
void add_wiring(Tree& tree);
void add_inspecting(Tree& tree);  // what to look at and to mend when something is wrong

void bind_consent(CLI::App& app, Consent& it);

}  // namespace stepback::cli
