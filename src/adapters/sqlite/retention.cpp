// SPDX-License-Identifier: Apache-2.0
// The retention of SqliteStore: what may go goes in small transactions, each with an entry in the
// journal of every environment it took something from, naming what went.
#include <map>
#include <unordered_set>

#include "adapters/sqlite/inside.hpp"
#include "domain/retention.hpp"

namespace stepback {
namespace sqlite {
namespace {

constexpr std::size_t most_at_once = 500;  // others want to write too

using Kept = std::unordered_set<std::string>;

struct Victim {
  std::string key;
  std::string environment;
  Mark mark;
};

template <class Id>
void keep(Kept& kept, const std::optional<Id>& id) {
  if (id) kept.insert(id->text);
}

class Retention {
 public:
  Retention(Book& book, Instant before, int keep_good)
      : book_(&book), before_(before), keep_good_(keep_good) {}

  // How many records went; most_at_once means that there may be more.
  Result<std::size_t> take_some() {
    TRY(read_what_is_open());
    TRY(keep_newest_good());
    TRY(take_deployments());
    TRY(take_rollbacks());
    TRY(take_triggers());
    TRY(take_notices());
    TRY(write_entries());
    return taken_;
  }

 private:
  Database& database() { return book_->database(); }

  Result<> read_what_is_open();
  Result<> keep_newest_good();
  Result<> take_deployments();
  Result<> take_rollbacks();
  Result<> take_triggers();
  Result<> take_notices();
  Result<> write_entries();

  // Of the rows (key, environment, revision, digest), oldest first, those that nothing keeps.
  Result<std::vector<Victim>> pick(std::string_view sql, std::string_view kind, const Kept& kept);
  Result<> remove(std::string_view sql, const std::vector<Victim>& victims,
                  std::size_t Gone::* count);

