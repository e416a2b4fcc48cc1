// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/manual.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/help_topics.hpp"
#include "entry/cli/settings.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {
namespace {

constexpr std::string_view settings_page = "stepback.yaml.5";
constexpr std::string_view sentence =
    "Brings an environment back to the last version that was good, proves that it runs and is "
    "well, "
    "tells the people who must know, and keeps the bad version out.";

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string dashed(std::string_view path) {
  std::string out(path);
  std::ranges::replace(out, ' ', '-');
  return out;
}

std::string page_of(std::string_view path) { return "stepback-" + dashed(path) + ".1"; }

std::vector<std::string_view> groups() {
  std::vector<std::string_view> all;
  for (const auto& entry : catalogue()) {
    if (std::ranges::find(all, entry.group) == all.end()) all.push_back(entry.group);
  }
  return all;
}

std::string line_of(const Flag& flag) {
  return flag.names + (flag.value.empty() ? "" : " " + flag.value);
}

std::string call_of(const Entry& entry) {
  return fmt::format("stepback {}{}{}", entry.path, entry.arguments.empty() ? "" : " ",
                     entry.arguments);
}

std::vector<const Entry*> below(std::string_view path) {
  std::vector<const Entry*> found;
  for (const auto& entry : catalogue()) {
    if (entry.path.starts_with(std::string(path) + " ")) found.push_back(&entry);
  }
  return found;
}

// --- man
// ------------------------------------------------------------------------------------------

// Text as roff takes it: its own signs escaped, and no line that it would take for a request.
std::string roff(std::string_view text) {
  std::string out;
  bool at_begin = true;
  for (const char c : text) {
    if (at_begin && (c == '.' || c == '\'')) out += "\\&";
    at_begin = c == '\n';
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '"': out += "\\(dq"; break;
      default: out += c;
    }
  }
  return out;
}

std::string section(std::string_view title) { return fmt::format(".SH {}\n", roff(title)); }
std::string as_written(std::string_view text) {
  return fmt::format(".nf\n{}{}.fi\n", roff(text), text.ends_with('\n') ? "" : "\n");
}
std::string item(std::string_view term, std::string_view text) {
  return fmt::format(".TP\n.B {}\n{}\n", roff(term), roff(text));
}

std::string beginning(std::string_view page, int number, std::string_view summary) {
  return fmt::format(".TH {} {} \"\" \"stepback {}\" \"Stepback\"\n{}{} \\- {}\n",
                     roff(upper(page)), number, STEPBACK_VERSION, section("NAME"), roff(page),
                     roff(summary));
}

std::string flags(std::string_view title, const std::vector<Flag>& all) {
  if (all.empty()) return {};
  auto out = section(title);
  for (const auto& flag : all) out += item(line_of(flag), flag.description);
  return out;
}

std::string examples(const Entry& entry) {
  std::string lines;
  for (const auto& example : entry.examples) {
    if (!example.empty()) lines += std::string(example) + "\n";
  }
  return section("EXAMPLES") + as_written(lines);
}

std::string see_also(const std::vector<std::string>& pages) {
  auto out = section("SEE ALSO");
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto dot = pages[i].rfind('.');
    out += fmt::format(".BR {} ({}){}\n", roff(pages[i].substr(0, dot)), pages[i].substr(dot + 1),
                       i + 1 < pages.size() ? "," : "");
  }
  return out;
}

std::string overview_page(const CLI::App& app) {
  auto out = beginning("stepback", 1, "take an environment back to its last good version");
  out += section("SYNOPSIS") + ".B stepback\n.I COMMAND\n[flags]\n";
  out += section("DESCRIPTION") + roff(sentence) + "\n";
  out += section("COMMANDS");
  for (const auto group : groups()) {
    out += fmt::format(".SS {}\n", roff(group));
    for (const auto& entry : catalogue()) {
      if (entry.group == group)
        out += item(fmt::format("{} {}", entry.path, entry.arguments), entry.summary);
    }
  }
  out += flags("OPTIONS", flags_of(app));
  for (const auto& topic : topic_names())
    out += section(topic == "exit-codes" ? "EXIT STATUS" : upper(topic)) +
           as_written(*help_topic(topic));
  std::vector<std::string> pages{std::string(settings_page)};
  for (const auto& entry : catalogue()) pages.push_back(page_of(entry.path));
  return out + see_also(pages);
}

