// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/lookup.hpp"
#include "entry/cli/render_record.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

Answered<std::optional<Instant>> limit_of(const std::string& text, Instant now) {
  if (text.empty()) return std::nullopt;
  return TRY(told(parse_moment(text, now), {.what = "the time is not understood"}));
}

constexpr std::size_t looked_through = 2000;  // for those of one kind

struct History {
  std::vector<Deployment> deployments;
  std::vector<Rollback> rollbacks;
};

Answered<History> read_history(Engine& engine, const Environment& environment,
                               const HistoryOptions& options) {
  const auto now = engine.clock.now();
  const auto since = TRY(limit_of(options.since, now));
  const auto until = TRY(limit_of(options.until, now));
  const std::string what = "the history of " + environment.name + " cannot be read";
  History history;
  history.deployments = TRY(told(
      engine.query.ledger().deployments({.environment = environment,
                                         .status = options.status,
                                         .since = since,
                                         .until = until,
                                         .limit = options.kind ? looked_through : options.limit}),
      {.what = what}));
  if (options.kind) {
    std::erase_if(history.deployments,
                  [&](const Deployment& each) { return each.kind != *options.kind; });
  }
  if (options.status || options.kind) return history;  // they are of deployments
  history.rollbacks =
      TRY(told(engine.query.ledger().rollbacks(
                   {.environment = environment, .since = since, .limit = options.limit}),
               {.what = what}));
  std::erase_if(history.rollbacks,
                [&](const Rollback& each) { return until && each.accepted_at > *until; });
  return history;
}

}  // namespace

Answered<> perform(const HistoryOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  History all;
  for (const auto& environment : TRY(session.environments(options.environments))) {
    auto history = TRY(read_history(engine, environment, options));
    std::ranges::move(history.deployments, std::back_inserter(all.deployments));
    std::ranges::move(history.rollbacks, std::back_inserter(all.rollbacks));
  }
  std::ranges::stable_sort(all.deployments, std::ranges::greater(), &Deployment::started_at);
  if (all.deployments.size() > options.limit) all.deployments.resize(options.limit);
  Answer answer{
      .rows = history_table(all.deployments, all.rollbacks, engine.clock.now(), options.limit)};
  answer.screen = answer.rows.empty() ? Screen{"nothing is on record"}
                                      : answer.rows.screen(!session.global().no_header);
  for (const auto& deployment : all.deployments) {
    answer.list.push_back(to_json(deployment));
    answer.ids.push_back(deployment.id.text);
  }
  json::Object document;
  document["schema"] = "stepback/v1/history";
  document["deployments"] = json::Array(answer.list.begin(), answer.list.end());
  json::Array rollbacks;
  for (const auto& rollback : all.rollbacks) {
    rollbacks.push_back(to_json(rollback));
    answer.list.push_back(to_json(rollback));
    answer.ids.push_back(rollback.id.text);
  }
  document["rollbacks"] = std::move(rollbacks);
  answer.document = std::move(document);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const ShowOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto now = engine.clock.now();
  const auto id = TRY(resolve_id(engine, options.id));
  Answer answer{.ids = {options.id}};
  if (const auto* rollback_id = std::get_if<RollbackId>(&id)) {
    const auto rollback =
        TRY(told(engine.store.rollback(*rollback_id),
                 {.what = rollback_id->text + " cannot be shown", .attempt = "stepback history"}));
    answer.screen = rollback_screen(rollback, now);
    answer.document = to_json(rollback);
    answer.ids = {rollback.id.text};
  } else {
    const auto deployment =
        TRY(told(engine.store.deployment(std::get<DeploymentId>(id)),
                 {.what = options.id + " cannot be shown", .attempt = "stepback history"}));
    answer.screen = deployment_screen(deployment, now);
    answer.document = to_json(deployment);
    answer.ids = {deployment.id.text};
  }
  for (const auto& member : answer.document.get_object()) {
    const auto& value = member.value();
    answer.rows.add({std::string_view(member.key()),
                     value.is_string() ? std::string(value.get_string()) : json::write(value)});
  }
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const AmendOptions& options, Session& session) {
  TRY(session.may_change("amending a record"));
  Engine& engine = *TRY(session.engine());
  const auto id = TRY(resolve_id(engine, options.id));
  const auto* deployment = std::get_if<DeploymentId>(&id);
  if (deployment == nullptr) {
    return complain(
        {Exit::not_found, options.id + " is a rollback",
         "a rollback that ended never changes; what is amended is a deployment's record",
         "stepback show " + options.id, ""});
  }
  const auto before = TRY(told(engine.store.deployment(*deployment), {.what = options.id}));
  const auto ended = TRY(limit_of(options.ended, engine.clock.now()));
  const AmendRequest request{.status = options.status,
                             .ended_at = ended,
                             .by = session.terminal().user,
                             .reason = options.reason};
  const auto& environment = before.environment.name;
  const bool ends_what_runs = options.status == DeploymentStatus::failed;
  const auto after =
      TRY(told(engine.deployer.amend(*deployment, request),
               {.what = before.id.text + " was not amended",
                .attempt = ends_what_runs && before.status == DeploymentStatus::in_progress
                               ? "stepback deploy fail " + environment
                               : "stepback show " + before.id.text}));
  Answer answer{.screen = deployment_screen(after, engine.clock.now()),
                .document = to_json(after),
                .ids = {after.id.text}};
  answer.rows.add({after.id.text, name_of(before.status), name_of(after.status), options.reason});
  session.print(answer);
  if (before.status != DeploymentStatus::in_progress) {
    session.remark({fmt::format("undo: stepback record amend {} --status {} --reason TEXT",
                                after.id.text, name_of(before.status))});
  }
  return Exit::done;
}

Answered<> perform(const ExplainOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto id = TRY(resolve_rollback(engine, options.id));
  const auto view = TRY(told(engine.query.rollback(id), {.what = id.text + " cannot be explained",
                                                         .attempt = "stepback history"}));
  Answer answer{.screen = explain_screen(view, session.global().verbose),
                .document = explain_document(view),
                .ids = {id.text}};
  for (const auto& stored : view.journal) {
    answer.rows.add(
        {to_rfc3339(stored.entry.at), stored.entry.kind, stored.entry.actor, stored.entry.text});
    answer.list.push_back(to_json(stored.entry));
  }
  session.print(answer);
  return Exit::done;
}

}  // namespace stepback::cli
