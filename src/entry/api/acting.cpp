// SPDX-License-Identifier: Apache-2.0
#include "entry/api/acting.hpp"

#include <functional>

#include "documents/documents.hpp"
#include "documents/progress.hpp"
#include "engine/holding.hpp"
#include "entry/api/asking.hpp"
#include "wire/codec.hpp"

namespace stepback {
namespace {

constexpr std::size_t longest_reason = 1000;
constexpr std::size_t longest_key = 128;

struct Deed {
  Engine& engine;
  Orders& orders;
  const http::Request& request;
  const Caller& caller;
};
using Doing = Result<http::Response> (*)(const Deed&);

Result<json::Value> body_of(const Deed& deed) {
  auto body = TRY(json::parse(deed.request.body));
  if (!body.is_object()) return fail(Code::invalid, "expected an object");
  return body;
}

Result<std::string> checked_reason(std::string reason) {
  if (reason.empty()) return fail(Code::invalid, "reason must say why");
  if (reason.size() > longest_reason) return fail(Code::invalid, "reason is too long");
  return reason;
}

Result<Environment> environment_in(const Deed& deed, const json::Reader& body) {
  const auto name = TRY(body.text("environment"));
  return known_environment(deed.engine, name);
}

Result<> read_components(const json::Reader& body, Wish& wish) {
  if (!body.has("components")) return {};
  wish.application = wish.infrastructure = false;
  for (const auto& name : TRY(body.texts("components"))) {
    if (name == "application") {
      wish.application = true;
    } else if (name == "infrastructure") {
      wish.infrastructure = true;
    } else {
      return fail(body.wrong("components", "expected application or infrastructure"));
    }
  }
  if (!wish.application && !wish.infrastructure)
    return fail(body.wrong("components", "expected at least one"));
  return {};
}

Result<ManualRequest> read_request(const Deed& deed, const json::Reader& body) {
  ManualRequest request{.environment = TRY(environment_in(deed, body)),
                        .requested_by = deed.caller.name};
  const auto level = named<Level>(TRY(body.text_or("level", "stage")));
  if (!level) return fail(body.wrong("level", "expected stage or full"));
  request.level = *level;
  request.reason = TRY(body.text_or("reason", ""));
  if (const auto target = TRY(body.optional_text("target")))
    request.wish.target = TRY(parse_version(*target));
  TRY(read_components(body, request.wish));
  request.wish.further = TRY(body.boolean_or("further", false));
  request.wish.data_risk_accepted = TRY(body.boolean_or("acceptDataRisk", false));
  request.wish.unbaked_allowed = TRY(body.boolean_or("acceptUnbaked", false));
  if (body.has("acceptAlarms")) request.wish.accepted_alarms = TRY(body.texts("acceptAlarms"));
  return request;
}

// It waits for a second person; the environment's head says for what.
http::Response asked(const Environment& environment) {
  auto response = document(json::Object{{"schema", "stepback/v1/accepted"},
                                        {"environment", json::Value(environment.name)},
                                        {"waitsForApproval", true}},
                           202);
  response.headers.add("Location", "/api/v1/environments/" + environment.name);
  return response;
}

http::Response accepted(const Environment& environment, const RollbackId& id) {
  auto response = document(json::Object{{"schema", "stepback/v1/accepted"},
                                        {"rollbackId", json::Value(id.text)},
                                        {"environment", json::Value(environment.name)}},
                           202);
  response.headers.add("Location", "/api/v1/rollbacks/" + id.text);
  return response;
}

json::Value shown_plan(const Deed& deed, const PlanView& plan, const ManualRequest& request) {
  return as_of(plan_document(plan, request), deed.engine.clock.now());
}

// A problem with more to it than its words.
http::Response problem_with(int status, const std::string& why, const std::string& attempt,
                            json::Object more) {
  auto response = http::problem(status, why, attempt);
  auto body = json::parse(response.body);
  if (!body) return response;
  for (auto& member : more) body->as_object()[member.key()] = std::move(member.value());
  response.body = json::write(*body);
  return response;
}

http::Response busy(const Environment& environment, const std::string& why,
                    const std::optional<RollbackId>& rollback) {
  json::Object more;
  if (rollback) more["rollbackId"] = json::Value(rollback->text);
  return problem_with(423, why, "stepback watch " + environment.name, std::move(more));
}

Result<http::Response> make_plan(const Deed& deed) {
  const auto body = TRY(body_of(deed));
  const auto request = TRY(read_request(deed, json::Reader(body)));
  const auto plan = deed.engine.query.plan(request);
  if (plan) return document(shown_plan(deed, *plan, request));
  if (plan.error().code == Code::conflict) {
    const auto slot = TRY(deed.engine.store.head(request.environment)).slot;
    return busy(request.environment, plan.error().message, slot);
  }
  if (plan.error().code != Code::not_found) return fail(plan.error());
  return http::problem(422, plan.error().message, "stepback status " + request.environment.name);
}

http::Response answer(const Deed& deed, const Ordered& ordered, const ManualRequest& request) {
  const auto& name = request.environment.name;
  json::Object plan;
  if (ordered.plan) plan["plan"] = shown_plan(deed, *ordered.plan, request);
  switch (ordered.end) {
    case Ordered::End::begun:
    case Ordered::End::known: return accepted(request.environment, *ordered.rollback);
    case Ordered::End::asked: return asked(request.environment);
    case Ordered::End::reused: return http::problem(422, ordered.why, "stepback history " + name);
    case Ordered::End::busy: return busy(request.environment, ordered.why, ordered.rollback);
    case Ordered::End::moved:
      return problem_with(409, ordered.why, "stepback plan " + name, std::move(plan));
    case Ordered::End::nothing:
      return problem_with(422, ordered.why, "stepback targets " + name, std::move(plan));
    case Ordered::End::unconfirmed:
      return problem_with(422, ordered.why, "stepback rollback " + name + " --dry-run",
                          std::move(plan));
  }
  std::unreachable();
}

Result<http::Response> roll_back(const Deed& deed) {
  const auto key = deed.request.headers.find("Idempotency-Key");
  if (!key || key->empty() || key->size() > longest_key)
    return fail(Code::invalid,
                "Idempotency-Key is needed: up to 128 characters, made anew for "
                "each rollback that is meant");
  const auto body = TRY(body_of(deed));
  const json::Reader reader(body);
  Order order{.request = TRY(read_request(deed, reader))};
  order.request.reason = TRY(checked_reason(order.request.reason));
  order.plan_hash = TRY(reader.text("planHash"));
  order.confirm = TRY(reader.text_or("confirm", ""));
  order.key = deed.caller.name + "\n" + std::string(*key);
  order.content = json::write(body);
  const auto ordered = deed.orders.carry_out(order);
  if (ordered) return answer(deed, *ordered, order.request);
  if (ordered.error().code != Code::not_found) return fail(ordered.error());
  return http::problem(422, ordered.error().message,
                       "stepback status " + order.request.environment.name);
}

Result<http::Response> cancel(const Deed& deed) {
  const auto id = TRY(parse_id<RollbackTag>(deed.request.capture("id")));
  const auto body = TRY(body_of(deed));
  const auto given = TRY(json::Reader(body).text("reason"));
  const auto reason = TRY(checked_reason(given));
  TRY(deed.engine.make_worker()->cancel(id, deed.caller.name, reason));
  const auto rollback = TRY(deed.engine.store.rollback(id));
  return document(progress_document(rollback, deed.engine.clock.now()));
}

Result<http::Response> add_hold(const Deed& deed) {
  const auto body = TRY(body_of(deed));
  const json::Reader reader(body);
  const auto environment = TRY(environment_in(deed, reader));
  const auto version = TRY(reader.text("version"));
  Hold hold{.version = TRY(parse_version(version))};
  const auto until = named<HoldUntil>(TRY(reader.text_or("until", "released")));
  if (!until) return fail(reader.wrong("until", "expected fixed or released"));
  hold.until = *until;
  const auto reason = TRY(reader.text("reason"));
  hold.reason = TRY(checked_reason(reason));
  hold.by = deed.caller.name;
  hold.since = deed.engine.clock.now();
  const auto kept = TRY(keep_out(deed.engine.query, environment, hold));
  return document(hold_document(environment, kept), 201);
}

Result<http::Response> release_hold(const Deed& deed) {
  const auto name = deed.request.parameter("environment");
  if (!name) return fail(Code::invalid, "environment must say where");
  const auto environment = TRY(known_environment(deed.engine, *name));
  const auto reason = TRY(checked_reason(deed.request.parameter("reason").value_or("")));
  const Hand hand{deed.caller.name, reason, deed.engine.clock.now()};
  if (const auto version = deed.request.parameter("version")) {
    TRY(let_in(deed.engine.query, environment, *version, hand));
  } else {
    TRY(give_back(deed.engine.query, environment, hand));
  }
  return http::Response{.status = 204};
}

Result<http::Response> answer_question(const Deed& deed) {
  const auto environment = TRY(known_environment(deed.engine, deed.request.capture("environment")));
  const auto body = TRY(body_of(deed));
  const json::Reader reader(body);
  const auto approved = TRY(reader.boolean("approved"));
  const auto given = TRY(reader.text("reason"));
  const auto reason = TRY(checked_reason(given));
  if (!approved) {
    TRY(deed.engine.intake.refuse(environment, deed.caller.name, reason));
    return http::Response{.status = 204};
  }
  const auto id = TRY(deed.engine.intake.agree(environment, deed.caller.name, reason));
  return accepted(environment, id);
}

Result<http::Response> answer_approval(const Deed& deed) {
  const auto body = TRY(body_of(deed));
  const json::Reader reader(body);
  const auto approved = TRY(reader.boolean("approved"));
  const auto given = TRY(reader.text("reason"));
  const auto reason = TRY(checked_reason(given));
  const auto run = TRY(reader.text_or("run", ""));
  const auto newest = TRY(deed.engine.runs.newest());
  if (!run.empty() && newest.id.text != run)
    return fail(Code::conflict, newest.id.text + " is the newest run, not " + run);
  const auto answered = TRY(
      deed.engine.runs.answer({.approved = approved, .by = deed.caller.name, .reason = reason}));
  return document(to_json(answered));
}

}  // namespace

void add_acting_routes(http::Routes& routes, Engine& engine, Orders& orders, Access& access) {
  const auto add = [&](http::Method method, std::string_view path, Right right, Doing doing) {
    routes.handle(method, "/api/v1" + std::string(path),
                  [&engine, &orders, &access, right, doing](const http::Request& request) {
                    const auto admission = access.admit(request, right);
                    if (const auto* refused = std::get_if<http::Response>(&admission))
                      return *refused;
                    const auto& caller = std::get<Caller>(admission);
                    auto response = doing({engine, orders, request, caller});
                    const int status =
                        response ? response->status : http_status(response.error().code);
                    engine.log.info("asked for", {{"by", caller.name},
                                                  {"what", http::name_of(request.method)},
                                                  {"path", request.path},
                                                  {"status", std::to_string(status)}});
                    return response ? *std::move(response) : refusal(response.error());
                  });
  };
  add(http::Method::post, "/plans", Right::read, make_plan);
  add(http::Method::post, "/rollbacks", Right::act, roll_back);
  add(http::Method::post, "/rollbacks/{id}/cancel", Right::act, cancel);
  add(http::Method::post, "/holds", Right::act, add_hold);
  add(http::Method::remove, "/holds", Right::act, release_hold);
  add(http::Method::post, "/environments/{environment}/approval", Right::approve, answer_question);
  add(http::Method::post, "/run/approval", Right::approve, answer_approval);
}

}  // namespace stepback
