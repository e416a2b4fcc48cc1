// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "entry/cli/options.hpp"
#include "support/command_words.hpp"

namespace stepback::cli {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files_below(const std::string& folder, std::string_view ending) {
  std::vector<fs::path> found;
  for (const auto& each :
       fs::recursive_directory_iterator(fs::path(STEPBACK_SOURCE_DIR) / folder)) {
    if (each.path().native().ends_with(ending)) found.push_back(each.path());
  }
  std::ranges::sort(found);
  return found;
}

std::string trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  const auto end = text.find_last_not_of(" \t");
  return std::string(text.substr(begin, end == std::string_view::npos ? 0 : end + 1 - begin));
}

// What is wrong with a command; empty if it would be understood. `whole`: nothing may be missing.
std::string wrong_with(const std::string& command, bool whole) {
  auto words = command_words(command);
  words.erase(words.begin());
  const auto parsed = parse(words);
  const auto* complaint = std::get_if<Complaint>(&parsed);
  if (complaint == nullptr) return {};
  if (!whole && complaint->what.ends_with(" needs more")) return {};
  return complaint->what + ": " + complaint->why;
}

// The part of a line that is the command: without the prompt, what it is piped into, a comment, and
// words beside it that say what it does.
std::string command_in(std::string line) {
  line = trimmed(line);
  if (line.starts_with("$ ")) line = line.substr(2);
  if (line.starts_with("sudo ")) line = line.substr(5);
  if (!line.starts_with("stepback ")) return {};
  for (const auto* end : {"  ", " #", " | ", " > ", " >", " && ", "; ", " ·"})
    line = line.substr(0, line.find(end));
  return trimmed(line);
}

TEST(CommandsInDocs, AreUnderstoodAsTheyStandInBlocks) {
  auto files = files_below("docs", ".md");
  files.push_back(fs::path(STEPBACK_SOURCE_DIR) / "README.md");
  std::size_t commands = 0;
  for (const auto& file : files) {
    std::istringstream lines(read(file));
    bool in_block = false;
    for (std::string line; std::getline(lines, line);) {
      if (trimmed(line).starts_with("```")) in_block = !in_block;
      const auto command = in_block ? command_in(line) : "";
      if (command.empty()) continue;
      ++commands;
      EXPECT_EQ(wrong_with(command, true), "") << file.filename() << ": " << command;
    }
  }
  EXPECT_GT(commands, 50U);
}

TEST(CommandsInDocs, AreCommandsThatThereAreWhereTheyAreMentioned) {
  auto files = files_below("docs", ".md");
  files.push_back(fs::path(STEPBACK_SOURCE_DIR) / "README.md");
  for (const auto& file : files) {
    if (file.filename() == "cli.md") continue;  // generated, with the arguments' names
    const auto text = read(file);
    for (auto at = text.find("`stepback "); at != std::string::npos;
         at = text.find("`stepback ", at + 1)) {
      const auto command = text.substr(at + 1, text.find('`', at + 1) - at - 1);
      if (command.contains('\n')) continue;
      EXPECT_EQ(wrong_with(command, false), "") << file.filename() << ": " << command;
    }
  }
}

// What only begins like a command.
const std::set<std::string> prose{"stepback manifest 1\\n", "stepback serves x",
                                  "stepback etags 1 x", "stepback trigger needs more"};

// Every literal in the sources that begins like a command: most of them stand behind "try:".
TEST(CommandsInSources, AreUnderstood) {
  std::set<std::string> commands;
  for (const auto& file : files_below("src", ".cpp")) {
    const auto text = read(file);
    for (auto at = text.find("\"stepback "); at != std::string::npos;
         at = text.find("\"stepback ", at + 1)) {
      auto literal = text.substr(at + 1, text.find('"', at + 1) - at - 1);
      if (literal.contains('\n')) continue;
      if (literal.ends_with('\\')) literal.back() = '"';  // a quote in it begins here
      if (std::ranges::count(literal, '"') % 2 == 1) literal += "x\"";
      // What stands before the reason is the consent that the danger asks for.
      constexpr std::string_view consent = "{} --reason";
      const auto asked = literal.find(consent);
      if (literal.starts_with("stepback rollback ") && asked != std::string::npos)
        literal.replace(asked, 2, "--yes");
      for (auto open = literal.find('{'); open != std::string::npos; open = literal.find('{')) {
        const bool is_ending = literal[open - 1] >= 'a' && literal[open - 1] <= 'z';
        literal.replace(open, literal.find('}', open) - open + 1, is_ending ? "" : "x");
      }
      if (literal.ends_with(' ')) literal += "x";
      const auto command = command_in(literal.substr(0, literal.find(", ")));
      const bool is_named = !command.starts_with("stepback x");
      if (is_named && !prose.contains(command)) commands.insert(command);
    }
  }
  EXPECT_GT(commands.size(), 60U);
  for (const auto& command : commands) EXPECT_EQ(wrong_with(command, false), "") << command;
}

}  // namespace
}  // namespace stepback::cli
