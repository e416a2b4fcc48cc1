// SPDX-License-Identifier: Apache-2.0
#include "wire/incident.hpp"

#include <fmt/core.h>

#include "base/id.hpp"
#include "base/text.hpp"

namespace stepback {
namespace {

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

}  // namespace

Result<std::string> incident_name(const Notice& notice) {
  auto name = notice.incident;
  if (name.empty() && notice.rollback) name = "INC-" + notice.rollback->text;
  if (is_plain_token(name)) return name;
  return fail(Code::invalid, "an incident can't be called " + one_line(name));
}

std::string incident_page(const std::string& incident, const Notice& notice,
                          const NoticeStyle& style) {
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

}  // namespace stepback
