// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/tree.hpp"

#include "entry/cli/flags.hpp"

namespace stepback::cli {
namespace {

void bind_global(CLI::App& app, GlobalOptions& it) {
  text(app, "-c,--config", it.configuration,
       "the configuration (else STEPBACK_CONFIG, "
       "./stepback.yaml upwards)",
       "FILE");
  choice(app, "-o,--output", it.output, "table, json, yaml, jsonl, text or id");
  text(app, "--query", it.query, "what to pick from the JSON document, in JMESPath", "EXPR");
  choice(app, "--color", it.color, "auto, always or never");
  app.add_flag("--ascii", it.ascii, "no signs beyond ASCII");
  app.add_flag("--no-header", it.no_header, "tables without their first line");
  app.add_flag("--no-input", it.no_input, "never ask");
  app.add_flag("--read-only", it.read_only, "refuse whatever would change something");
  app.add_flag("-q,--quiet", it.quiet, "only what was asked for");
  app.add_flag("-v,--verbose", it.verbose, "more of it");
  app.add_flag("--debug", it.debug, "the log, on standard error");
  app.add_option_function<std::string>(
         "--log-format", [&it](const std::string& form) { it.log_as_text = form == "text"; },
         "text or json")
      ->type_name("NAME")
      ->check([](const std::string& given) {
        return given == "text" || given == "json" ? "" : given + " is neither text nor json";
      });
}

}  // namespace

CLI::App& Tree::parent_of(std::string_view path) {
  const auto space = path.find(' ');
  if (space == std::string_view::npos) return app;
  const auto first = path.substr(0, space);
  if (const auto known = commands.find(first); known != commands.end()) return *known->second;
  CLI::App& group = add(first);
  group.require_subcommand(1);
  return group;
}

CLI::App& Tree::add(std::string_view path) {
  CLI::App& parent = parent_of(path);
  const std::string name(path.substr(path.find(' ') + 1));
  CLI::App* command = parent.add_subcommand(name);
  for (const auto& word : command_names()) {
    if (word != name && &parent == &app && canonical(word) == name) command->alias(word);
  }
  commands.emplace(path, command);
  return *command;
}

void build(Tree& tree) {
  tree.app.fallthrough();
  tree.app.set_help_flag("-h,--help", "examples and flags");
  tree.app.set_version_flag("--version", "stepback " STEPBACK_VERSION, "the program's version");
  tree.app.require_subcommand(0, 1);
  bind_global(tree.app, tree.global);
  add_everyday(tree);
  add_careful(tree);
  add_looking(tree);
  add_inspecting(tree);  // before what stands below one of its commands
  add_pipeline(tree);
  add_wiring(tree);
}

std::string path_of(const CLI::App& app) {
  if (app.get_parent() == nullptr) return {};
  const auto above = path_of(*app.get_parent());
  return above.empty() ? app.get_name() : above + " " + app.get_name();
}

std::vector<Flag> flags_of(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const auto* option : app.get_options()) {
    const bool help = option->check_lname("help") && app.get_parent() != nullptr;
    if (!option->nonpositional() || help) continue;
    auto names = option->get_name(false, true);
    for (auto comma = names.find(','); comma != std::string::npos;
         comma = names.find(',', comma + 2))
      names.replace(comma, 1, ", ");
    auto value = option->get_items_expected_max() == 0 ? "" : option->get_type_name();
    if (value.contains(',')) value = "NAME";  // a choice, whose description says which
    flags.push_back({names, value, option->get_description()});
  }
  return flags;
}

}  // namespace stepback::cli
