// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "domain/asking.hpp"

namespace stepback {
namespace {

constexpr int tries = 16;                // when others keep being first
constexpr std::size_t most_others = 16;  // environments that are asked whether they see it too

const Environment whole_service{};

// What people are told of a signal that opened nothing, where they should be told at all.
std::optional<Notice> notice_for(const TriggerRecord& record, const SignalContext& context) {
  const bool worth_telling =
      record.disposition == Disposition::notified || record.disposition == Disposition::held ||
      record.disposition == Disposition::blocked || record.disposition == Disposition::shadowed;
  if (!worth_telling) return std::nullopt;
  Notice notice{.key = record.key + "/told",
                .kind = NoticeKind::trigger_notified,
                .severity = Severity::warning};
  if (record.disposition == Disposition::held) {
    notice.kind = NoticeKind::brake_engaged;
    notice.severity = Severity::critical;
  }
  if (record.disposition == Disposition::blocked) notice.kind = NoticeKind::release_held;
  notice.environment = context.head.environment;
  notice.at = record.received_at;
  notice.requested_by = "automation";
  notice.validation_status = "pending";
  notice.origin = name_of(Origin::automatic);
  notice.reason =
      fmt::format("{} {}: {}", name_of(record.signal.kind), record.signal.name, record.why);
  if (context.current) {
    notice.current_version = context.current->version;
    notice.deployment = context.current->id;
    if (context.current->predecessor) notice.target_version = context.current->predecessor->version;
  }
  notice.next_command = "stepback rollback " + context.head.environment.name + " --dry-run";
  if (record.disposition == Disposition::blocked) {
    notice.current_version = record.signal.version;
    notice.held = true;
    notice.next_command = "stepback hold list " + context.head.environment.name;
  }
  return notice;
}

// Whoever names no account speaks of ours: so what is looked up and what was told have one key.
Signal placed(Signal signal, const Settings& settings) {
  if (signal.account.empty()) signal.account = settings.account;
  if (signal.region.empty()) signal.region = settings.region;
  return signal;
}

// The alarm's name as another environment would spell it.
std::string name_in(const std::string& name, const Environment& from, const Environment& to) {
  const auto at = name.find(from.name);
  if (at == std::string::npos) return name;
  return name.substr(0, at) + to.name + name.substr(at + from.name.size());
}

}  // namespace

struct Intake::Draft {
  TriggerRecord record;
  SignalContext context;
  Judgement judgement;
  // It goes by itself, judged with what is asked beside the store.
  bool needs_a_closer_look = false;
};

FreshIds Intake::fresh() {
  const std::lock_guard lock(random_mutex_);
  return {random_.next()};
}

Result<SignalContext> Intake::context_of(const Signal& signal, const AlarmMatch& match,
                                         Readings* shared) {
  SignalContext context;
  const auto known = shared != nullptr ? shared->find(match.environment) : Readings::iterator();
  if (shared != nullptr && known != shared->end()) {
    context = known->second;
  } else {
    context.head = TRY(store_.head(match.environment));
    context.service = TRY(store_.head(whole_service));
    if (context.head.current) context.current = TRY(store_.deployment(*context.head.current));
    if (shared != nullptr) shared->emplace(match.environment, context);
  }
  context.roles = match.roles;
  context.known_source =
      (settings_.account.empty() || signal.account.empty() ||
       signal.account == settings_.account) &&
      (settings_.region.empty() || signal.region.empty() || signal.region == settings_.region);
  return context;
}

// What takes time to learn, and is only asked for when something would follow from it.
void Intake::look_closer(const Signal& signal, const AlarmMatch& match, SignalContext& context) {
  if (signal.kind != SignalKind::alarm) return;
  if (const auto here = alarms_.list(match.environment)) {
    const auto same = std::ranges::find(*here, signal.name, &AlarmSeen::name);
    // What was told is not known better by asking: what came now is the newest there is.
    if (same != here->end() && !signal.told) context.state_now = same->state;
    for (const auto& alarm : *here) {
      if (alarm.roles.provider && alarm.state == AlarmState::alarm)
        context.provider_trouble.push_back(alarm.name);
    }
  }
  if (context.current && context.current->predecessor) {
    if (auto before = store_.deployment(context.current->predecessor->deployment))
      context.before = *std::move(before);
  }
  std::size_t looked_at = 0;
  for (const auto& other : settings_.environments) {
    if (other == match.environment || !context.current) continue;
    if (++looked_at > most_others) break;
    const auto head = store_.head(other);
    if (!head || !tells_of_the_version(*head, *context.current)) continue;
    const auto there = alarms_.list(other);
    if (!there) continue;
    const auto same =
        std::ranges::find(*there, name_in(signal.name, match.environment, other), &AlarmSeen::name);
    context.elsewhere.emplace_back(other, same != there->end() && same->state == AlarmState::alarm);
  }
}

// With shared readings nothing is asked beside the store, and what would open something is only
// marked as such.
Result<Intake::Draft> Intake::draft(const Signal& given, Readings* shared) {
  const Signal signal = placed(given, settings_);
  const bool thorough = shared == nullptr;
  Draft draft{
      .record = {.key = content_key(signal), .signal = signal, .received_at = clock_.now()}};
  const auto matched = match_signal(signal, settings_.environments, settings_.alarms);
  if (!matched) {
    draft.record.disposition = Disposition::ignored;
    draft.record.why = "no environment and no rule of ours has this name";
    return draft;
  }
  draft.record.environment = matched->environment;
  draft.context = TRY(context_of(signal, *matched, shared));
  auto judgement = judge(signal, draft.context, draft.record.received_at, settings_.policy);
  if (judgement.opening && thorough) {
    look_closer(signal, *matched, draft.context);
    judgement = judge(signal, draft.context, draft.record.received_at, settings_.policy);
  }
  draft.needs_a_closer_look =
      judgement.opening || judgement.hold || judgement.engage_brake || signal.told;
  draft.record.disposition = judgement.disposition;
  draft.record.why = judgement.why;
  draft.record.rollback = judgement.rollback;
  if (!judgement.attribution.evidence.empty())
    draft.record.attribution = name_of(judgement.attribution.likelihood);
  draft.judgement = std::move(judgement);
  return draft;
}

namespace {

// The commit of a signal that opens nothing.
Commit record_only(const TriggerRecord& record, SignalContext context, const Judgement& judgement) {
  Commit commit{.trigger = record};
  if (record.environment && mark_head(context.head, commit.journal, record, judgement))
    commit.heads.push_back(context.head);
  if (auto notice = notice_for(record, context)) commit.notices.push_back(*std::move(notice));
  return commit;
}

}  // namespace

Result<Intake::Answer> Intake::take_thoroughly(const Signal& given) {
  const Signal signal = placed(given, settings_);
  for (int i = 0; i < tries; ++i) {
    auto known = store_.trigger(content_key(signal));
    if (known) return Answer{*std::move(known), true};
    if (known.error().code != Code::not_found) return fail(known.error());
    auto drafted = TRY(draft(signal, nullptr));
    Commit commit;
    const auto& opening = drafted.judgement.opening;
    if (opening) {
      Transaction transaction(store_, settings_);
      TRY(transaction.load_for(opening->environment, opening->level, drafted.context.current));
      // Judged by one reading and committed on another: the second must still allow it.
      if (transaction.world().heads.front().value != drafted.context.head) continue;
      transaction.open(*opening, drafted.record.received_at, settings_.policy, fresh());
      drafted.record.rollback = transaction.rollback().id;
      commit = transaction.pending(drafted.record);
      mark_head(commit.heads.front(), commit.journal, drafted.record, drafted.judgement);
    } else {
      commit = record_only(drafted.record, drafted.context, drafted.judgement);
    }
    auto done = store_.commit(commit);
    if (!done && done.error().code == Code::conflict) continue;
    TRY(std::move(done));
    if (opening && on_opened) on_opened(opening->environment, *drafted.record.rollback);
    if (log_ != nullptr) {
      log_->info("signal taken in",
                 {{"signal", drafted.record.key},
                  {"became", name_of(drafted.record.disposition)},
                  {"why", drafted.record.why},
                  {"rollback", drafted.record.rollback ? drafted.record.rollback->text : ""}});
    }
    return Answer{std::move(drafted.record), false};
  }
  return fail(Code::unavailable,
              "others keep changing " + signal.name + "'s environment; send it again");
}

Result<Intake::Answer> Intake::take(const Signal& signal) { return take_thoroughly(signal); }

std::vector<Result<Intake::Answer>> Intake::take_each(std::span<const Signal> signals) {
  std::vector<std::optional<Result<Answer>>> answers(signals.size());
  std::vector<Commit> commits;
  std::vector<std::size_t> whose;
  std::vector<TriggerRecord> records;
  Readings readings;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    auto drafted = draft(signals[i], &readings);
    if (!drafted) {
      answers[i] = Result<Answer>(fail(drafted.error()));
    } else if (!drafted->needs_a_closer_look) {
      commits.push_back(record_only(drafted->record, drafted->context, drafted->judgement));
      records.push_back(std::move(drafted->record));
      whose.push_back(i);
    }
  }
  const auto done = commits.empty() ? std::vector<Result<>>() : store_.commit_each(commits);
  for (std::size_t j = 0; j < done.size(); ++j) {
    if (done[j]) answers[whose[j]] = Result<Answer>(Answer{std::move(records[j]), false});
  }
  // What is known already, was first elsewhere, or would open something goes one by one.
  std::vector<Result<Answer>> all;
  all.reserve(signals.size());
  for (std::size_t i = 0; i < signals.size(); ++i) {
    all.push_back(answers[i] ? *std::move(answers[i]) : take_thoroughly(signals[i]));
  }
  return all;
}

