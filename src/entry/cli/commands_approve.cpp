// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "entry/cli/commands.hpp"
#include "entry/cli/follow.hpp"
#include "entry/cli/render_run.hpp"

namespace stepback::cli {
namespace {

// Whoever names a run means that one, and no newer one.
Answered<> answer(Session& session, const std::string& named, const ApprovalAnswer& answer) {
  TRY(session.may_change("answering a run"));
  Engine& engine = *TRY(session.engine());
  const Deed deed{.what = "the run was not answered", .attempt = "stepback pipeline status"};
  const auto newest = TRY(told(engine.runs.newest(), deed));
  if (!named.empty() && newest.id.text != named) {
    return complain({Exit::not_found, named + " is not the run that is under way",
                     newest.id.text + " is the newest", "stepback pipeline status", ""});
  }
  const auto run = TRY(told(engine.runs.answer(answer), deed));
  session.print(answer_of(run, engine.clock.now()));
  return Exit::done;
}

// The environment whose rollback is meant; none: the run of the pipeline is.
std::optional<Environment> environment_meant(const Engine& engine, const std::string& word) {
  const Environment environment{word};
  return contains(engine.settings.environments, environment) ? std::optional(environment)
                                                             : std::nullopt;
}

Deed answering(const Environment& environment) {
  return {.what = "nothing was answered in " + environment.name,
          .attempt = fmt::format("stepback rollback {} --dry-run", environment.name)};
}

Answered<> agree(Session& session, Engine& engine, const Environment& environment,
                 const std::string& reason) {
  const auto id = TRY(told(engine.intake.agree(environment, session.terminal().user, reason),
                           answering(environment)));
  return follow(session, engine, {.id = id});
}

Answered<> refuse(Session& session, Engine& engine, const Environment& environment,
                  const std::string& reason) {
  TRY(told(engine.intake.refuse(environment, session.terminal().user, reason),
           answering(environment)));
  session.remark({environment.name + " is not rolled back"});
  return Exit::done;
}

}  // namespace

Answered<> perform(const ApproveOptions& options, Session& session) {
  TRY(session.may_change("answering"));
  Engine& engine = *TRY(session.engine());
  if (const auto environment = environment_meant(engine, options.run))
    return agree(session, engine, *environment, options.reason);
  return answer(session, options.run,
                {.approved = true, .by = session.terminal().user, .reason = options.reason});
}

Answered<> perform(const RejectOptions& options, Session& session) {
  TRY(session.may_change("answering"));
  Engine& engine = *TRY(session.engine());
  if (const auto environment = environment_meant(engine, options.run))
    return refuse(session, engine, *environment, options.reason);
  return answer(session, options.run,
                {.approved = false, .by = session.terminal().user, .reason = options.reason});
}

}  // namespace stepback::cli
