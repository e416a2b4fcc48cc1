// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/lookup.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/spelling.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t looked_through = 1000;
constexpr std::size_t shortest_part = 4;

Complaint no_such_record(const std::string& text, std::string why) {
  return {Exit::not_found, fmt::format("there is no record {}", text), std::move(why),
          "stepback history -o id", ""};
}

// The whole id of the one record that begins so.
Answered<std::string> whole_id(Engine& engine, const std::string& text, bool rollback) {
  std::vector<std::string> known;
  if (rollback) {
    for (const auto& each : TRY(told(engine.query.ledger().rollbacks({.limit = looked_through}),
                                     {.what = "the rollbacks cannot be read"})))
      known.push_back(each.id.text);
  } else {
    for (const auto& each : TRY(told(engine.query.ledger().deployments({.limit = looked_through}),
                                     {.what = "the deployments cannot be read"})))
      known.push_back(each.id.text);
  }
  if (const auto whole = completed(text, known)) return *whole;
  const auto guess = nearest(text, known);
  return complain(
      no_such_record(text, guess ? fmt::format("did you mean {}?", *guess)
                                 : "no id begins so, or several do; they are in the history"));
}

}  // namespace

Answered<RecordId> resolve_id(Engine& engine, const std::string& text) {
  if (const auto rollback = parse_id<RollbackTag>(text)) {
    if (engine.store.rollback(*rollback)) return *rollback;
    return RollbackId{TRY(whole_id(engine, text, true))};
  }
  if (const auto deployment = parse_id<DeploymentTag>(text)) {
    if (engine.store.deployment(*deployment)) return *deployment;
    return DeploymentId{TRY(whole_id(engine, text, false))};
  }
  return complain(no_such_record(text, "ids begin with rb- (rollbacks) or dep- (deployments)"));
}

Answered<RollbackId> resolve_rollback(Engine& engine, const std::string& text) {
  const auto id = TRY(resolve_id(engine, text));
  if (const auto* rollback = std::get_if<RollbackId>(&id)) return *rollback;
  const auto deployment = TRY(told(engine.store.deployment(std::get<DeploymentId>(id)),
                                   {.what = text + " cannot be read"}));
  if (deployment.rollback) return *deployment.rollback;
  return complain({Exit::not_found, fmt::format("no rollback belongs to {}", deployment.id.text),
                   fmt::format("that deployment is {}", name_of(deployment.status)),
                   "stepback show " + deployment.id.text, ""});
}

Answered<Version> resolve_version(Engine& engine, const Environment& environment,
                                  const std::string& text) {
  auto version =
      TRY(told(parse_version(text), {.what = "no version is called so",
                                     .attempt = "stepback targets " + environment.name}));
  std::vector<std::string> known;
  for (const auto& each : TRY(told(
           engine.query.ledger().deployments({.environment = environment, .limit = looked_through}),
           {.what = "the history of " + environment.name + " cannot be read"})))
    known.push_back(each.version.text);
  const bool long_enough = text.size() >= shortest_part;
  if (std::ranges::find(known, text) != known.end()) return version;
  if (const auto whole = long_enough ? completed(text, known) : std::nullopt)
    return Version{*whole};
  const auto guess = nearest(text, known);
  return complain(
      {Exit::not_found, fmt::format("{} cannot be rolled back to {}", environment.name, text),
       "no deployment record carries that version", "stepback targets " + environment.name,
       guess ? "closest known: " + *guess : ""});
}

}  // namespace stepback::cli