Result<> Intake::ask(const ManualRequest& request) {
  return commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(store_.head(request.environment));
    return commit_of(TRY(ask_for_rollback(std::move(head), request, clock_.now())), false);
  });
}

Result<RollbackId> Intake::agree(const Environment& environment, const std::string& by,
                                 const std::string& reason) {
  const auto head = TRY(store_.head(environment));
  return request(TRY(agreed_request(head, by, reason, clock_.now())));
}

Result<> Intake::refuse(const Environment& environment, const std::string& by,
                        const std::string& reason) {
  return commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(store_.head(environment));
    return commit_of(TRY(refuse_request(std::move(head), by, reason, clock_.now())), false);
  });
}

Result<RollbackId> Intake::request(const ManualRequest& request) {
  if (wants_second_person(request, settings_.seconded)) {
    return fail(Code::denied, "a second person has to agree in " + request.environment.name);
  }
  for (int i = 0; i < tries; ++i) {
    SignalContext context{.head = TRY(store_.head(request.environment))};
    context.service = TRY(store_.head(whole_service));
    if (context.head.current) context.current = TRY(store_.deployment(*context.head.current));
    const auto opening = TRY(judge(request, context));
    auto failing = store_.deployment(opening.deployment);
    Transaction transaction(store_, settings_);
    TRY(transaction.load_for(request.environment, request.level,
                             failing ? std::optional(*failing) : std::nullopt));
    const auto& heads = transaction.world().heads;
    const bool same =
        std::ranges::any_of(heads, [&](const auto& kept) { return kept.value == context.head; });
    if (!same) continue;
    transaction.open(opening, clock_.now(), settings_.policy, fresh());
    const auto id = transaction.rollback().id;
    auto done = store_.commit(transaction.pending());
    if (!done && done.error().code == Code::conflict) continue;
    TRY(std::move(done));
    if (on_opened) on_opened(request.environment, id);
    return id;
  }
  return fail(Code::unavailable,
              "others keep changing " + request.environment.name + "; ask again");
}

}  // namespace stepback
