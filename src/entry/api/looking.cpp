// SPDX-License-Identifier: Apache-2.0
#include "entry/api/looking.hpp"

#include "documents/documents.hpp"
#include "documents/drills.hpp"
#include "documents/measures.hpp"
#include "entry/api/asking.hpp"

namespace stepback {
namespace {

constexpr std::size_t usually_listed = 50;
constexpr std::size_t usual_days = 30;
constexpr std::size_t most_days = 366;

struct Question {
  Engine& engine;
  Proofs& proofs;
  const http::Request& request;
};
using Look = Result<json::Value> (*)(const Question&);

Result<json::Value> proof_of(const Question& question, const Environment& environment) {
  const bool fresh = TRY(asked_flag(question.request, "fresh"));
  auto proof = fresh ? question.proofs.look(environment) : question.proofs.of(environment);
  if (!proof) return fail(proof.error());
  return as_of(readiness_document(environment, proof->readiness), proof->at);
}

Result<json::Value> readiness(const Question& question) {
  const auto environment =
      TRY(known_environment(question.engine, question.request.capture("environment")));
  return proof_of(question, environment);
}

Result<json::Value> all_readiness(const Question& question) {
  std::vector<json::Value> list;
  for (const auto& environment : question.engine.settings.environments)
    list.push_back(TRY(proof_of(question, environment)));
  return as_of(list_document("ready", "environments", list), question.engine.clock.now());
}

Result<json::Value> drills(const Question& question) {
  Engine& engine = question.engine;
  const auto limit = TRY(whole_number(question.request, "limit", usually_listed, most_listed));
  std::vector<Rehearsed> all;
  for (const auto& environment : TRY(asked_environments(engine, question.request))) {
    const auto proof = TRY(question.proofs.of(environment));
    const bool is_protected = contains(engine.settings.guarded, environment);
    auto drills = TRY(engine.ledger.rollbacks(
        {.environment = environment, .origin = Origin::drill, .limit = limit}));
    all.push_back(
        {environment, why_not_rehearsed(proof.readiness, is_protected), std::move(drills)});
  }
  return drills_document(all, engine.settings.policy.budget, engine.clock.now());
}

Result<json::Value> diagnosis(const Question& question) {
  Engine& engine = question.engine;
  const auto now = engine.clock.now();
  std::vector<json::Value> list;
  for (const auto& environment : TRY(asked_environments(engine, question.request))) {
    auto facts = TRY(engine.query.diagnosis(environment));
    facts.server_is_alive = true;  // it answers
    facts.people = engine.settings.people;
    facts.contacts = engine.settings.contacts;
    facts.unheard = TRY(engine.courier.unheard());
    for (const auto& symptom : diagnose(facts, engine.settings.policy, now))
      list.push_back(symptom_document(environment, symptom));
  }
  return as_of(list_document("diagnosis", "symptoms", list), now);
}

Result<json::Value> measures(const Question& question) {
  Engine& engine = question.engine;
  const auto environment = TRY(asked_environment(engine, question.request));
  const auto span = TRY(whole_number(question.request, "days", usual_days, most_days));
  const auto now = engine.clock.now();
  const auto from = now - days(static_cast<int>(span));
  const auto measured = TRY(engine.query.measures(environment, from, now));
  return measures_document({environment, from, now, measured}, now);
}

}  // namespace

void add_looking_routes(http::Routes& routes, Engine& engine, Proofs& proofs, Access& access) {
  const auto add = [&](std::string_view path, Look look) {
    routes.handle(http::Method::get, "/api/v1" + std::string(path),
                  [&engine, &proofs, &access, look](const http::Request& request) {
                    const auto admission = access.admit(request, Right::read);
                    if (const auto* refused = std::get_if<http::Response>(&admission))
                      return *refused;
                    const auto value = look({engine, proofs, request});
                    return value ? document(*value) : refusal(value.error());
                  });
  };
  add("/environments/{environment}/readiness", readiness);
  add("/readiness", all_readiness);
  add("/drills", drills);
  add("/doctor", diagnosis);
  add("/measures", measures);
}

}  // namespace stepback
