// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "base/ensure.hpp"
#include "entry/cli/catalogue.hpp"
#include "entry/cli/flags.hpp"
#include "entry/cli/options.hpp"
#include "entry/cli/queried.hpp"
#include "entry/cli/spelling.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {

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

// The command that was named, as far as it was understood.
const CLI::App& innermost(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : innermost(*below.front());
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
    flags.push_back({names, option->get_items_expected_max() == 0 ? "" : option->get_type_name(),
                     option->get_description()});
  }
  return flags;
}

HelpText help_for(const CLI::App& app) {
  const auto& named = innermost(app);
  const auto path = path_of(named);
  return {path.empty() ? overview(flags_of(app)) : help_page(entry_of(path), flags_of(named))};
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* each = &app; each != nullptr; each = each->get_parent()) {
    for (const auto* option : each->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> names_below(const CLI::App& app) {
  if (app.get_parent() == nullptr) return command_names();
  std::vector<std::string> names;
  for (const auto* below : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(below->get_name());
  return names;
}

std::string with_name(const std::string& path) {
  return path.empty() ? "stepback" : "stepback " + path;
}

// A word or flag that nobody knows.
Complaint unknown(const CLI::App& app, const std::string& word) {
  const auto& named = innermost(app);
  const auto path = path_of(named);
  const bool flag = word.starts_with("-");
  const auto guess = nearest(word, flag ? flag_names(named) : names_below(named));
  Complaint complaint{.exit = Exit::usage};
  complaint.what =
      fmt::format("{} {} {}", with_name(path), flag ? "has no flag" : "knows no", word);
  complaint.why = guess  ? fmt::format("did you mean {}?", *guess)
                  : flag ? "its flags are in its help"
                         : "it is no command and not expected here";
  if (!flag && guess) {
    const auto meant = path.empty() ? *guess : path + " " + *guess;
    complaint.attempt = fmt::format("stepback {} --help", meant);
  } else {
    complaint.attempt = path.empty() ? "stepback --help" : with_name(path) + " --help";
  }
  return complaint;
}

Complaint misunderstood(const CLI::App& app, const CLI::ParseError& error) {
  const auto path = path_of(innermost(app));
  std::string why = error.what();
  std::ranges::replace(why, '\n', ' ');
  const bool incomplete = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  return {.exit = Exit::usage,
          .what = with_name(path) + (incomplete ? " needs more" : " does not understand a value"),
          .why = why,
          .attempt = path.empty() ? "stepback --help" : with_name(path) + " --help"};
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
  add_pipeline(tree);
  add_wiring(tree);
}

// The flag alone asks for the program's version. Beside a command that has none of its own it is a
// mistake, and must not end a script's step as if that had been carried out.
Parse version_or_mistake(const CLI::App& app, const std::vector<std::string>& arguments) {
  const auto word = std::ranges::find_if(
      arguments, [](const std::string& each) { return !each.starts_with('-'); });
  if (word == arguments.end()) return HelpText{"stepback " STEPBACK_VERSION "\n"};
  const auto names = command_names();
  if (std::ranges::find(names, *word) == names.end()) return unknown(app, *word);
  return Complaint{Exit::usage, "stepback " + *word + " takes no --version", "it stands alone",
                   "stepback " + *word + " --help", ""};
}

}  // namespace

Parse parse(const std::vector<std::string>& arguments) {
  Tree tree;
  try {
    build(tree);
    // The library wants them last first.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    tree.app.parse(reversed);
  } catch (const CLI::CallForVersion&) {
    return version_or_mistake(tree.app, arguments);
  } catch (const CLI::CallForHelp&) {
    return help_for(tree.app);
  } catch (const CLI::ParseError& error) {
    const auto rest = tree.app.remaining(true);
    const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                       dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    if (extra && !rest.empty()) return unknown(tree.app, rest.front());
    return misunderstood(tree.app, error);
  } catch (const CLI::Error& error) {
    return Complaint{Exit::usage, "the command line cannot be read", error.what(),
                     "stepback --help", ""};
  }
  if (!tree.chosen) return HelpText{overview(flags_of(tree.app))};
  if (auto complaint = what_is_missing(*tree.chosen)) return *std::move(complaint);
  if (auto complaint = complaint_about_query(tree.global.query)) return *std::move(complaint);
  if (const auto* help = std::get_if<HelpOptions>(&*tree.chosen)) {
    if (help->topic.empty()) return HelpText{overview(flags_of(tree.app))};
    const auto command = tree.commands.find(canonical(help->topic));
    if (command != tree.commands.end())
      return HelpText{help_page(entry_of(command->first), flags_of(*command->second))};
  }
  return Parsed{std::move(tree.global), *std::move(tree.chosen)};
}

}  // namespace stepback::cli