std::string command_page(const Entry& entry, const std::vector<Flag>& own) {
  auto out = beginning("stepback-" + dashed(entry.path), 1, entry.summary);
  out += section("SYNOPSIS") + fmt::format(".B stepback {}\n", roff(entry.path));
  if (!entry.arguments.empty()) out += roff(entry.arguments) + "\n";
  out += "[flags]\n" + examples(entry);
  std::vector<std::string> pages{"stepback.1", std::string(settings_page)};
  if (const auto commands = below(entry.path); !commands.empty()) {
    out += section("COMMANDS");
    for (const auto* each : commands) {
      out += item(fmt::format("{} {}", each->path, each->arguments), each->summary);
      pages.push_back(page_of(each->path));
    }
  }
  out += flags("OPTIONS", own);
  return out + see_also(pages);
}

std::string settings_as_page(std::string_view schema) {
  auto out = beginning("stepback.yaml", 5, "the configuration of stepback");
  out += section("DESCRIPTION") + as_written(*help_topic("config"));
  out += section("SETTINGS");
  for (const auto& key : settings_in(schema)) {
    const auto words = key.takes + (key.meaning.empty() || key.takes.empty() ? "" : ": ");
    out += item(key.path, words + key.meaning);
  }
  return out + see_also({"stepback.1", "stepback-config-check.1", "stepback-config-show.1"});
}

// --- Markdown
// -------------------------------------------------------------------------------------

std::string code(std::string_view text) {
  return fmt::format("```\n{}{}```\n", text, text.ends_with('\n') ? "" : "\n");
}

std::string list(const std::vector<Flag>& all) {
  std::string out;
  for (const auto& flag : all) out += fmt::format("- `{}`: {}\n", line_of(flag), flag.description);
  return out;
}

std::string command_in_markdown(const Entry& entry, const std::vector<Flag>& own) {
  auto out = fmt::format("\n### `{}`\n\n{}\n\n", call_of(entry), entry.summary);
  std::string lines;
  for (const auto& example : entry.examples) {
    if (!example.empty()) lines += std::string(example) + "\n";
  }
  out += code(lines);
  if (!own.empty()) out += "\n" + list(own);
  return out;
}

}  // namespace

std::vector<std::string> manual_pages() {
  std::vector<std::string> pages{"stepback.1"};
  for (const auto& entry : catalogue()) pages.push_back(page_of(entry.path));
  pages.emplace_back(settings_page);
  return pages;
}

std::optional<std::string> manual_page(std::string_view name, std::string_view schema) {
  Tree tree;
  build(tree);
  if (name == "stepback.1") return overview_page(tree.app);
  if (name == settings_page) return settings_as_page(schema);
  for (const auto& entry : catalogue()) {
    if (page_of(entry.path) != name) continue;
    return command_page(entry, flags_of(*tree.commands.find(entry.path)->second));
  }
  return std::nullopt;
}

std::string command_reference() {
  Tree tree;
  build(tree);
  std::string out =
      "# Commands\n\n"
      "Made by `stepback help --markdown` from what the parser goes by; not written by hand. The\n"
      "same stands in `man stepback`.\n\n## Flags that every command takes\n\n" +
      list(flags_of(tree.app));
  for (const auto group : groups()) {
    out += fmt::format("\n## {}{}\n", upper(group.substr(0, 1)), group.substr(1));
    for (const auto& entry : catalogue()) {
      if (entry.group == group)
        out += command_in_markdown(entry, flags_of(*tree.commands.find(entry.path)->second));
    }
  }
  out += "\n## Topics\n";
  for (const auto& topic : topic_names())
    out += fmt::format("\n### `stepback help {}`\n\n{}", topic, code(*help_topic(topic)));
  return out;
}

std::string configuration_reference(std::string_view schema) {
  std::string out =
      "# Configuration\n\n"
      "Made by `stepback help --markdown config` from the JSON Schema that `stepback config "
      "schema`\n"
      "prints; not written by hand. `[]` stands for each element of a list. The same stands in\n"
      "`man stepback.yaml`.\n\n";
  for (const auto& key : settings_in(schema)) {
    const auto between = key.takes.empty() || key.meaning.empty() ? "" : ": ";
    out += fmt::format("- `{}`: {}{}{}\n", key.path, key.takes, between, key.meaning);
  }
  return out;
}

}  // namespace stepback::cli
