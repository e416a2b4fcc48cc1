// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/catalogue.hpp"
#include "entry/cli/options.hpp"
#include "entry/cli/queried.hpp"
#include "entry/cli/spelling.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {

namespace {

// The command that was named, as far as it was understood.
const CLI::App& innermost(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : innermost(*below.front());
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
  if (!tree.chosen) return HelpText{first_page()};
  if (auto complaint = what_is_missing(*tree.chosen)) return *std::move(complaint);
  if (auto complaint = complaint_about_query(tree.global.query)) return *std::move(complaint);
  if (const auto* help = std::get_if<HelpOptions>(&*tree.chosen)) {
    if (help->man || help->markdown) return Parsed{std::move(tree.global), *std::move(tree.chosen)};
    if (help->topic.empty()) return HelpText{overview(flags_of(tree.app))};
    const auto command = tree.commands.find(canonical(help->topic));
    if (command != tree.commands.end())
      return HelpText{help_page(entry_of(command->first), flags_of(*command->second))};
  }
  return Parsed{std::move(tree.global), *std::move(tree.chosen)};
}

}  // namespace stepback::cli
