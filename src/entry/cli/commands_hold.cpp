// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "documents/documents.hpp"
#include "engine/holding.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/lookup.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

Answered<std::string> agreed_reason(Session& session, const std::string& reason, std::string deed,
                                    std::string command) {
  const Asking asking{
      .danger = Danger::mild, .deed = std::move(deed), .command = std::move(command)};
  (void)TRY(confirm(session, asking, {.reason = reason}));  // what is mild is never declined
  return reason.empty() ? "by hand" : reason;
}

// As the history knows it; a version that never ran here may be held too.
Answered<Version> version_to_hold(Engine& engine, const Environment& environment,
                                  const std::string& text) {
  auto version =
      TRY(told(parse_version(text), {.what = "no version is called so",
                                     .attempt = "stepback targets " + environment.name}));
  if (const auto known = resolve_version(engine, environment, text)) version = *known;
  return version;
}

// Gives the environment back to automation.
Answered<> hand_over(Session& session, Engine& engine, const Environment& environment,
                     const std::string& given) {
  const auto& name = environment.name;
  const auto reason = TRY(agreed_reason(session, given, "handing " + name + " back",
                                        "stepback hold release " + name + " --reason TEXT"));
  TRY(told(
      give_back(engine.query, environment, {session.terminal().user, reason, engine.clock.now()}),
      {.what = name + " was not handed back", .attempt = "stepback hold list " + name}));
  session.remark({name + " is automation's again"});
  return Exit::done;
}

}  // namespace

Answered<> perform(const HoldListOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  std::vector<Head> heads;
  Answer answer;
  for (const auto& environment : TRY(session.environments(options.environments))) {
    heads.push_back(
        TRY(told(engine.store.head(environment), {.what = environment.name + " cannot be read"})));
    for (const auto& hold : heads.back().holds) {
      answer.list.push_back(hold_document(environment, hold));
      answer.ids.push_back(hold.version.text);
    }
  }
  answer.rows = holds_table(heads, engine.clock.now());
  answer.screen = answer.rows.empty() ? Screen{"nothing is held"}
                                      : answer.rows.screen(!session.global().no_header);
  answer.document = list_document("holds", "holds", answer.list);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const HoldAddOptions& options, Session& session) {
  TRY(session.may_change("holding a version"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  Hold hold{.version = TRY(version_to_hold(engine, environment, options.version))};
  hold.reason = TRY(agreed_reason(session, options.reason, "holding " + hold.version.text,
                                  fmt::format("stepback hold add {} --version {} --reason TEXT",
                                              environment.name, hold.version.text)));
  hold.until = options.until;
  hold.by = session.terminal().user;
  hold.since = engine.clock.now();
  TRY(told(keep_out(engine.query, environment, hold), {.what = options.version + " was not held"}));
  session.remark({fmt::format("{} is held in {}", hold.version.text, environment.name),
                  fmt::format("undo: stepback hold release {} --version {}", environment.name,
                              hold.version.text)});
  return Exit::done;
}

Answered<> perform(const HoldReleaseOptions& options, Session& session) {
  TRY(session.may_change("releasing a hold"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto& name = environment.name;
  if (options.version.empty()) return hand_over(session, engine, environment, options.reason);
  const Deed deed{.what = options.version + " was not released",
                  .attempt = "stepback hold list " + name};
  auto version = TRY(told(parse_version(options.version), deed));
  const auto reason = TRY(agreed_reason(
      session, options.reason, "releasing " + version.text,
      fmt::format("stepback hold release {} --version {} --reason TEXT", name, version.text)));
  version = TRY(told(let_in(engine.query, environment, version.text,
                            {session.terminal().user, reason, engine.clock.now()}),
                     deed));
  session.remark({fmt::format("{} may be deployed to {} again", version.text, name),
                  fmt::format("undo: stepback hold add {} --version {}", name, version.text)});
  return Exit::done;
}

}  // namespace stepback::cli
