// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/commands.hpp"
#include "entry/cli/follow.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t looked_through = 200;
constexpr std::size_t trend_shown = 5;

Duration took(const Rollback& rollback) {
  return rollback.ended_at.value_or(rollback.accepted_at) - rollback.accepted_at;
}

// What is to be gone back from and returned to.
Answered<Release> rehearsed(Session& session, Engine& engine, const Environment& environment) {
  const auto& name = environment.name;
  const auto readiness =
      TRY(told(engine.query.readiness(environment), {.what = name + " cannot be looked at"}));
  auto why = why_not_rehearsed(readiness, contains(engine.settings.guarded, environment));
  if (why.empty()) return *readiness.live;
  session.remark(readiness_screen(environment, readiness, false));
  return complain({readiness.verdict == Verdict::passed ? Exit::refused : Exit::bad,
                   "nothing was rehearsed in " + name, std::move(why), "stepback ready " + name,
                   ""});
}

// `attempt`: what to do should it not come to its end.
Answered<Rollback> leg(Session& session, Engine& engine, const ManualRequest& request,
                       const std::optional<Duration>& timeout, const std::string& attempt) {
  const std::string what = "the drill in " + request.environment.name + " did not come to its end";
  const auto id = TRY(told(engine.intake.request(request), {.what = what, .attempt = attempt}));
  const auto exit = TRY(follow(session, engine, {.id = id, .timeout = timeout}));
  if (exit != Exit::done) return complain({exit, what, id.text + " did not succeed", attempt, ""});
  return told(engine.store.rollback(id), {.what = id.text + " cannot be read"});
}

json::Value leg_document(const Rollback& rollback) {
  json::Array steps;
  for (const auto& lane : rollback.lanes) {
    for (const auto& step : lane.steps) {
      if (!step.started_at || !step.ended_at) continue;
      json::Object object;
      object["name"] = json::Value(name_of(step.kind));
      object["milliseconds"] = (*step.ended_at - *step.started_at).count();
      steps.push_back(std::move(object));
    }
  }
  json::Object document;
  document["rollbackId"] = json::Value(rollback.id.text);
  document["milliseconds"] = took(rollback).count();
  document["steps"] = std::move(steps);
  return document;
}

}  // namespace

Answered<> perform(const DrillOptions& options, Session& session) {
  TRY(session.may_change("a drill"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto live = TRY(rehearsed(session, engine, environment));
  ManualRequest request{.environment = environment,
                        .origin = Origin::drill,
                        .reason = "drill: a rollback is rehearsed",
                        .requested_by = session.terminal().user};
  const auto there =
      TRY(leg(session, engine, request, options.timeout, "stepback watch " + environment.name));
  const auto by_hand =
      fmt::format("stepback rollback {} --to {}", environment.name, live.version.text);
  session.remark({"returning now; should nobody do so: " + by_hand});
  request.reason = "drill: back to what ran before";
  request.wish.target = live.version;
  const auto back = TRY(leg(session, engine, request, options.timeout, by_hand));

  const auto earlier = TRY(
      told(engine.query.ledger().rollbacks({.environment = environment, .limit = looked_through}),
           {.what = "earlier drills of " + environment.name + " cannot be read"}));
  Answer answer{.ids = {there.id.text, back.id.text}};
  const auto within = took(there) <= engine.settings.policy.budget;
  answer.screen.push_back(
      Line(within ? good_sign : bad_sign, within ? Role::good : Role::bad)
          .add(fmt::format(" {} went back from {} in {} of {}, and returned in {}",
                           environment.name, short_version(live.version), to_short(took(there)),
                           to_short(engine.settings.policy.budget), to_short(took(back)))));
  json::Array trend;
  for (const auto& each : earlier) {
    const bool counts = is_rehearsal(each) && each.outcome == Outcome::succeeded;
    if (!counts || trend.size() == trend_shown) continue;
    answer.screen.push_back(
        fmt::format("  {}  {}", date_and_minute(each.accepted_at), to_short(took(each))));
    answer.rows.add({each.id.text, to_rfc3339(each.accepted_at), to_short(took(each))});
    json::Object object;
    object["at"] = json::Value(to_rfc3339(each.accepted_at));
    object["milliseconds"] = took(each).count();
    trend.push_back(std::move(object));
  }
  json::Object document;
  document["schema"] = "stepback/v1/drill";
  document["environment"] = json::Value(environment.name);
  document["version"] = json::Value(live.version.text);
  document["there"] = leg_document(there);
  document["back"] = leg_document(back);
  document["trend"] = std::move(trend);
  answer.document = std::move(document);
  session.print(answer);
  return within ? Exit::done : Exit::bad;
}

}  // namespace stepback::cli
