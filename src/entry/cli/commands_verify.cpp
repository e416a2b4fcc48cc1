// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/render_checks.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

Answered<std::vector<Ticked>> boxes_of(Engine& engine, const Environment& environment,
                                       const VerifyView& view) {
  ChecklistFacts facts{.checks = view.checks,
                       .channels = engine.settings.people.size(),
                       .keeps_figures = engine.settings.keeps_figures};
  const auto newest =
      TRY(told(engine.query.ledger().rollbacks({.environment = environment, .limit = 1}),
               {.what = "the rollbacks of " + environment.name + " cannot be read"}));
  if (newest.empty()) return checklist(facts);
  facts.rollback = newest.front();
  const auto& id = facts.rollback->id;
  facts.ticks = TRY(
      told(engine.inspection.ticks(id), {.what = "the journal of " + id.text + " cannot be read"}));
  for (auto& each : TRY(told(engine.courier.unheard(), {.what = "the outbox cannot be read"})))
    if (each.starts_with(id.text)) facts.unheard.push_back(std::move(each));
  return checklist(facts);
}

// People's own boxes are ticked by their word, which is written down with their name.
Answered<void> tick(Session& session, Engine& engine, const Environment& environment,
                    const VerifyOptions& options) {
  TRY(session.may_change("ticking a box"));
  const auto by = options.by.empty() ? session.terminal().user : options.by;
  const auto entry =
      TRY(told(engine.inspection.tick(environment, *options.tick, by),
               {.what = fmt::format("{} was not ticked", name_of(*options.tick)),
                .attempt = fmt::format("stepback verify {} --checklist", environment.name)}));
  session.remark({fmt::format("{}: {}, {}", entry.rollback->text, entry.text, by)});
  return {};
}

json::Value with_boxes(json::Value document, std::span<const Ticked> boxes) {
  json::Array array;
  for (const auto& each : boxes) {
    json::Object object;
    object["box"] = json::Value(name_of(each.box));
    object["title"] = json::Value(title_of(each.box));
    object["ticked"] = each.ticked;
    object["evidence"] = json::Value(each.evidence);
    object["byPeople"] = is_for_people(each.box);
    array.push_back(std::move(object));
  }
  document.as_object()["checklist"] = std::move(array);
  return document;
}

}  // namespace

Answered<> perform(const VerifyOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  if (options.tick) TRY(tick(session, engine, environment, options));
  const auto view = TRY(
      told(engine.query.verify(environment), {.what = environment.name + " cannot be looked at"}));
  Answer answer{.screen = verify_screen(environment, view),
                .document = verify_document(environment, view)};
  for (const auto& check : view.checks)
    answer.rows.add({check.name, name_of(check.verdict), check.evidence});
  if (view.record) answer.ids.push_back(view.record->id.text);
  if (session.global().verbose) append(answer.screen, points_screen(view.observation));
  if (options.checklist || options.tick) {
    const auto boxes = TRY(boxes_of(engine, environment, view));
    answer.screen = checklist_screen(boxes);
    answer.document = with_boxes(std::move(answer.document), boxes);
    for (const auto& each : boxes)
      answer.rows.add({name_of(each.box), each.ticked ? "ticked" : "open", each.evidence});
  }
  session.print(answer);
  return view.verdict == Verdict::passed ? Exit::done : Exit::bad;
}

}  // namespace stepback::cli
