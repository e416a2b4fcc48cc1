// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/render_checks.hpp"
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

json::Value examined_document(const Environment& environment, const Examined& each) {
  json::Object document;
  document["environment"] = json::Value(environment.name);
  document["number"] = std::to_underlying(each.item) + 1;
  document["check"] = json::Value(name_of(each.item));
  document["verdict"] = json::Value(name_of(each.seen));
  document["evidence"] = json::Value(each.evidence);
  if (!each.remedy.empty()) document["try"] = json::Value(each.remedy);
  return document;
}

Answered<> explain_one(Session& session, Item item) {
  Answer answer{.ids = {std::string(name_of(item))}};
  json::Array lines;
  for (const auto& line : explain(item)) {
    answer.screen.push_back(line);
    answer.rows.add({line});
    lines.push_back(json::Value(line));
  }
  json::Object document;
  document["schema"] = "stepback/v1/check-explanation";
  document["check"] = json::Value(name_of(item));
  document["lines"] = std::move(lines);
  answer.document = std::move(document);
  session.print(answer);
  return Exit::done;
}

struct Asked {
  std::optional<Trouble> trouble;
  std::optional<Item> item;
  bool everything() const { return !trouble && !item; }
};

// What one environment adds to the answer; false: something is wrong there.
class Visit {
 public:
  Visit(Session& session, Engine& engine, Asked asked, Answer& answer, json::Array& examined)
      : session_(session), engine_(engine), asked_(asked), answer_(answer), examined_(examined) {}

  Answered<bool> to(const Environment& environment) {
    auto facts = TRY(told(engine_.query.diagnosis(environment),
                          {.what = environment.name + " cannot be looked at"}));
    TRY(complete(engine_, facts));
    bool well = true;
    if (!asked_.item) well = add_symptoms(environment, facts);
    if (asked_.trouble) return well;
    auto checkup = TRY(told(engine_.inspection.checkup(environment, std::move(facts)),
                            {.what = environment.name + " cannot be looked at"}));
    retention_.emplace_back(environment, checkup.retention);
    return add_examined(environment, checkup) && well;
  }

  const std::vector<std::pair<Environment, KeptFor>>& retention() const { return retention_; }

 private:
  bool add_symptoms(const Environment& environment, const DiagnosisFacts& facts) {
    bool well = true;
    auto symptoms = diagnose(facts, engine_.settings.policy, engine_.clock.now());
    std::erase_if(symptoms, [&](const Symptom& each) {
      return asked_.trouble && each.about != *asked_.trouble;
    });
    for (const auto& each : symptoms) {
      well = well && each.check.verdict == Verdict::passed;
      answer_.list.push_back(symptom_document(environment, each));
      answer_.rows.add({environment.name, name_of(each.about), each.check.name,
                        name_of(each.check.verdict), each.check.evidence, each.remedy});
    }
    append(answer_.screen, symptoms_screen(environment, symptoms, session_.global().verbose));
    return well;
  }

  bool add_examined(const Environment& environment, const CheckupFacts& facts) {
    bool well = true;
    auto all = examine(facts, engine_.settings.policy, engine_.clock.now());
    std::erase_if(all,
                  [&](const Examined& each) { return asked_.item && each.item != *asked_.item; });
    for (const auto& each : all) {
      well = well && each.seen != Seen::finding;
      examined_.push_back(examined_document(environment, each));
      answer_.rows.add({environment.name, "checklist", name_of(each.item), name_of(each.seen),
                        each.evidence, each.remedy});
    }
    append(answer_.screen,
           examined_screen(all, session_.global().verbose || asked_.item.has_value()));
    return well;
  }

  Session& session_;
  Engine& engine_;
  Asked asked_;
  Answer& answer_;
  json::Array& examined_;
  std::vector<std::pair<Environment, KeptFor>> retention_;
};

std::vector<Lint> lint_of(const Engine& engine,
                          std::vector<std::pair<Environment, KeptFor>> retention) {
  const auto& settings = engine.settings;
  return lint({.rules = settings.alarms,
               .environments = settings.environments,
               .prefix = settings.prefix,
               .contacts = settings.contacts,
               .owner = settings.owner,
               .reviewed = settings.reviewed,
               .keep = settings.policy.keep,
               .retention = std::move(retention)},
              engine.clock.now());
}

}  // namespace

Answered<> perform(const DoctorOptions& options, Session& session) {
  if (options.explain) return explain_one(session, *options.explain);
  Engine& engine = *TRY(session.engine());
  const Asked asked{
      .trouble = named<Trouble>(options.only),
      .item = named<Trouble>(options.only) ? std::nullopt : named<Item>(options.only)};
  Answer answer;
  json::Array examined;
  bool well = true;
  Visit visit(session, engine, asked, answer, examined);
  for (const auto& environment : TRY(session.environments(options.environments))) {
    const bool all_well = TRY(visit.to(environment));
    well = well && all_well;
    answer.ids.push_back(environment.name);
  }
  json::Object document;
  document["schema"] = "stepback/v1/diagnosis";
  document["symptoms"] = json::Array(answer.list.begin(), answer.list.end());
  if (!asked.trouble) document["checklist"] = std::move(examined);
  // What is questionable and works is said, and is no reason to fail.
  if (asked.everything()) {
    const auto found = lint_of(engine, visit.retention());
    append(answer.screen, lint_screen(found));
    json::Array list;
    for (const auto& each : found) {
      json::Object one;
      one["name"] = json::Value(each.name);
      one["evidence"] = json::Value(each.evidence);
      list.push_back(std::move(one));
      answer.rows.add({"", "configuration", each.name, "warning", each.evidence, ""});
    }
    document["configuration"] = std::move(list);
  }
  answer.document = std::move(document);
  session.print(answer);
  return well ? Exit::done : Exit::bad;
}

}  // namespace stepback::cli
