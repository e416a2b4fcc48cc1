// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

// What the records do not tell.
Answered<void> complete(Engine& engine, DiagnosisFacts& facts) {
  facts.server_is_alive = engine.server_is_alive();
  facts.people = engine.settings.people;
  facts.contacts = engine.settings.contacts;
  facts.unheard = TRY(told(engine.courier.unheard(), {.what = "the outbox cannot be read"}));
  return {};
}

}  // namespace

Answered<> perform(const DoctorOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environments = TRY(session.environments(options.environments));
  const auto& settings = engine.settings;
  Answer answer;
  bool well = true;
  for (const auto& environment : environments) {
    auto facts = TRY(told(engine.query.diagnosis(environment),
                          {.what = environment.name + " cannot be looked at"}));
    TRY(complete(engine, facts));
    auto symptoms = diagnose(facts, settings.policy, engine.clock.now());
    std::erase_if(symptoms,
                  [&](const Symptom& each) { return options.only && each.about != *options.only; });
    for (const auto& each : symptoms) {
      well = well && each.check.verdict == Verdict::passed;
      answer.list.push_back(symptom_document(environment, each));
      answer.rows.add({environment.name, name_of(each.about), each.check.name,
                       name_of(each.check.verdict), each.check.evidence, each.remedy});
    }
    append(answer.screen, symptoms_screen(environment, symptoms, session.global().verbose));
    answer.ids.push_back(environment.name);
  }
  json::Object document;
  document["schema"] = "stepback/v1/diagnosis";
  document["symptoms"] = json::Array(answer.list.begin(), answer.list.end());
  answer.document = std::move(document);
  session.print(answer);
  return well ? Exit::done : Exit::bad;
}

}  // namespace stepback::cli
