// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "domain/undo.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/deploy_live.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t looked_through = 200;

Answered<Undo> what_to_undo(Engine& engine, const Environment& environment) {
  const Deed deed{.what = environment.name + " has no rollback to undo",
                  .attempt = "stepback history " + environment.name};
  const auto head = TRY(told(engine.store.head(environment), deed));
  const auto rollbacks =
      TRY(told(engine.query.ledger().rollbacks({.limit = looked_through}), deed));
  return told(undo_of(head, rollbacks), deed);
}

Asking asking_for(const Engine& engine, const Environment& environment, const Undo& undone) {
  const auto& version = undone.release.version.text;
  Asking asking{.danger = contains(engine.settings.guarded, environment) ? Danger::severe
                                                                         : Danger::moderate};
  asking.deed = "undoing " + undone.rollback.text;
  asking.question =
      fmt::format("Are you sure you want to bring {} back to {}?", version, environment.name);
  asking.name = environment.name;
  asking.declined = "Nothing was undone";
  asking.command =
      fmt::format("stepback rollback {} --undo {} --reason TEXT", environment.name,
                  asking.danger == Danger::severe ? "--confirm " + environment.name : "--yes");
  return asking;
}

}  // namespace

Answered<> undo(const RollbackOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.wanted.environment));
  const auto undone = TRY(what_to_undo(engine, environment));
  session.talk({fmt::format("{} was taken out of {} by {}: {}", undone.release.version.text,
                            environment.name, undone.rollback.text, undone.reason),
                "It is deployed again, with its checks; if they fail it goes back again."});
  if (options.dry_run) {
    session.remark({fmt::format("Nothing was changed. Run it: stepback rollback {} --undo",
                                environment.name)});
    return options.detailed_exitcode ? Exit::pending : Exit::done;
  }
  const auto asking = asking_for(engine, environment, undone);
  if (TRY(confirm(session, asking, options.consent)) == Agreement::declined) return Exit::done;
  const auto first = TRY(told(engine.store.deployment(undone.release.deployment),
                              {.what = undone.release.deployment.text + " cannot be read"}));
  auto request = request_to_undo(undone, first, session.terminal().user);
  request.holder = engine.settings.holder;
  return deploy_live(session, engine, {.order = {.request = std::move(request)}});
}

}  // namespace stepback::cli
