// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/commands.hpp"
#include "entry/cli/completing.hpp"
#include "entry/cli/help_topics.hpp"
#include "entry/cli/manual.hpp"
#include "entry/cli/snippets.hpp"
#include "entry/cli/spelling.hpp"

namespace stepback::cli {
namespace {

std::string topics_in_words() {
  std::string words;
  for (const auto& name : topic_names()) words += (words.empty() ? "" : ", ") + name;
  return words;
}

// "rollback", "hold-add" and "stepback-hold-add.1" are one page; "pages" lists them all.
Answered<> print_manual(const std::string& topic, Session& session) {
  auto& out = session.terminal().out;
  if (topic == "pages") {
    for (const auto& page : manual_pages()) out << page << '\n';
    return Exit::done;
  }
  const auto schema = session.application().configuration_schema();
  for (const auto& name : {topic.empty() ? std::string("stepback.1") : topic,
                           "stepback-" + topic + ".1", topic + ".5"}) {
    const auto page = manual_page(name, schema);
    if (!page) continue;
    out << *page;
    return Exit::done;
  }
  return complain({Exit::usage, "there is no page " + topic,
                   "each command has one, and stepback.yaml", "stepback help --man pages", ""});
}

}  // namespace

Answered<> perform(const InitOptions& options, Session& session) {
  if (options.snippets) {
    session.terminal().out << snippets();
    return Exit::done;
  }
  TRY(session.may_change("writing a configuration"));
  const auto written =
      TRY(told(session.application().init(options.path),
               {.what = options.path + " was not written",
                .attempt = "stepback config check -c " + shell_word(options.path)}));
  session.remark({written, Line("next: ", Role::muted).add("stepback config check")});
  return Exit::done;
}

Answered<> perform(const DemoOptions& options, Session& session) {
  return static_cast<Exit>(session.application().demo(options));
}

Answered<> perform(const DemoBreakOptions& options, Session& session) {
  return static_cast<Exit>(session.application().break_demo(options.environment));
}

Answered<> perform(const DemoStopOptions&, Session& session) {
  return static_cast<Exit>(session.application().stop_demo());
}

Answered<> perform(const CompletionOptions& options, Session& session) {
  const auto script = completion_script(options.shell);
  if (script.empty()) {
    return complain({Exit::usage, "there is no completion for " + options.shell,
                     "there is one for bash, zsh and fish", "stepback completion bash", ""});
  }
  session.terminal().out << script;
  return Exit::done;
}

Answered<> perform(const HelpOptions& options, Session& session) {
  if (options.man) return print_manual(options.topic, session);
  if (options.markdown) {
    session.terminal().out << (options.topic == "config"
                                   ? configuration_reference(
                                         session.application().configuration_schema())
                                   : command_reference());
    return Exit::done;
  }
  if (const auto topic = help_topic(options.topic)) {
    session.terminal().out << *topic;
    return Exit::done;
  }
  const auto guess = nearest(options.topic, topic_names());
  return complain(
      {Exit::usage, "there is no help on " + options.topic,
       guess ? fmt::format("did you mean {}?", *guess) : "topics are " + topics_in_words(),
       guess ? "stepback help " + *guess : "stepback help", ""});
}

}  // namespace stepback::cli
