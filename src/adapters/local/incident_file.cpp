// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/incident_file.hpp"

#include <fmt/core.h>

#include "adapters/local/files.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

// The name of an incident that has none: its rollback's.
std::string name_of_incident(const Notice& notice) {
  if (!notice.incident.empty()) return notice.incident;
  return notice.rollback ? "INC-" + notice.rollback->text : std::string();
}

std::string fenced(std::string_view text) {
  // Four spaces make it literal: nothing in a reason becomes a heading or a link.
  std::string block = "    ";
  for (const char c : text) {
    block += c;
    if (c == '\n') block += "    ";
  }
  while (block.ends_with(' ')) block.pop_back();
  return block;
}

std::string page_of(const std::string& incident, const Notice& notice, const NoticeStyle& style) {
  std::string page = fmt::format(
      "# {}\n\nOpened {} for rollback {}. Automation keeps away from "
      "the environments it names until they are handed back.\n\n",
      incident, to_rfc3339_seconds(notice.at),
      notice.rollback ? one_line(notice.rollback->text) : "(none)");
  page += "## What is known\n\n" + fenced(text_of(notice, style)) + "\n";
  page += "## What to do first\n\n";
  if (!notice.next_command.empty()) page += fenced(one_line(notice.next_command)) + "\n";
  page += fenced(fmt::format("stepback hold release {} --reason \"what was done\"",
                             one_line(notice.environment.name)));
  page += "\n\n";
  page += "The last one gives the environment back to automation, when it is well again.\n\n";
  page += "## Notes\n\n";
  return page;
}

}  // namespace

Result<std::string> IncidentFiles::open(const Notice& notice) {
  const std::string incident = name_of_incident(notice);
  if (!is_plain_token(incident)) {
    return fail(Code::invalid, "an incident can't be called " + one_line(incident));
  }
  const std::string& directory = config_.directory;
  TRY(make_directories(directory));
  const std::string record = directory + "/" + incident + ".json";
  std::string path = directory + "/" + incident + ".md";
  const std::string rollback = notice.rollback ? notice.rollback->text : "";
  if (const auto there = read_file(record)) {
    const json::Value value = TRY(json::parse(*there));
    const std::string owner = TRY(json::Reader(value).text("rollback"));
    if (owner != rollback) {
      return fail(Code::conflict,
                  fmt::format("{} is the incident of {}", incident, one_line(owner)));
    }
  } else {
    std::string text = R"({"rollback":)";
    json::append_quoted(text, rollback);
    text += R"(,"key":)";
    json::append_quoted(text, notice.key);
    text += R"(,"notice":)" + json_of(notice, config_.style) + "}\n";
    TRY(replace_file(record, text));
  }
  // The page comes second: if it is there, all of it was made, and people may have written into it.
  const auto page = read_file(path);
  if (page || page.error().code != Code::not_found) return path;
  TRY(replace_file(path, page_of(incident, notice, config_.style)));
  return path;
}

}  // namespace stepback::local
