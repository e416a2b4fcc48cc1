// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "domain/asking.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/files.hpp"
#include "entry/cli/follow.hpp"
#include "entry/cli/lookup.hpp"
#include "entry/cli/render_plan.hpp"

namespace stepback::cli {
namespace {

Answered<ManualRequest> request_for(Session& session, Engine& engine, const Wanted& wanted,
                                    const std::string& reason) {
  ManualRequest request{.environment = TRY(session.environment(wanted.environment)),
                        .level = wanted.level,
                        .reason = reason,
                        .requested_by = session.terminal().user};
  if (!wanted.to.empty())
    request.wish.target = TRY(resolve_version(engine, request.environment, wanted.to));
  request.wish.application = wanted.component != "infra";
  request.wish.infrastructure = wanted.component != "app";
  request.wish.data_risk_accepted = wanted.accept_data_risk;
  request.wish.unbaked_allowed = wanted.accept_unbaked;
  request.wish.further = wanted.further;
  request.wish.accepted_alarms = wanted.accept_alarms;
  return request;
}

const Lane& primary(const PlanView& view) {
  const Lane* lane = lane_of(view.rollback, view.rollback.environment);
  return lane == nullptr ? view.rollback.lanes.front() : *lane;
}

bool is_there_already(const PlanView& view, const ManualRequest& request) {
  return request.wish.target && primary(view).from.version == *request.wish.target;
}

Answered<PlanView> plan_for(Engine& engine, ManualRequest& request) {
  const auto& name = request.environment.name;
  auto view = engine.query.plan(request);
  if (!view) {
    const bool busy = view.error().code == Code::conflict;
    return complain(complaint_of(view.error(), {.what = name + " cannot be rolled back now",
                                                .attempt = busy ? "stepback watch " + name : ""}));
  }
  if (request.reason.empty()) {
    const auto& target = primary(*view).target;
    request.reason =
        target ? "Manual rollback to version " + target->release.version.text : "Manual rollback";
    view->rollback.reason = request.reason;
  }
  return *std::move(view);
}

// Why the plan leads nowhere: nothing is known, or what was asked for is refused.
Complaint no_target(Session& session, const PlanView& view, const ManualRequest& request) {
  const auto& name = request.environment.name;
  const Lane& lane = primary(view);
  Complaint complaint{Exit::not_found, name + " has nothing to go back to", lane.why,
                      "stepback targets " + name, ""};
  if (!request.wish.target) {
    session.remark(no_target_screen(view.rollback));
    return complaint;
  }
  complaint.what = fmt::format("{} cannot be rolled back to {}", name, request.wish.target->text);
  const auto refusal = std::ranges::find_if(lane.refused, [&](const Refusal& each) {
    return each.release.version == *request.wish.target;
  });
  if (refusal == lane.refused.end()) {
    complaint.why = "it is not among the candidates";
    return complaint;
  }
  complaint.exit = Exit::refused;
  complaint.why = refusal->why;
  return complaint;
}

Asking asking_for(const PlanView& view, const ManualRequest& request) {
  const auto& name = request.environment.name;
  const auto& version = primary(view).target->release.version.text;
  const bool severe = !view.confirm.empty();
  Asking asking{.danger = severe ? Danger::severe : Danger::moderate};
  asking.deed = "rolling " + name + " back";
  asking.question = fmt::format("Are you sure you want to rollback {} to {}?", name, version);
  asking.name = severe ? view.confirm : name;
  asking.declined = "Rollback cancelled";
  asking.command = fmt::format("stepback rollback {} --to {} {} --reason TEXT", name, version,
                               severe ? "--confirm " + asking.name : "--yes");
  return asking;
}

Answered<void> somebody_will_do_it(Engine& engine, const Waiting& waiting,
                                   const std::string& name) {
  if (!waiting.no_wait || engine.server_is_alive()) return {};
  return complain({Exit::refused, "nobody would carry it out",
                   "--no-wait leaves it to a server, and none is running on this store",
                   "stepback rollback " + name, ""});
}

struct Going {
  ManualRequest request;
  PlanView plan;
  Consent consent;
  Waiting waiting;
  bool alone = false;   // without the second person that is wanted there
  bool pinned = false;  // exactly the version of the plan, whatever is found meanwhile
};

// Where a second person has to agree, the first one's part ends here.
Answered<> ask(Session& session, Engine& engine, const ManualRequest& request) {
  const auto& name = request.environment.name;
  TRY(told(engine.intake.ask(request), {.what = name + " was not rolled back, and nobody was asked",
                                        .attempt = "stepback watch " + name}));
  session.remark(
      {fmt::format("somebody else has to agree within {}: stepback approve {} --reason "
                   "TEXT",
                   to_short(question_stands), name),
       fmt::format("nobody there: stepback rollback {} --alone, which is on record", name)});
  return Exit::refused;
}

// From a plan that leads somewhere to its end.
Answered<> go(Session& session, Engine& engine, Going going) {
  TRY(somebody_will_do_it(engine, going.waiting, going.request.environment.name));
  session.talk(plan_screen(going.plan));
  const auto asking = asking_for(going.plan, going.request);
  if (TRY(confirm(session, asking, going.consent)) == Agreement::declined) return Exit::done;
  const bool asked = session.interactive() && !going.consent.yes;
  if ((going.pinned || asked) && going.request.level == Level::stage)
    going.request.wish.target = primary(going.plan).target->release.version;
  if (wants_second_person(going.request, engine.settings.seconded)) {
    if (!going.alone) return ask(session, engine, going.request);
    going.request.agreed = alone(going.request.requested_by);
  }
  const auto id = TRY(told(engine.intake.request(going.request),
                           {.what = going.request.environment.name + " was not rolled back",
                            .attempt = "stepback watch " + going.request.environment.name}));
  if (going.waiting.no_wait) {
    session.terminal().out << id.text << '\n';
    return Exit::done;
  }
  if (!session.can_paint()) session.remark({"rollback " + id.text});
  return follow(session, engine, {.id = id, .timeout = going.waiting.timeout});
}

Answered<> show_plan(Session& session, const PlanView& view, const ManualRequest& request,
                     bool detailed) {
  Answer answer{.screen = plan_screen(view), .document = plan_document(view, request)};
  answer.screen.emplace_back("Nothing was changed. Run it: stepback rollback " +
                             request.environment.name);
  answer.ids = {view.hash};
  for (const auto& lane : view.rollback.lanes) {
    for (const auto& step : lane.steps)
      answer.rows.add(
          {lane.environment.name, name_of(step.kind), name_of(step.state), purpose_of(step, lane)});
  }
  session.print(answer);
  return detailed ? Exit::pending : Exit::done;
}

Exit say_there_already(Session& session, const ManualRequest& request) {
  session.remark({fmt::format("{} runs {} already: nothing to do", request.environment.name,
                              request.wish.target->text)});
  return Exit::done;
}

}  // namespace

Answered<> perform(const RollbackOptions& options, Session& session) {
  if (!options.dry_run) TRY(session.may_change("rolling back"));
  if (options.undo) return undo(options, session);
  Engine& engine = *TRY(session.engine());
  auto request = TRY(request_for(session, engine, options.wanted, options.consent.reason));
  auto plan = TRY(plan_for(engine, request));
  if (is_there_already(plan, request)) return say_there_already(session, request);
  if (!primary(plan).target) return complain(no_target(session, plan, request));
  if (options.dry_run) return show_plan(session, plan, request, options.detailed_exitcode);
  return go(session, engine,
            {.request = std::move(request),
             .plan = std::move(plan),
             .consent = options.consent,
             .waiting = options.waiting,
             .alone = options.alone,
             .pinned = !options.wanted.to.empty()});
}

Answered<> perform(const PlanOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  auto request = TRY(request_for(session, engine, options.wanted, options.reason));
  const auto plan = TRY(plan_for(engine, request));
  if (is_there_already(plan, request)) return say_there_already(session, request);
  if (!primary(plan).target) return complain(no_target(session, plan, request));
  if (!options.file.empty()) {
    TRY(told(
        write_file(options.file, json::write_pretty(plan_document(plan, request)) + "\n"),
        {.what = "the plan was not kept", .attempt = "stepback plan " + request.environment.name}));
    session.remark({fmt::format("kept as {}; exactly this: stepback apply {}", options.file,
                                shell_word(options.file))});
  }
  return show_plan(session, plan, request, options.detailed_exitcode);
}

Answered<> perform(const ApplyOptions& options, Session& session) {
  TRY(session.may_change("applying a plan"));
  Engine& engine = *TRY(session.engine());
  const Deed reading{.what = options.file + " is no plan", .attempt = "stepback help concepts"};
  const auto bytes = TRY(told(read_file(options.file), reading));
  auto kept = TRY(told(read_plan(bytes), reading));
  const auto name = kept.request.environment.name;
  TRY(session.environment(name));
  kept.request.requested_by = session.terminal().user;
  if (!options.consent.reason.empty()) kept.request.reason = options.consent.reason;
  auto plan = TRY(plan_for(engine, kept.request));
  if (plan.hash != kept.hash || !primary(plan).target) {
    return complain({Exit::refused, "the plan was not applied: the world moved",
                     fmt::format("it was {} when it was made, and is {} now", kept.hash, plan.hash),
                     fmt::format("stepback plan {} -O {}", name, shell_word(options.file)), ""});
  }
  return go(session, engine,
            {.request = kept.request,
             .plan = std::move(plan),
             .consent = options.consent,
             .waiting = options.waiting,
             .pinned = true});
}

Answered<> perform(const CancelOptions& options, Session& session) {
  TRY(session.may_change("cancelling"));
  Engine& engine = *TRY(session.engine());
  const auto id = TRY(resolve_rollback(engine, options.id));
  const auto reason = options.reason.empty() ? "cancelled by hand" : options.reason;
  TRY(told(engine.make_worker()->cancel(id, session.terminal().user, reason),
           {.what = id.text + " was not cancelled", .attempt = "stepback watch " + id.text}));
  session.remark({fmt::format("{} is cancelled, nothing was changed", id.text)});
  return Exit::done;
}

}  // namespace stepback::cli
