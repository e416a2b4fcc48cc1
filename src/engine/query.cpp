// SPDX-License-Identifier: Apache-2.0
#include "engine/query.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/digest.hpp"
#include "domain/consent.hpp"

namespace stepback {
namespace {

constexpr FreshIds unused_ids{.chance = 1};  // a plan is never stored, so its ids are nobody's
constexpr std::size_t hash_length = 12;
constexpr std::size_t looked_back = 50;  // rollbacks and events, for when it last worked

Check check_pipeline(const Result<PipelineState>& state) {
  if (!state) return {"pipeline", Verdict::inconclusive, state.error().message, {}};
  return {"pipeline", state->idle ? Verdict::passed : Verdict::failed, state->text, {}};
}

Check check_record(const Head& head, const std::optional<Deployment>& record) {
  if (!record) return {"record", Verdict::failed, "no deployment is recorded", {}};
  const auto text =
      fmt::format("{} {} {}", record->id.text, record->version.text, name_of(record->status));
  const bool tells_of_live = head.live && head.live->version == record->version;
  const bool sound = record->status == DeploymentStatus::succeeded && tells_of_live;
  return {"record",
          sound ? Verdict::passed : Verdict::failed,
          sound ? text
                : text + ", while " + (head.live ? head.live->version.text : "nothing") +
                      " is recorded as live",
          {}};
}

}  // namespace

Result<EnvironmentView> Query::environment(const Environment& environment) {
  EnvironmentView view{.head = TRY(store_.head(environment)),
                       .is_protected = contains(settings_.guarded, environment)};
  if (view.head.current) view.current = TRY(store_.deployment(*view.head.current));
  if (view.head.slot) {
    view.rollback = TRY(store_.rollback(*view.head.slot));
  } else if (view.head.waiting) {
    view.rollback = TRY(store_.rollback(view.head.waiting->rollback));
  }
  if (auto seen = alarms_.list(environment)) view.alarms = *std::move(seen);
  if (!view.head.live) return view;
  auto found = TRY(performer_.find_targets(environment));
  view.choice = choose_target(found.candidates, view.head, {.from = *view.head.live});
  view.estimates = found.estimates;
  if (view.choice.target) {
    view.predicted =
        predict_rollback(view.current, *view.choice.target, found.estimates, settings_.policy)
            .usual -
        Instant{};
  }
  return view;
}

Result<Choice> Query::targets(const Environment& environment, const Wish& wish) {
  const auto head = TRY(store_.head(environment));
  auto found = TRY(performer_.find_targets(environment));
  return choose_target(found.candidates, head,
                       {.from = head.live.value_or(Release{}),
                        .requested = wish.target,
                        .unbaked_allowed = wish.unbaked_allowed,
                        .data_risk_accepted = wish.data_risk_accepted,
                        .further = wish.further});
}

// The lanes go as far as planning takes them, with what is really there.
Result<> Query::plan_lanes(Transaction& transaction) {
  for (std::size_t i = 0; i < transaction.rollback().lanes.size(); ++i) {
    const Lane& lane = transaction.rollback().lanes[i];
    if (lane.phase == Phase::claiming) transaction.apply(i, Woke{}, clock_.now(), unused_ids);
    if (transaction.rollback().lanes[i].phase != Phase::planning) continue;
    auto found = TRY(performer_.find_targets(transaction.rollback().lanes[i].environment));
    transaction.apply(i, found, clock_.now(), unused_ids);
  }
  return {};
}

Result<PlanView> Query::plan(const ManualRequest& request) {
  SignalContext context{.head = TRY(store_.head(request.environment))};
  context.service = TRY(store_.head(Environment{}));
  if (context.head.current) context.current = TRY(store_.deployment(*context.head.current));
  const auto opening = TRY(judge(request, context));
  auto failing = store_.deployment(opening.deployment);
  Transaction transaction(store_, settings_);
  TRY(transaction.load_for(request.environment, request.level,
                           failing ? std::optional(*failing) : std::nullopt));
  transaction.open(opening, clock_.now(), settings_.policy, unused_ids);
  TRY(plan_lanes(transaction));
  PlanView view{.rollback = transaction.rollback()};
  view.hash = sha256_hex(plan_text(view.rollback)).substr(0, hash_length);
  if (const Lane* lane = lane_of(view.rollback, request.environment)) {
    view.prediction = predict_end(*lane, settings_.policy, clock_.now());
  }
  view.confirm = name_to_confirm(request, settings_.guarded, settings_.service);
  return view;
}

Result<RollbackView> Query::rollback(const RollbackId& id) {
  RollbackView view{.rollback = TRY(store_.rollback(id))};
  for (const auto& before : view.rollback.took_over) {
    auto earlier = TRY(ledger_.journal(before));
    std::ranges::move(earlier, std::back_inserter(view.journal));
  }
  auto own = TRY(ledger_.journal(id));
  std::ranges::move(own, std::back_inserter(view.journal));
  view.triggers = TRY(ledger_.triggers(id));
  return view;
}

Result<VerifyView> Query::verify(const Environment& environment) {
  VerifyView view;
  const auto head = TRY(store_.head(environment));
  if (head.current) view.record = TRY(store_.deployment(*head.current));
  const auto now = clock_.now();
  const auto live = head.live.value_or(Release{});
  const auto cutover = view.record ? view.record->cutover_at.value_or(now) : now;
  view.observation = performer_.look_around(environment, cutover, settings_.policy);
  view.validation =
      validate(view.observation,
               {.version = live.version,
                .digest = live.digest,
                .cutover = cutover,
                .baseline = view.record ? view.record->baseline : std::vector<AlarmBaseline>{},
                .accepted = accepted_in(head, {}, now)},
               settings_.policy);
  const auto pipeline = delivery_.pipeline.state(environment);
  view.pipeline = pipeline ? pipeline->text : pipeline.error().message;
  view.checks = view.validation.checks;
  view.checks.insert(view.checks.begin(), check_pipeline(pipeline));
  view.checks.push_back(check_record(head, view.record));
  view.verdict = worst(view.checks);
  return view;
}

// Everything that a rollback would ask for, asked for now; what fails is part of the answer.
Result<ReadinessFacts> Query::look_for_readiness(const Environment& environment) {
  ReadinessFacts facts{.head = TRY(store_.head(environment))};
  if (facts.head.current) facts.current = TRY(store_.deployment(*facts.head.current));
  if (facts.head.live) {
    auto found = TRY(performer_.find_targets(environment));
    facts.choice = choose_target(found.candidates, facts.head, {.from = *facts.head.live});
    facts.estimates = found.estimates;
  }
  if (facts.choice.target) look_thoroughly(environment, *facts.choice.target);
  if (const auto pointer = delivery_.artifacts.pointer(environment); !pointer)
    facts.no_pointer = pointer.error().message;
  if (const auto pipeline = delivery_.pipeline.state(environment); !pipeline)
    facts.no_pipeline = pipeline.error().message;
  facts.seen = performer_.look_around(environment, clock_.now(), settings_.policy);
  facts.rollbacks = TRY(ledger_.rollbacks({.environment = environment, .limit = looked_back}));
  facts.events = TRY(ledger_.recent_triggers(environment, looked_back));
  return facts;
}

Result<Readiness> Query::readiness(const Environment& environment) {
  return judge_readiness(TRY(look_for_readiness(environment)), settings_.policy, clock_.now());
}

Result<DiagnosisFacts> Query::diagnosis(const Environment& environment) {
  DiagnosisFacts facts{.readiness = TRY(look_for_readiness(environment))};
  facts.unfinished = TRY(ledger_.unfinished());
  std::erase_if(facts.unfinished,
                [&](const Deployment& each) { return each.environment != environment; });
  return facts;
}

void Query::look_thoroughly(const Environment& environment, Candidate& target) {
  const auto report =
      delivery_.artifacts.check(environment, target.release.version, target.release.digest, true);
  target.artifacts = report ? report->state : ArtifactState::unreadable;
  target.artifact_detail = report ? report->detail : report.error().message;
  if (report) target.files = report->files;
}

}  // namespace stepback
