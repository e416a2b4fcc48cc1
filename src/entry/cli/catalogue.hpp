// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catalogue: every command in one line, with the examples that its help opens with. The parser
// takes its summaries from here, help its pages, spelling its words. Constant data, any thread.

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stepback::cli {

struct Entry {
  std::string_view path;       // "hold add"
  std::string_view arguments;  // "ENV"
  std::string_view group;
  std::string_view summary;
  std::array<std::string_view, 5> examples;  // the first one works as pasted; unused ones are empty
};

std::span<const Entry> catalogue();
const Entry& entry_of(std::string_view path);  // it is there
std::vector<std::string> command_names();      // of the first level, with aliases

// An alias and what it stands for; the word itself if it is none.
std::string_view canonical(std::string_view word);

struct Flag {
  std::string names;  // "-o, --output"
  std::string value;  // "FORMAT"; empty for a switch
  std::string description;
};

// The page of one command.
std::string help_page(const Entry& entry, const std::vector<Flag>& own);
// What the program says when nothing is asked: no more than a screen.
std::string first_page();
// All commands, with the flags that every one takes.
std::string overview(const std::vector<Flag>& global);

}  // namespace stepback::cli
