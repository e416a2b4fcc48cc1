// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "domain/override.hpp"
#include "engine/holding.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/documents_judged.hpp"
#include "entry/cli/spelling.hpp"

namespace stepback::cli {
namespace {

// A verdict that a person bends is as severe as one they accept: where people are served, its name
// is typed.
Asking asking_for(const Engine& engine, const Environment& environment, const std::string& check) {
  Asking asking{.danger =
                    contains(engine.settings.guarded, environment) ? Danger::severe : Danger::mild};
  asking.deed = fmt::format("overriding {} in {}", check, environment.name);
  asking.name = environment.name;
  asking.declined = "Override cancelled";
  asking.command = fmt::format("stepback override add {} --check {} --reason TEXT --confirm {}",
                               environment.name, shell_word(check), environment.name);
  return asking;
}

// Only what is looked at there can count or not.
Answered<void> must_be_a_check(Engine& engine, const Environment& environment,
                               const std::string& check) {
  const auto& name = environment.name;
  const auto seen =
      TRY(told(engine.query.verify(environment), {.what = name + " cannot be looked at"}));
  if (std::ranges::find(seen.checks, check, &Check::name) != seen.checks.end()) return {};
  std::vector<std::string> names;
  for (const auto& each : seen.checks) names.push_back(each.name);
  const auto guess = nearest(check, names);
  return complain(
      {Exit::not_found, fmt::format("nothing called \"{}\" is checked in {}", check, name),
       guess ? fmt::format("did you mean \"{}\"?", *guess) : "verify names what is checked there",
       "stepback verify " + name, ""});
}

Table overrides_table(const Environments& environments,
                      const std::vector<std::vector<Override>>& words) {
  Table table({{"ENVIRONMENT"}, {"CHECK"}, {"UNTIL"}, {"BY"}, {"WHY"}});
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const auto& word : words[i]) {
      table.add(
          {environments[i].name, word.check, date_and_minute(word.until), word.by, word.reason});
    }
  }
  return table;
}

}  // namespace

Answered<> perform(const OverrideAddOptions& options, Session& session) {
  TRY(session.may_change("overriding a check"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto& name = environment.name;
  TRY(must_be_a_check(engine, environment, options.check));
  const auto asking = asking_for(engine, environment, options.check);
  const Consent consent{.confirm = options.confirm, .reason = options.reason};
  if (TRY(confirm(session, asking, consent)) == Agreement::declined) return Exit::done;
  const auto now = engine.clock.now();
  const Override word{.check = options.check,
                      .reason = options.reason,
                      .by = session.terminal().user,
                      .since = now,
                      .until = now + options.lasts};
  TRY(told(change_head(engine.query, environment,
                       [&](Head head) { return add_override(std::move(head), word, now); }),
           {.what = options.check + " was not overridden", .attempt = "stepback verify " + name}));
  session.remark(
      {fmt::format("{} does not count in {} until {}; it still starts what it starts", word.check,
                   name, date_and_minute(word.until)),
       fmt::format("undo: stepback override remove {} --check {}", name, shell_word(word.check))});
  return Exit::done;
}

Answered<> perform(const OverrideListOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environments = TRY(session.environments(options.environments));
  std::vector<std::vector<Override>> words;
  Answer answer;
  for (const auto& environment : environments) {
    const auto head =
        TRY(told(engine.store.head(environment), {.what = environment.name + " cannot be read"}));
    words.push_back(overrides_in_force(head, engine.clock.now()));
    for (const auto& word : words.back()) {
      answer.list.push_back(override_document(environment, word));
      answer.ids.push_back(word.check);
    }
  }
  answer.rows = overrides_table(environments, words);
  answer.screen = answer.rows.empty() ? Screen{"every check counts"}
                                      : answer.rows.screen(!session.global().no_header);
  answer.document = list_document("overrides", "overrides", answer.list);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const OverrideRemoveOptions& options, Session& session) {
  TRY(session.may_change("ending an override"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto& name = environment.name;
  const Asking asking{.danger = Danger::mild,
                      .deed = "ending an override",
                      .command = fmt::format("stepback override remove {} --check {} --reason TEXT",
                                             name, shell_word(options.check))};
  (void)TRY(confirm(session, asking, {.reason = options.reason}));  // what is mild is not declined
  TRY(told(change_head(engine.query, environment,
                       [&](Head head) {
                         return remove_override(std::move(head), options.check,
                                                session.terminal().user,
                                                options.reason.empty() ? "by hand" : options.reason,
                                                engine.clock.now());
                       }),
           {.what = options.check + " is not overridden any less",
            .attempt = "stepback override list " + name}));
  session.remark({fmt::format("{} counts in {} again", options.check, name)});
  return Exit::done;
}

}  // namespace stepback::cli