  Book* book_;
  Instant before_;
  int keep_good_;
  Kept deployments_;
  Kept rollbacks_;
  std::map<std::string, Gone> gone_;  // by environment
  std::size_t taken_ = 0;
};

// Everything that a head, an active rollback or an unfinished deployment names.
Result<> Retention::read_what_is_open() {
  auto head_rows = TRY(database().query("SELECT document, digest FROM heads"));
  for (const auto& head : TRY(read_all<Head>("a head", head_rows))) {
    keep(deployments_, head.current);
    if (head.live) deployments_.insert(head.live->deployment.text);
    keep(rollbacks_, head.slot);
    if (head.waiting) rollbacks_.insert(head.waiting->rollback.text);
    for (const auto& hold : head.holds) keep(rollbacks_, hold.rollback);
  }
  auto rollback_rows = TRY(database().query(
      "SELECT document, digest FROM rollbacks INDEXED BY rollbacks_active WHERE active = 1"));
  for (const auto& rollback : TRY(read_all<Rollback>("a rollback", rollback_rows))) {
    keep(rollbacks_, rollback.handed_to);
    for (const auto& id : rollback.took_over) rollbacks_.insert(id.text);
    deployments_.insert(rollback.rejected.deployment.text);
    for (const auto& lane : rollback.lanes) {
      deployments_.insert(lane.deployment.text);
      deployments_.insert(lane.from.deployment.text);
      if (lane.target) deployments_.insert(lane.target->release.deployment.text);
    }
  }
  auto deployment_rows =
      TRY(database().query("SELECT document, digest FROM deployments WHERE unfinished = 1"));
  for (const auto& deployment : TRY(read_all<Deployment>("a deployment", deployment_rows))) {
    if (deployment.predecessor) deployments_.insert(deployment.predecessor->deployment.text);
    keep(deployments_, deployment.replaces);
    keep(deployments_, deployment.restores);
  }
  return {};
}

Result<> Retention::keep_newest_good() {
  std::string environment;
  for (;;) {
    // The next name by the index, so that a long history is not walked for a few names.
    environment =
        TRY(database().word("SELECT environment FROM deployments WHERE environment > ?"
                            " ORDER BY environment LIMIT 1",
                            {environment}));
    if (environment.empty()) return {};
    auto rows = TRY(
        database().query("SELECT id FROM deployments WHERE environment = ? AND status = 'succeeded'"
                         " AND unfinished = 0 ORDER BY sequence DESC LIMIT ?",
                         {environment, std::max(keep_good_, 0)}));
    while (TRY(rows.next())) deployments_.insert(rows.text(0));
  }
}

Result<std::vector<Victim>> Retention::pick(std::string_view sql, std::string_view kind,
                                            const Kept& kept) {
  std::vector<Victim> victims;
  auto rows = TRY(database().query(sql, {before_}));
  while (taken_ + victims.size() < most_at_once && TRY(rows.next())) {
    const std::string key = rows.text(0);
    if (kept.contains(key)) continue;
    victims.push_back({.key = key,
                       .environment = rows.text(1),
                       .mark = {std::string(kind) + "/" + key, rows.count(2), rows.text(3)}});
  }
  return victims;
}

Result<> Retention::remove(std::string_view sql, const std::vector<Victim>& victims,
                           std::size_t Gone::* count) {
  for (const auto& victim : victims) {
    TRY(database().run(sql, {victim.key}));
    book_->removed(victim.mark);
    Gone& gone = gone_[victim.environment];
    ++(gone.*count);
    gone.records.push_back(victim.mark.record);
    ++taken_;
  }
  return {};
}

Result<> Retention::take_deployments() {
  const auto victims =
      TRY(pick("SELECT id, environment, revision, digest FROM deployments"
               " WHERE unfinished = 0 AND ended_at < ? ORDER BY ended_at",
               "deployment", deployments_));
  return remove("DELETE FROM deployments WHERE id = ?", victims, &Gone::deployments);
}

// A deployment that stays keeps its rollback.
Result<> Retention::take_rollbacks() {
  const auto victims =
      TRY(pick("SELECT id, environment, revision, digest FROM rollbacks"
               " WHERE active = 0 AND ended_at < ? AND NOT EXISTS (SELECT 1 FROM deployments"
               " WHERE deployments.rollback = rollbacks.id) ORDER BY ended_at",
               "rollback", rollbacks_));
  return remove("DELETE FROM rollbacks WHERE id = ?", victims, &Gone::rollbacks);
}

Result<> Retention::take_triggers() {
  const auto victims =
      TRY(pick("SELECT key, coalesce(environment, ''), 1, digest FROM triggers"
               " WHERE received_at < ? AND NOT EXISTS (SELECT 1 FROM rollbacks"
               " WHERE rollbacks.id = triggers.rollback) ORDER BY received_at",
               "trigger", {}));
  return remove("DELETE FROM triggers WHERE key = ?", victims, &Gone::triggers);
}

Result<> Retention::take_notices() {
  const auto victims =
      TRY(pick("SELECT key, document ->> 'environment', 1, digest FROM outbox"
               " WHERE closed = 1 AND at < ? ORDER BY at",
               "notice", {}));
  return remove("DELETE FROM outbox WHERE key = ?", victims, &Gone::notices);
}

Result<> Retention::write_entries() {
  for (const auto& [environment, gone] : gone_) {
    const auto entry = expiry_entry({environment}, gone, before_);
    TRY(book_->append({entry.environment, "", to_document(entry)}, {}, gone.records));
  }
  return {};
}

}  // namespace
}  // namespace sqlite

Result<std::uint64_t> SqliteStore::expire(Instant before, int keep_good) {
  if (!inside_->writer) {
    return fail(Code::denied, "store " + inside_->options.path + " may only be read here");
  }
  std::uint64_t all = 0;
  std::size_t taken = sqlite::most_at_once;
  const sqlite::Work work{.check = [](sqlite::Book&) { return Result<>(); },
                          .write = [&](sqlite::Book& book) -> Result<> {
                            sqlite::Retention retention(book, before, keep_good);
                            taken = TRY(retention.take_some());
                            return {};
                          }};
  while (taken >= sqlite::most_at_once) {
    TRY(inside_->writer->run(work));
    all += taken;
  }
  return all;
}

}  // namespace stepback
