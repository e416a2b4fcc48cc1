// SPDX-License-Identifier: Apache-2.0
#include "engine/inspection.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "domain/deploying.hpp"
#include "domain/telling.hpp"
#include "engine/transaction.hpp"

namespace stepback {
namespace {

constexpr std::size_t records_read = 200;
constexpr std::size_t releases_looked_at = 5;  // as deep as anybody goes back
constexpr std::size_t most_mended = 50;        // at once

// A record that is missing is a finding, and no error.
template <class T>
Result<std::optional<T>> if_there(Result<T> record) {
  if (record) return std::optional<T>(*std::move(record));
  if (record.error().code == Code::not_found) return std::optional<T>();
  return fail(record.error());
}

MarkerSeen seen(const Result<Pointer>& pointer) {
  if (!pointer) return {.detail = pointer.error().message};
  return {.seen = true,
          .version = pointer->version,
          .digest = pointer->digest,
          .operation = pointer->operation,
          .settled = pointer->settled,
          .detail = {}};
}

// What somebody would look for who asks for errors.
bool tells_of_trouble(const JournalEntry& entry) {
  return entry.kind.ends_with(".failed") || entry.kind.ends_with(".escalated") ||
         entry.kind == "trigger.rejected";
}

}  // namespace

void Inspection::look_at_artifacts(DriftFacts& facts) {
  const auto& environment = facts.head.environment;
  std::vector<Version> looked_at;
  for (const auto& each : facts.deployments) {
    if (!each.good_at || looked_at.size() == releases_looked_at) continue;
    if (std::ranges::find(looked_at, each.version) != looked_at.end()) continue;
    looked_at.push_back(each.version);
    const auto report = delivery_.artifacts.check(environment, each.version, each.digest, false);
    facts.artifacts.push_back({.release = {each.id, each.version, each.digest},
                               .state = report ? report->state : ArtifactState::unreadable,
                               .detail = report ? report->detail : report.error().message});
  }
}

Result<DriftFacts> Inspection::look_for_drift(const Environment& environment) {
  DriftFacts facts{.head = TRY(store_.head(environment))};
  facts.head.environment = environment;
  if (facts.head.current) facts.current = TRY(if_there(store_.deployment(*facts.head.current)));
  if (facts.head.slot) facts.slot = TRY(if_there(store_.rollback(*facts.head.slot)));
  if (facts.head.waiting)
    facts.waiting = TRY(if_there(store_.rollback(facts.head.waiting->rollback)));
  facts.deployments = TRY(ledger_.deployments({.environment = environment, .limit = records_read}));
  for (const auto& each : facts.deployments) {
    const bool in_progress = each.status == DeploymentStatus::in_progress;
    if (in_progress && !each.holder.empty() && liveness_.is_dead(each.holder))
      facts.abandoned.push_back(each.id);
  }
  facts.active = TRY(ledger_.rollbacks({.environment = environment, .active_only = true}));
  facts.marker = seen(delivery_.artifacts.pointer(environment));
  const auto running = live_version_.read(environment);
  facts.running = running ? *running : VersionSeen{.detail = running.error().message};
  look_at_artifacts(facts);
  look_at_sources(facts);
  return facts;
}

void Inspection::look_at_sources(DriftFacts& facts) {
  const auto& environment = facts.head.environment;
  if (!looking_.repository.has_sources(environment)) return;
  std::vector<Version> strangers;
  std::vector<Version> asked;
  for (const auto& each : facts.deployments) {
    if (asked.size() == releases_looked_at) break;
    if (std::ranges::find(asked, each.version) != asked.end()) continue;
    asked.push_back(each.version);
    const auto known = looking_.repository.knows(environment, each.version);
    if (!known) return;  // it can't be asked: nothing is said of it
    if (!*known) strangers.push_back(each.version);
  }
  facts.strangers = std::move(strangers);
}

Result<std::vector<Drift>> Inspection::drift(const Environment& environment) {
  return find_drift(TRY(look_for_drift(environment)), clock_.now());
}

Result<std::vector<Drift>> Inspection::mend(const Environment& environment, const std::string& by) {
  std::vector<Drift> mended;
  while (mended.size() < most_mended) {
    const auto facts = TRY(look_for_drift(environment));
    const auto now = clock_.now();
    const auto found = find_drift(facts, now);
    const auto next =
        std::ranges::find_if(found, [](const Drift& each) { return each.mend != Mend::none; });
    if (next == found.end()) return mended;
    auto change = TRY(mend_drift(*next, facts, by, now));
    Commit commit{.journal = std::move(change.journal), .notices = std::move(change.notices)};
    commit.heads.push_back(std::move(change.head));
    if (change.deployment) commit.deployments.push_back(*std::move(change.deployment));
    auto done = store_.commit(commit);
    // Somebody was first: it is looked at anew.
    if (!done && done.error().code == Code::conflict) continue;
    TRY(std::move(done));
    mended.push_back(*next);
  }
  return mended;
}

Result<ArtifactView> Inspection::view_of(const Environment& environment, const Version& version,
                                         const std::vector<Deployment>& history, bool thorough) {
  ArtifactView view{.version = version};
  const auto known = std::ranges::find(history, version, &Deployment::version);
  if (known != history.end()) view.deployment = *known;
  // What was recorded first for a version is what was verified then.
  for (const auto& each : history)
    if (each.version == version && !each.digest.empty()) view.recorded = each.digest;
  const auto report = delivery_.artifacts.check(environment, version, view.recorded, thorough);
  view.state = report ? report->state : ArtifactState::unreadable;
  view.detail = report ? report->detail : report.error().message;
  view.verified = thorough && view.state == ArtifactState::present && !view.recorded.empty();
  if (view.state == ArtifactState::missing) {
    const auto missing = looking_.shelf.missing(environment, version);
    if (missing) view.missing = *missing;
    return view;
  }
  if (const auto shelved = looking_.shelf.find(environment, version)) view.shelved = *shelved;
  return view;
}

Result<std::vector<ArtifactView>> Inspection::artifacts(const Environment& environment,
                                                        std::size_t limit) {
  const auto head = TRY(store_.head(environment));
  const auto history =
      TRY(ledger_.deployments({.environment = environment, .limit = records_read}));
  std::vector<Version> versions;
  const auto add = [&](const Version& version) {
    const bool known = std::ranges::find(versions, version) != versions.end();
    if (!known && versions.size() < limit) versions.push_back(version);
  };
  for (const auto& each : history) add(each.version);
  for (const auto& each : TRY(looking_.shelf.list(environment, limit))) add(each.version);
  const auto found = performer_.find_targets(environment);
  const auto choice =
      found && head.live ? choose_target(found->candidates, head, {.from = *head.live}) : Choice{};
  std::vector<ArtifactView> views;
  for (const auto& version : versions) {
    auto view = TRY(view_of(environment, version, history, false));
    view.is_live = head.live && head.live->version == version;
    view.is_target = choice.target && choice.target->release.version == version;
    views.push_back(std::move(view));
  }
  return views;
}

Result<ArtifactView> Inspection::artifact(const Environment& environment, const Version& version) {
  const auto head = TRY(store_.head(environment));
  const auto history =
      TRY(ledger_.deployments({.environment = environment, .limit = records_read}));
  auto view = TRY(view_of(environment, version, history, true));
  view.is_live = head.live && head.live->version == version;
  return view;
}

Result<> Inspection::note(const Environment& environment, const Noted& noted) {
  Commit commit;
  commit.journal.push_back({.environment = environment,
                            .at = clock_.now(),
                            .kind = noted.kind,
                            .actor = noted.by,
                            .rollback = {},
                            .deployment = {},
                            .text = noted.text,
                            .facts = noted.facts});
  return store_.commit(commit);
}

Result<std::string> Inspection::restore(const Environment& environment, const Version& version,
                                        const std::string& by) {
  auto done = TRY(looking_.shelf.restore(environment, version));
  TRY(note(environment, {.kind = "artifacts.restored",
                         .by = by,
                         .text = version.text + ": " + done,
                         .facts = {{"version", version.text}}}));
  return done;
}

Result<Inspection::Publication> Inspection::publication(const Environment& environment,
                                                        const Version& version,
                                                        const std::string& directory) {
  Publication publication{.digest = TRY(looking_.shelf.digest_of(environment, directory)),
                          .recorded = {}};
  for (const auto& each :
       TRY(ledger_.deployments({.environment = environment, .limit = records_read})))
    if (each.version == version && !each.digest.empty()) publication.recorded = each.digest;
  return publication;
}

Result<Inspection::Publication> Inspection::publish(const PublishOrder& order) {
  auto publication = TRY(this->publication(order.environment, order.version, order.directory));
  const auto published = TRY(publisher_.publish(order.environment, order.version, order.directory));
  const bool same = publication.is_verified_one() && published == publication.digest;
  publication.digest = published;
  TRY(note(
      order.environment,
      {.kind = "artifacts.published",
       .by = order.by,
       .text = fmt::format("{}{}: {}", order.version.text,
                           same ? ", as it was verified" : ", NOT what was verified", order.reason),
       .facts = {{"version", order.version.text},
                 {"digest", published.hex},
                 {"recorded", publication.recorded.hex}}}));
  return publication;
}

Result<std::string> Inspection::stop_pipeline(const Environment& environment, const std::string& by,
                                              const std::string& reason) {
  auto done = TRY(delivery_.pipeline.stop(environment, reason));
  TRY(note(environment,
           {.kind = "pipeline.stopped", .by = by, .text = reason + ": " + done, .facts = {}}));
  return done;
}

Result<std::vector<LogLine>> Inspection::own_lines(const LogQuery& query) {
  constexpr std::size_t page = 500;
  std::vector<LogLine> lines;
  std::uint64_t after = 0;
  for (;;) {
    const auto entries = TRY(ledger_.journal(query.environment, after, page));
    for (const auto& stored : entries) {
      after = stored.sequence;
      const auto& entry = stored.entry;
      if (entry.at < query.since || entry.at >= query.until) continue;
      const bool error = tells_of_trouble(entry);
      if (query.errors_only && !error) continue;
      lines.push_back({.at = entry.at,
                       .source = "stepback",
                       .text = fmt::format("{} {}: {}", entry.kind, entry.actor, entry.text),
                       .is_error = error});
    }
    if (entries.size() < page) break;
  }
  if (lines.size() > query.limit)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(query.limit));
  return lines;
}

