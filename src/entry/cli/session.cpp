// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/session.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/queried.hpp"
#include "entry/cli/spelling.hpp"
#include "entry/cli/yaml.hpp"

namespace stepback::cli {
namespace {

std::string value_of(const Terminal& terminal, const std::string& name) {
  const auto found = terminal.environment.find(name);
  return found == terminal.environment.end() ? "" : found->second;
}

bool wants_color(const Terminal& terminal, const GlobalOptions& global) {
  switch (global.color) {
    case ColorWish::always: return true;
    case ColorWish::no: return false;
    case ColorWish::when_terminal: break;
  }
  return terminal.out_is_terminal && terminal.color_allowed &&
         value_of(terminal, "NO_COLOR").empty() && value_of(terminal, "TERM") != "dumb";
}

// A locale that says so in plain words; an unset one says nothing, and most terminals can do more.
bool wants_ascii(const Terminal& terminal, const GlobalOptions& global) {
  if (global.ascii) return true;
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = value_of(terminal, name);
    if (!value.empty()) return value == "C" || value == "POSIX";
  }
  return false;
}

Style style_for(const Terminal& terminal, const GlobalOptions& global) {
  return {.color = wants_color(terminal, global),
          .ascii = wants_ascii(terminal, global),
          .width = terminal.out_is_terminal ? std::max(terminal.width, 20) : 0};
}

Exit exit_of_configuration(Code code) {
  const bool theirs = code == Code::invalid || code == Code::not_found || code == Code::denied;
  return theirs ? Exit::configuration : exit_of(code);
}

}  // namespace

Session::Session(Terminal& terminal, Application& application, const GlobalOptions& global)
    : terminal_(terminal),
      application_(application),
      global_(global),
      style_(style_for(terminal, global)) {}

bool Session::interactive() const {
  return terminal_.in_is_terminal && !global_.no_input && value_of(terminal_, "CI").empty();
}

int Session::interruptions() const {
  return terminal_.interrupted == nullptr ? 0 : terminal_.interrupted->load();
}

bool Session::can_paint() const {
  return terminal_.out_is_terminal && wants_table() && !global_.quiet &&
         value_of(terminal_, "TERM") != "dumb";
}

Answered<Engine*> Session::engine() {
  if (engine_ != nullptr) return engine_;
  auto engine = application_.engine(global_);
  if (!engine) {
    const bool missing = engine.error().code == Code::not_found;
    return complain({exit_of_configuration(engine.error().code), "the configuration cannot be used",
                     engine.error().message, missing ? "stepback init" : "stepback config check",
                     ""});
  }
  engine_ = *engine;
  return engine_;
}

Answered<Environment> Session::environment(const std::string& name) {
  const auto& known = TRY(engine())->settings.environments;
  const auto found = std::ranges::find(known, name, &Environment::name);
  if (found != known.end()) return *found;
  std::vector<std::string> names;
  std::string all;
  for (const auto& each : known) {
    names.push_back(each.name);
    all += (all.empty() ? "" : ", ") + each.name;
  }
  const auto guess = nearest(name, names);
  return complain({Exit::not_found, fmt::format("there is no environment {}", name),
                   guess ? fmt::format("did you mean {}? The configuration names {}", *guess, all)
                         : "the configuration names " + all,
                   guess ? "stepback status " + *guess : "stepback status", ""});
}

Answered<Environments> Session::environments(const std::vector<std::string>& names) {
  if (names.empty()) return TRY(engine())->settings.environments;
  Environments environments;
  for (const auto& name : names) environments.push_back(TRY(environment(name)));
  return environments;
}

Answered<void> Session::may_change(std::string_view deed) const {
  if (!global_.read_only) return {};
  return complain({Exit::refused, fmt::format("{} is refused", deed),
                   "--read-only was asked for, and this would change something", "stepback status",
                   ""});
}

void Session::print(const Answer& answer) {
  if (global_.query.empty()) return write(answer);
  const auto picked = queried(global_.query, answer.document, !global_.no_header);
  if (picked) return write(*picked);
  complaint_ = picked.error();
}

void Session::write(const Answer& answer) {
  auto& out = terminal_.out;
  switch (global_.output) {
    case OutputFormat::table: return show(answer.screen);
    case OutputFormat::json: out << json::write_pretty(answer.document) << '\n'; break;
    case OutputFormat::yaml: out << to_yaml(answer.document); break;
    case OutputFormat::jsonl:
      for (const auto& each : answer.list) out << json::write(each) << '\n';
      if (answer.list.empty()) out << json::write(answer.document) << '\n';
      break;
    case OutputFormat::text: out << answer.rows.tab_separated(); break;
    case OutputFormat::id:
      for (const auto& id : answer.ids) out << escaped(id) << '\n';
      break;
  }
  out.flush();
}

void Session::show(const Screen& screen) {
  terminal_.out << render(screen, style_);
  terminal_.out.flush();
}

void Session::remark(const Screen& screen) {
  if (global_.quiet) return;
  terminal_.err << render(screen, {.ascii = style_.ascii});
  terminal_.err.flush();
}

void Session::talk(const Screen& screen) {
  if (wants_table()) {
    show(screen);
  } else {
    remark(screen);
  }
}

}  // namespace stepback::cli