Result<JournalEntry> Inspection::tick(const Environment& environment, Box box,
                                      const std::string& by) {
  const auto newest = TRY(ledger_.rollbacks({.environment = environment, .limit = 1}));
  if (newest.empty())
    return fail(Code::not_found, "no rollback is on record in " + environment.name);
  auto entry = TRY(stepback::tick(newest.front(), box, by, clock_.now()));
  TRY(store_.commit(Commit{.journal = {entry}}));
  return entry;
}

Result<std::vector<JournalEntry>> Inspection::ticks(const RollbackId& rollback) {
  std::vector<JournalEntry> all;
  for (auto& stored : TRY(ledger_.journal(rollback)))
    if (stored.entry.kind == tick_kind) all.push_back(std::move(stored.entry));
  return all;
}

Result<Notice> Inspection::resend(const RollbackId& id, const std::string& by) {
  const auto rollback = TRY(store_.rollback(id));
  const auto head = TRY(store_.head(rollback.environment));
  const auto& rejected = rollback.rejected;
  auto notice = tell_again(rollback, hold_on(head, rejected.version, rejected.digest) != nullptr,
                           clock_.now());
  Commit commit;
  commit.notices.push_back(notice);
  commit.journal.push_back({.environment = rollback.environment,
                            .at = clock_.now(),
                            .kind = "notice.resent",
                            .actor = by,
                            .rollback = id,
                            .deployment = {},
                            .text = std::string(name_of(notice.kind)) + " is told again",
                            .facts = {{"notice", notice.key}}});
  TRY(store_.commit(commit));
  return notice;
}

Result<CheckupFacts> Inspection::checkup(const Environment& environment, DiagnosisFacts diagnosis) {
  CheckupFacts facts{.diagnosis = std::move(diagnosis)};
  facts.wires = looking_.wiring.look_at_wiring(environment);
  facts.drift = TRY(drift(environment));
  const auto now = clock_.now();
  for (auto& line : TRY(own_lines({.environment = environment,
                                   .since = now - hours(1),
                                   .until = now + Duration(1),
                                   .errors_only = true})))
    facts.complaints.push_back(std::move(line.text));
  const auto rules = looking_.shelf.rules(environment);
  facts.retention = rules ? KeptFor{.looked = true,
                                    .keeps_deleted = rules->keeps_deleted,
                                    .kept = rules->kept_for,
                                    .detail = rules->detail}
                          : KeptFor{.kept = {}, .detail = rules.error().message};
  facts.unread_secrets = settings_.unread_secrets;
  if (looking_.repository.has_sources(environment)) facts.sources_known = true;
  return facts;
}

}  // namespace stepback
